/**
 * Any numbers by row and column: colours on a canvas, names on both axes, texts in the cells where there is room. The pointer
 * or the arrow keys move the cell that is read out; a click or Enter selects it.
 */
import { memo, useLayoutEffect, useRef, type KeyboardEvent, type PointerEvent } from "react";
import { readByPointer } from "../ui/pointer.ts";
import { type RampName, useRamp } from "../ui/ramp.ts";
import { useRem } from "../ui/use-rem.ts";
import { useSize } from "../ui/use-size.ts";
import { shorten, textColumns, visibleLabels } from "./attention-axis.ts";
import {
  isDark,
  type MatrixCell,
  matrixCellAt,
  matrixRgba,
  type MatrixScale,
  moveMatrixCell,
  rampStep,
} from "./matrix-cells.ts";

export interface MatrixProps {
  /** [rows, columns]; NaN where there is nothing to say */
  values: Float32Array;
  rows: readonly string[];
  columns: readonly string[];
  ramp: RampName;
  scale: MatrixScale;
  /** "Norms of the residual stream": for assistive technology. */
  name: string;
  /** What a cell says, for assistive technology: the words of the read-out. */
  cellWords: (cell: MatrixCell) => string;
  /** A short text in the cell, where there is room. */
  cellText?: (cell: MatrixCell) => string;
  /** The cell that is read out. Several matrices may share one. */
  cell: MatrixCell | null;
  onCell: (cell: MatrixCell | null) => void;
  onSelect?: (cell: MatrixCell) => void;
  /** The row and the column that are selected elsewhere. */
  selectedRow?: number | null;
  selectedColumn?: number | null;
  /** The one cell that is. */
  selectedCell?: MatrixCell | null;
  /** Cells that were chosen, each with a frame. */
  chosen?: readonly MatrixCell[];
  /** Least width of a cell, in rem: below it the chart scrolls. @default 0.5, with texts 3.5 */
  leastWidth?: number;
  /** Most. @default 2.5, with texts 6 */
  mostWidth?: number;
}

const LABEL_COLUMNS = 14; // longest name, in characters
const TILT = 50; // degrees, of the names on top
const TEXTS_MOST = 3000; // cells with a text each

export function Matrix(props: MatrixProps) {
  const root = useRef<HTMLDivElement>(null);
  const size = useSize(root);
  return (
    <div ref={root} className="matrix-room">
      {size && size.width > 0 && <Drawing {...props} room={size.width} />}
    </div>
  );
}

function Drawing(props: MatrixProps & { room: number }) {
  const { values, rows, columns, scale, name, cellWords, cellText, cell, room } = props;
  const { onCell, onSelect, selectedRow = null, selectedColumn = null, selectedCell } = props;
  const R = rows.length;
  const C = columns.length;
  const canvas = useRef<HTMLCanvasElement>(null);
  const ramp = useRamp(props.ramp);
  useLayoutEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (!context || R * C === 0) return;
    context.putImageData(new ImageData(matrixRgba(values, ramp, scale), C, R), 0, 0);
  }, [values, ramp, scale, R, C]);

  const rem = useRem(1);
  const character = 0.47 * rem; // width at the labels' size
  const cut = (label: string) => shorten(label, LABEL_COLUMNS);
  const longest = (labels: readonly string[]) =>
    labels.reduce((most, label) => Math.max(most, textColumns(cut(label))), 1) * character;
  const left = longest(rows) + 10;
  const tilted = longest(columns);
  const top = tilted * Math.sin((TILT * Math.PI) / 180) + 16;
  const right = tilted * Math.cos((TILT * Math.PI) / 180);
  const least = (props.leastWidth ?? (cellText ? 3.5 : 0.5)) * rem;
  const most = (props.mostWidth ?? (cellText ? 6 : 2.5)) * rem;
  const width = Math.max(least, Math.min(most, (room - left - right) / Math.max(1, C)));
  const height = Math.max(0.3, Math.min(1.5, 36 / Math.max(1, R))) * rem;
  const all = { width: left + C * width + right, height: top + R * height + 2 };
  const texts = cellText && width >= 2 * rem && height >= 0.9 * rem && R * C <= TEXTS_MOST;
  const inside = cell && cell.row < R && cell.column < C ? cell : null;

  // The column that is selected is not left outside.
  const start = selectedColumn === null ? null : left + selectedColumn * width;
  useLayoutEffect(() => {
    const box = canvas.current?.closest(".matrix-room");
    if (!box || start === null) return;
    const end = start + width;
    if (start < box.scrollLeft) box.scrollTo({ left: start - left });
    else if (end > box.scrollLeft + room) box.scrollTo({ left: end + right - room });
  }, [start, left, right, width, room]);

  const at = ({ nativeEvent: e }: PointerEvent | React.MouseEvent) =>
    matrixCellAt(e.offsetX, e.offsetY, { width, height }, R, C);
  const onKeyDown = (e: KeyboardEvent) => {
    const start = { row: selectedRow ?? 0, column: selectedColumn ?? C - 1 };
    const from = inside ?? selectedCell ?? start;
    const to = moveMatrixCell(from, e.key, R, C);
    if (to) onCell(to);
    else if (onSelect && (e.key === "Enter" || e.key === " ")) onSelect(from);
    else return;
    e.preventDefault();
  };
  const frame = (row: number, column: number, n: number, m: number) => ({
    x: left + column * width,
    y: top + row * height,
    width: n * width,
    height: m * height,
  });

  return (
    <div className="matrix" style={all}>
      <canvas
        ref={canvas}
        width={C}
        height={R}
        style={{ left, top, width: C * width, height: R * height }}
        {...readByPointer(
          (e) => onCell(at(e)),
          () => onCell(null),
        )}
        onClick={(e) => {
          const clicked = at(e);
          if (clicked) onSelect?.(clicked);
        }}
      />
      <svg {...all} aria-hidden="true">
        {visibleLabels(C, width, 0.95 * rem, inside ? [inside.column] : []).map((c) => (
          <text
            key={`c${c}`}
            className={`axis-label ${c === selectedColumn ? "selected" : ""} ${c === inside?.column ? "pointed" : ""}`}
            transform={`translate(${left + (c + 0.5) * width + 3},${top - 6}) rotate(-${TILT})`}
          >
            {cut(columns[c]!)}
          </text>
        ))}
        {texts && (
          <g transform={`translate(${left},${top})`}>
            <CellTexts
              columns={Math.floor((width - 4) / character)}
              {...{ values, C, ramp, low: scale.low, high: scale.high, width, height }}
              say={cellText}
            />
          </g>
        )}
        {selectedRow !== null && selectedRow < R && (
          <rect className="row-selected" {...frame(selectedRow, 0, C, 1)} />
        )}
        {selectedColumn !== null && selectedColumn < C && (
          <rect className="row-selected" {...frame(0, selectedColumn, 1, R)} />
        )}
        {selectedCell && selectedCell.row < R && selectedCell.column < C && (
          <rect className="row-selected" {...frame(selectedCell.row, selectedCell.column, 1, 1)} />
        )}
        {props.chosen?.map(({ row, column }) => (
          <rect
            key={`chosen ${row} ${column}`}
            className="row-selected"
            {...frame(row, column, 1, 1)}
          />
        ))}
        {inside && <rect className="cell-pointed" {...frame(inside.row, inside.column, 1, 1)} />}
      </svg>
      <div className="matrix-rows" style={{ width: left, height: all.height }}>
        <svg width={left} height={all.height} aria-hidden="true">
          {visibleLabels(R, height, 0.875 * rem, inside ? [inside.row] : []).map((r) => (
            <text
              key={`r${r}`}
              className={`axis-label ${r === selectedRow ? "selected" : ""} ${r === inside?.row ? "pointed" : ""}`}
              x={left - 6}
              y={top + (r + 0.5) * height}
              dy="0.35em"
              textAnchor="end"
            >
              {cut(rows[r]!)}
            </text>
          ))}
        </svg>
      </div>
      <div
        className="matrix-focus"
        style={{ left, top, width: C * width, height: R * height }}
        tabIndex={0}
        role="img"
        aria-label={`${name}, ${R} rows by ${C} columns. ${inside ? cellWords(inside) : "Arrow keys move the cell."}`}
        onKeyDown={onKeyDown}
      />
    </div>
  );
}

interface CellTextsProps extends MatrixScale {
  values: Float32Array;
  C: number;
  ramp: Uint8ClampedArray;
  width: number;
  height: number;
  /** Room for so many characters. */
  columns: number;
  say: (cell: MatrixCell) => string;
}
/** Apart, so that thousands of them are left alone while the pointer moves. */
const CellTexts = memo(function CellTexts(props: CellTextsProps) {
  const { values, C, ramp, low, high, width, height, columns, say } = props;
  return Array.from(values, (value, i) => {
    if (Number.isNaN(value)) return null;
    const [row, column] = [Math.floor(i / C), i % C];
    const dark = isDark(ramp, rampStep(value, { low, high }));
    return (
      <text
        key={i}
        className={dark ? "cell-text light" : "cell-text"}
        x={(column + 0.5) * width}
        y={(row + 0.5) * height}
        dy="0.35em"
        textAnchor="middle"
      >
        {shorten(say({ row, column }), columns)}
      </text>
    );
  });
});
