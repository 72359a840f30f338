/**
 * A circuit as a graph: heads, MLPs, the input and the logits, with an edge for what each reads of the others. Line widths say how
 * large an effect is; blue lines help, dashed vermilion ones work against it. Where it is edited a node is dragged to pin it; drag
 * the ground to move everything, zoom with Ctrl and the wheel, two fingers, the buttons or + and −. Arrow keys walk from node to node, E along a
 * node's edges; G goes on to the name of a group of what is marked, Ctrl+Z takes a change back.
 */
import { select, zoom, zoomIdentity, type ZoomBehavior } from "d3";
import { useEffect, useMemo, useRef, useState, type KeyboardEvent, type PointerEvent } from "react";
import { IconButton } from "../ui/button.tsx";
import { undoKey } from "../ui/undo-key.ts";
import type { CircuitLayout, DrawnEdge, DrawnNode } from "./circuit-layout.ts";
import { CircuitNode } from "./circuit-node.tsx";
import { nodeBeside } from "./node-beside.ts";
import "./circuit-graph.css";

export interface GraphChoice {
  kind: "node" | "edge";
  id: string;
}
export interface CircuitGraphProps {
  layout: CircuitLayout;
  name: string;
  /** Of a metric that is better when it is small the signs mean the opposite. */
  helps: (score: number) => boolean;
  choice: GraphChoice | null;
  onChoose: (choice: GraphChoice | null) => void;
  /** Enter, or a click: shows it elsewhere too. */
  onOpen: (choice: GraphChoice) => void;
  /** Nodes with a thick border, such as those of a published circuit. */
  bold?: readonly string[];
  /** null: it is only looked at. */
  editing: GraphEditing | null;
  edgeWords: (edge: DrawnEdge) => string;
  nodeWords: (node: DrawnNode) => string;
}
export interface GraphEditing {
  /** Nodes that are marked, to be put into one group. */
  marked: readonly string[];
  onMark: (id: string) => void;
  onRemove: (choice: GraphChoice) => void;
  onHide: (id: string) => void;
  /** G: what is marked is to be named. */
  onGroup: () => void;
  onStep: (way: "undo" | "redo") => void;
  /** Where a node was put, as shares of the drawing; null: where the layout has it. */
  onPin: (id: string, at: readonly [number, number] | null) => void;
}
const ZOOM = [0.4, 6] as const;
const STEP = 12; // px that Shift and an arrow key move a node by
const DRAGGED = 4; // px from which on a press is a drag

export function CircuitGraph(props: CircuitGraphProps) {
  const { layout, name, choice, onChoose, onOpen, editing } = props;
  const { nodes, edges, width, height } = layout;
  const svg = useRef<SVGSVGElement>(null);
  const behaviour = useRef<ZoomBehavior<SVGSVGElement, unknown> | null>(null);
  const [transform, setTransform] = useState(zoomIdentity);
  const [pointed, setPointed] = useState<GraphChoice | null>(null);
  const [drag, setDrag] = useState<{ id: string; x: number; y: number } | null>(null);
  const byId = useMemo(() => new Map(nodes.map((node) => [node.id, node])), [nodes]);
  const asked = pointed ?? choice;
  const isThere =
    asked?.kind === "node" ? byId.has(asked.id) : edges.some(({ id }) => id === asked?.id);
  const shown = isThere ? asked : null; // an undone change may have taken it away

  useEffect(() => {
    const element = svg.current!;
    const own = zoom<SVGSVGElement, unknown>()
      .scaleExtent([...ZOOM])
      .filter((event: Event) => {
        if (event.type === "wheel") return (event as WheelEvent).ctrlKey;
        if (event.type.startsWith("touch")) return (event as TouchEvent).touches.length > 1;
        return (
          !(event.target as Element).closest(".circuit-node") && (event as MouseEvent).button === 0
        );
      })
      .on("zoom", (event: { transform: typeof zoomIdentity }) => setTransform(event.transform));
    behaviour.current = own;
    select(element).call(own).on("dblclick.zoom", null);
    return () => void select(element).on(".zoom", null);
  }, []);
  const zoomBy = (factor: number) => behaviour.current?.scaleBy(select(svg.current!), factor);
  const zoomOut = () => behaviour.current?.transform(select(svg.current!), zoomIdentity);

  /** What was walked to is not left outside of what is zoomed into. */
  const bringIn = ({ x, y }: DrawnNode) => {
    const [atX, atY] = transform.apply([x, y]);
    if (atX >= 0 && atX <= width && atY >= 0 && atY <= height) return;
    behaviour.current?.translateTo(select(svg.current!), x, y);
  };

  const near = useMemo(() => (shown ? touched(layout, shown) : null), [layout, shown]);
  const clamp = (value: number) => Math.min(0.99, Math.max(0.01, value));
  const pin = (id: string, x: number, y: number) =>
    editing?.onPin(id, [clamp(x / width), clamp(y / height)]);

  const onKeyDown = (e: KeyboardEvent) => {
    const step = editing && undoKey(e);
    if (step) {
      e.preventDefault();
      editing.onStep(step);
    }
    if (e.ctrlKey || e.metaKey || e.altKey) return;
    const letter = e.key.toLowerCase();
    setPointed(null); // the keys speak of what they choose, wherever the pointer rests
    const node = byId.get(choice?.kind === "node" ? choice.id : "") ?? null;
    const edge = choice?.kind === "edge" ? edges.find(({ id }) => id === choice.id) : undefined;
    const from = node ?? byId.get(edge?.to ?? "") ?? nodes.at(-1);
    if (e.key.startsWith("Arrow")) {
      if (e.shiftKey && node) {
        const by = { ArrowUp: [0, -STEP], ArrowDown: [0, STEP], ArrowLeft: [-STEP, 0] }[e.key] ?? [
          STEP,
          0,
        ];
        pin(node.id, node.x + by[0]!, node.y + by[1]!);
      } else if (from) {
        const next = choice ? (edge ? from : nodeBeside(nodes, from, e.key)) : from;
        if (next) {
          onChoose({ kind: "node", id: next.id });
          bringIn(next);
        }
      }
    } else if (letter === "e") {
      const at = edge ? lastNode.current : (node?.id ?? null);
      const own = [...edges].reverse().filter(({ from: a, to: b }) => a === at || b === at);
      if (own.length === 0) return;
      lastNode.current = at;
      const index = edge ? own.findIndex(({ id }) => id === edge.id) : -1;
      const next = own[(index + (e.shiftKey && index >= 0 ? own.length - 1 : 1)) % own.length]!;
      onChoose({ kind: "edge", id: next.id });
    } else if (e.key === "+" || e.key === "=") zoomBy(1.25);
    else if (e.key === "-") zoomBy(0.8);
    else if (e.key === "0") zoomOut();
    else if (e.key === "Escape") onChoose(null);
    else if (letter === "g" && editing) editing.onGroup();
    else if (!choice) return;
    else if (e.key === "Enter") onOpen(choice);
    else if (!editing) return;
    else if (e.key === "Delete" || e.key === "Backspace") editing.onRemove(choice);
    else if (!node) return;
    else if (e.key === " ") editing.onMark(node.id);
    else if (letter === "h") editing.onHide(node.id);
    else if (letter === "p") editing.onPin(node.id, null);
    else return;
    e.preventDefault();
  };
  const lastNode = useRef<string | null>(null);

  const press = (node: DrawnNode) => (e: PointerEvent<SVGGElement>) => {
    if (e.button !== 0) return;
    const start = { x: e.clientX, y: e.clientY };
    const element = e.currentTarget;
    let to: { x: number; y: number } | null = null;
    const move = (now: globalThis.PointerEvent) => {
      const [dx, dy] = [now.clientX - start.x, now.clientY - start.y];
      if (!editing || (!to && Math.hypot(dx, dy) < DRAGGED)) return;
      to = { x: node.x + dx / transform.k, y: node.y + dy / transform.k };
      setDrag({ id: node.id, ...to });
    };
    const end = (now: globalThis.PointerEvent) => {
      element.removeEventListener("pointermove", move);
      element.removeEventListener("pointerup", end);
      element.removeEventListener("pointercancel", end);
      setDrag(null);
      if (to && now.type === "pointerup") pin(node.id, to.x, to.y);
      else if (now.type === "pointerup") {
        if (editing && (now.shiftKey || now.ctrlKey || now.metaKey)) editing.onMark(node.id);
        else {
          onChoose({ kind: "node", id: node.id });
          onOpen({ kind: "node", id: node.id });
        }
      }
    };
    if (e.pointerType !== "touch") element.setPointerCapture(e.pointerId);
    element.addEventListener("pointermove", move);
    element.addEventListener("pointerup", end);
    element.addEventListener("pointercancel", end);
  };

  const words =
    shown?.kind === "node"
      ? props.nodeWords(byId.get(shown.id)!)
      : shown
        ? edges.filter(({ id }) => id === shown.id).map(props.edgeWords)[0]
        : null;
  return (
    <div className="circuit-graph">
      <div className="circuit-zoom">
        <IconButton icon="plus" label="Zoom in" onClick={() => zoomBy(1.25)} />
        <IconButton icon="minus" label="Zoom out" onClick={() => zoomBy(0.8)} />
        <IconButton
          icon="back"
          label="Show all of it"
          onClick={zoomOut}
          disabled={transform === zoomIdentity}
        />
      </div>
      <div
        className="circuit-focus"
        tabIndex={0}
        role="img"
        aria-label={`${name}: ${nodes.length} nodes, ${edges.length + layout.left} edges. ${words ?? "Arrow keys walk from node to node."}`}
        onKeyDown={onKeyDown}
      >
        <svg
          ref={svg}
          width={width}
          height={height}
          viewBox={`0 0 ${width} ${height}`}
          aria-hidden="true"
        >
          <rect className="circuit-ground" width={width} height={height} />
          <g transform={transform.toString()}>
            {edges.map((edge) => (
              <g
                key={edge.id}
                className="circuit-edge"
                onPointerEnter={() => setPointed({ kind: "edge", id: edge.id })}
                onPointerLeave={() => setPointed(null)}
                onClick={() => {
                  onChoose({ kind: "edge", id: edge.id });
                  onOpen({ kind: "edge", id: edge.id });
                }}
              >
                <path
                  className={`line ${edge.score === null ? "unknown" : props.helps(edge.score) ? "helps" : "hurts"} ${near ? (near.edges.has(edge.id) ? "near" : "far") : ""}`}
                  d={edge.path}
                  strokeWidth={edge.width}
                />
                <path className="reach" d={edge.path} />
              </g>
            ))}
            {nodes.map((node) => (
              <CircuitNode
                key={node.id}
                node={drag?.id === node.id ? { ...node, ...drag } : node}
                state={`${choice?.kind === "node" && choice.id === node.id ? "chosen" : ""} ${editing?.marked.includes(node.id) ? "marked" : ""} ${props.bold?.includes(node.id) ? "bold" : ""} ${near && !near.nodes.has(node.id) ? "far" : ""}`}
                onPress={press(node)}
                onPoint={(on) => setPointed(on ? { kind: "node", id: node.id } : null)}
              />
            ))}
          </g>
        </svg>
      </div>
      <p className="readout" aria-live="polite">
        {words ?? "Point at a node or an edge to read it; arrow keys walk from node to node."}
      </p>
    </div>
  );
}

/** The chosen one with what it is joined to. */
function touched({ edges }: CircuitLayout, { kind, id }: GraphChoice) {
  const own = edges.filter((edge) =>
    kind === "edge" ? edge.id === id : edge.from === id || edge.to === id,
  );
  const nodes = new Set(own.flatMap(({ from, to }) => [from, to]));
  if (kind === "node") nodes.add(id);
  return { edges: new Set(own.map((edge) => edge.id)), nodes };
}
