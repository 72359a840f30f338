/**
 * One head's attention, large: queries downwards, keys across, tokens on both axes. The pointer or the arrow keys move
 * the cell that is read out; a click or Enter picks it. Above the diagonal nothing is drawn: those cells are masked.
 */
import { useEffect, useRef, type KeyboardEvent, type PointerEvent } from "react";
import type { TokenLabel } from "../ui/token-text.ts";
import { readByPointer } from "../ui/pointer.ts";
import { useRem } from "../ui/use-rem.ts";
import { useRoomBelow } from "../ui/use-room.ts";
import { useSize } from "../ui/use-size.ts";
import { cellAt, moveCell, type PatternCell } from "./attention.ts";
import { patternSide, shorten, textColumns, visibleLabels } from "./attention-axis.ts";
import { type HeatmapPaint, useHeatmap } from "./use-heatmap.ts";

export interface AttentionHeatmapProps {
  /** [query, key] */
  values_QK: Float32Array;
  tokens: readonly TokenLabel[];
  /** "head L2H5": for assistive technology */
  name: string;
  paint: HeatmapPaint;
  /** The selected query. */
  position: number | null;
  cell: PatternCell | null;
  /** Whether the read-out stays at `cell`. */
  locked: boolean;
  onCell: (cell: PatternCell | null) => void;
  onPick: (cell: PatternCell) => void;
  /** Takes the focus if nothing else has it. */
  takeFocus: boolean;
}

const LABEL_COLUMNS = 11; // longest label, in characters
const TILT = 50; // degrees, of the labels on top
const BELOW = 2.25; // rem of frame and margin under the pattern

export function AttentionHeatmap(props: AttentionHeatmapProps) {
  const root = useRef<HTMLDivElement>(null);
  const size = useSize(root);
  const below = useRoomBelow(root);
  return (
    <div ref={root} className="heatmap-room">
      {size && size.width > 0 && <Heatmap {...props} room={size.width} below={below} />}
    </div>
  );
}

function Heatmap(props: AttentionHeatmapProps & { room: number; below: number | null }) {
  const { values_QK, tokens, name, paint, position, cell, locked, room, below } = props;
  const { onCell, onPick, takeFocus } = props;
  const n = tokens.length;
  const canvas = useRef<HTMLCanvasElement>(null);
  useHeatmap(canvas, values_QK, n, paint);
  const focus = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (takeFocus && document.activeElement === document.body) {
      focus.current?.focus({ preventScroll: true });
    }
  }, [takeFocus]);

  const rem = useRem(1);
  const labels = tokens.map(({ text }) => shorten(text, LABEL_COLUMNS));
  const longest = labels.reduce((most, label) => Math.max(most, textColumns(label)), 1);
  const column = 0.47 * rem; // width of a character at the labels' size
  const left = longest * column + 10;
  const top = longest * column * Math.sin((TILT * Math.PI) / 180) + 16;
  const right = Math.min(longest * column * Math.cos((TILT * Math.PI) / 180), left);
  const side = patternSide({
    tokens: n,
    rem,
    width: room - left - right,
    height: below === null ? null : below - top - BELOW * rem,
  });
  const step = side / n;
  const pinned = [position, cell?.q].filter((i) => i !== null && i !== undefined);
  const pinnedKeys = cell ? [cell.k] : [];

  const pointing = readByPointer(
    ({ nativeEvent: e }: PointerEvent) => onCell(cellAt(e.offsetX, e.offsetY, side, n)),
    () => onCell(null),
  );
  const onKeyDown = (e: KeyboardEvent) => {
    const from = cell ?? { q: position ?? n - 1, k: position ?? n - 1 };
    const to = moveCell(from, e.key, n);
    if (to) onCell(to);
    else if (e.key === "Enter" || e.key === " ") onPick(from);
    else return;
    e.preventDefault();
  };

  return (
    <div className="heatmap" style={{ width: left + side + right, height: top + side + 2 }}>
      <canvas
        ref={canvas}
        width={n}
        height={n}
        style={{ left, top, width: side, height: side }}
        {...pointing}
        onClick={({ nativeEvent: e }) => {
          const clicked = cellAt(e.offsetX, e.offsetY, side, n);
          if (clicked) onPick(clicked);
        }}
      />
      <svg width={left + side + right} height={top + side + 2} aria-hidden="true">
        <path className="heatmap-edge" d={diagonal(left, top, step, n)} />
        {visibleLabels(n, step, 0.875 * rem, pinned).map((q) => (
          <text
            key={`q${q}`}
            className={`axis-label ${q === position ? "selected" : ""} ${q === cell?.q ? "pointed" : ""}`}
            x={left - 6}
            y={top + (q + 0.5) * step}
            dy="0.35em"
            textAnchor="end"
          >
            {labels[q]}
          </text>
        ))}
        {visibleLabels(n, step, 0.95 * rem, pinnedKeys).map((k) => (
          <text
            key={`k${k}`}
            className={`axis-label ${k === cell?.k ? "pointed" : ""}`}
            transform={`translate(${left + (k + 0.5) * step + 3},${top - 6}) rotate(-${TILT})`}
          >
            {labels[k]}
          </text>
        ))}
        {position !== null && position < n && (
          <rect
            className="row-selected"
            x={left}
            y={top + position * step}
            width={(position + 1) * step}
            height={step}
          />
        )}
        {cell && cell.q < n && cell.k < n && (
          <rect
            className={locked ? "cell-pointed locked" : "cell-pointed"}
            x={left + cell.k * step}
            y={top + cell.q * step}
            width={step}
            height={step}
          />
        )}
      </svg>
      <div
        ref={focus}
        className="heatmap-focus"
        style={{ left, top, width: side, height: side }}
        tabIndex={0}
        role="img"
        aria-label={`Attention pattern of ${name}, ${n} queries by ${n} keys. Arrow keys move the cell, Enter locks it.`}
        onKeyDown={onKeyDown}
      />
    </div>
  );
}

/** The staircase between what is computed and what is masked. */
function diagonal(left: number, top: number, step: number, n: number): string {
  let path = `M${left},${top}H${left + step}`;
  for (let i = 1; i < n; i++) path += `V${top + i * step}H${left + (i + 1) * step}`;
  return `${path}V${top + n * step}H${left}Z`;
}
