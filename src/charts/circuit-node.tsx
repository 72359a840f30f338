/** A node of a circuit's graph: a head with what of it reads, an MLP, a group, the input or the logits. */
import type { PointerEvent } from "react";
import { useRem } from "../ui/use-rem.ts";
import { type DrawnNode, portX } from "./circuit-layout.ts";

interface NodeProps {
  node: DrawnNode;
  state: string;
  onPress: (e: PointerEvent<SVGGElement>) => void;
  onPoint: (on: boolean) => void;
}
export function CircuitNode({ node, state, onPress, onPoint }: NodeProps) {
  const { kind, label, width, height, channels } = node;
  const rem = useRem(1);
  const radius = kind === "head" ? height / 2 : kind === "group" ? 0.6 * rem : 2;
  return (
    <g
      className={`circuit-node ${kind} ${state}`}
      transform={`translate(${node.x.toFixed(1)},${node.y.toFixed(1)})`}
      onPointerDown={onPress}
      onPointerEnter={() => onPoint(true)}
      onPointerLeave={() => onPoint(false)}
    >
      {kind === "input" || kind === "logits" ? (
        <path className="shape" d={slanted(width, height, kind === "input" ? 1 : -1)} />
      ) : (
        <rect
          className="shape"
          x={-width / 2}
          y={-height / 2}
          width={width}
          height={height}
          rx={radius}
        />
      )}
      {kind === "group" && (
        <rect
          className="inner"
          x={-width / 2 + 3}
          y={-height / 2 + 3}
          width={width - 6}
          height={height - 6}
          rx={radius - 3}
        />
      )}
      <text className="label" textAnchor="middle" y={kind === "head" ? -0.05 * rem : 0.28 * rem}>
        {label}
      </text>
      {kind === "head" &&
        channels.map((channel) => (
          <text
            key={channel}
            className="port"
            textAnchor="middle"
            x={portX({ x: 0, width }, channel)}
            y={0.75 * rem}
          >
            {channel}
          </text>
        ))}
      {node.pinned && <circle className="pin" cx={width / 2 - 3} cy={-height / 2 + 3} r={2.5} />}
    </g>
  );
}

/** A rectangle narrower at the top (1) or at the foot (−1). */
function slanted(width: number, height: number, way: 1 | -1): string {
  const [x, y, s] = [width / 2, height / 2, height / 3];
  const [top, foot] = way > 0 ? [x - s, x] : [x, x - s];
  return `M${-foot},${y} L${foot},${y} L${top},${-y} L${-top},${-y} Z`;
}
