/** Every head's pattern as a thumbnail: layers downwards, heads across. One stop for Tab; arrow keys move between heads. */
import { memo, useMemo, useRef, useState, type KeyboardEvent, type PointerEvent } from "react";
import type { TensorData } from "../core/types.ts";
import { useRamp, type Ramp } from "../ui/ramp.ts";
import { cellAt, headName, headPattern, patternDims, type PatternCell } from "./attention.ts";
import { useHeatmap } from "./use-heatmap.ts";

export interface HeadCell {
  layer: number;
  head: number;
  /** null when the head has the focus but no cell is pointed at */
  cell: PatternCell | null;
}
export interface AttentionGridProps {
  pattern: TensorData; // [layer, head, T, T]
  skipFirst: boolean;
  onOpen: (head: { layer: number; head: number }) => void;
  /** What is under the pointer, or has the focus; null when neither. */
  onPoint: (at: HeadCell | null) => void;
}

const MOVES: Readonly<Record<string, readonly [number, number]>> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
};

export function AttentionGrid({ pattern, skipFirst, onOpen, onPoint }: AttentionGridProps) {
  const { layers, heads, tokens } = patternDims(pattern);
  const ramp = useRamp("attention");
  const root = useRef<HTMLDivElement>(null);
  const [stop, setStop] = useState(0); // the thumbnail that Tab reaches
  const current = Math.min(stop, layers * heads - 1);

  const onKeyDown = (e: KeyboardEvent) => {
    const move = MOVES[e.key];
    if (!move) return;
    e.preventDefault();
    const layer = Math.floor(current / heads) + move[0];
    const head = (current % heads) + move[1];
    if (layer < 0 || layer >= layers || head < 0 || head >= heads) return;
    const thumbs = root.current?.querySelectorAll<HTMLElement>("button");
    thumbs?.[layer * heads + head]?.focus();
  };

  const columns = Array.from({ length: heads }, (_, head) => head);
  return (
    <div
      ref={root}
      className="attention-grid"
      style={{ "--heads": heads, "--layers": layers } as React.CSSProperties}
      role="group"
      aria-label={`Attention patterns of ${layers} layers of ${heads} heads`}
      onKeyDown={onKeyDown}
      onPointerLeave={() => onPoint(null)}
    >
      <span className="axis-name" aria-hidden="true" />
      {columns.map((head) => (
        <span key={head} className="grid-label" aria-hidden="true">
          H{head}
        </span>
      ))}
      {Array.from({ length: layers }, (_, layer) => [
        <span key={`label-${layer}`} className="grid-label layer" aria-hidden="true">
          L{layer}
        </span>,
        ...columns.map((head) => (
          <Thumbnail
            key={`${layer}.${head}`}
            pattern={pattern}
            layer={layer}
            head={head}
            tokens={tokens}
            ramp={ramp}
            skipFirst={skipFirst}
            isStop={layer * heads + head === current}
            onOpen={() => onOpen({ layer, head })}
            onFocus={() => {
              setStop(layer * heads + head);
              onPoint({ layer, head, cell: null });
            }}
            onCell={(cell) => onPoint({ layer, head, cell })}
          />
        )),
      ])}
    </div>
  );
}

interface ThumbnailProps {
  pattern: TensorData;
  layer: number;
  head: number;
  tokens: number;
  ramp: Ramp;
  skipFirst: boolean;
  isStop: boolean;
  onOpen: () => void;
  onFocus: () => void;
  onCell: (cell: PatternCell | null) => void;
}
/** The callbacks change with every render but mean the same for the same head, so they do not count. */
const same = (a: ThumbnailProps, b: ThumbnailProps) =>
  a.pattern === b.pattern &&
  a.ramp === b.ramp &&
  a.skipFirst === b.skipFirst &&
  a.isStop === b.isStop;

const Thumbnail = memo(function Thumbnail(props: ThumbnailProps) {
  const { pattern, layer, head, tokens, ramp, skipFirst, isStop, onOpen, onFocus, onCell } = props;
  const canvas = useRef<HTMLCanvasElement>(null);
  const pattern_QK = useMemo(() => headPattern(pattern, layer, head), [pattern, layer, head]);
  useHeatmap(canvas, pattern_QK, tokens, ramp, skipFirst);
  const onPointerMove = ({ nativeEvent: e, currentTarget }: PointerEvent<HTMLCanvasElement>) =>
    onCell(cellAt(e.offsetX, e.offsetY, currentTarget.clientWidth, tokens));
  return (
    <button
      type="button"
      className="thumbnail"
      tabIndex={isStop ? 0 : -1}
      aria-label={`Head ${headName({ layer, head })}`}
      onClick={onOpen}
      onFocus={onFocus}
    >
      <canvas
        ref={canvas}
        width={tokens}
        height={tokens}
        className={tokens > 40 ? "smooth" : undefined}
        onPointerMove={onPointerMove}
      />
    </button>
  );
}, same);
