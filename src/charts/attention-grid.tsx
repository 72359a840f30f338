/**
 * Squares of attention, one a head: layers downwards and heads across, or one after another in an order of their own. One stop
 * for Tab; arrow keys move between heads.
 */
import { memo, useEffect, useRef, useState, type KeyboardEvent, type SyntheticEvent } from "react";
import { cellAt, type PatternCell, poolOf } from "./attention.ts";
import { type GridPaint, useGridPaint } from "./use-grid-paint.ts";
import type { MatrixScale } from "./matrix-cells.ts";

export interface GridTile {
  /** "L2H5" */
  name: string;
  /** Under the square; null: nothing. */
  caption: string | null;
}
/** A square, and the cell of it that is pointed at; null when the square has the focus alone. */
export interface TileCell {
  index: number;
  cell: PatternCell | null;
}
export interface AttentionGridProps extends Omit<GridPaint, "count"> {
  label: string;
  tiles: readonly GridTile[];
  /** Squares in a row. */
  columns: number;
  /** Names of the rows, "L0", and columns, "H0"; null where the order is another. */
  rowNames: readonly string[] | null;
  columnNames: readonly string[] | null;
  /** The square that has the focus from the beginning, if nothing else has. */
  focusFirst: number | null;
  onOpen: (index: number) => void;
  /** What is under the pointer, or has the focus; null when neither. */
  onPoint: (at: TileCell | null) => void;
  /** The scale of all squares, when it is known. */
  onScale?: (scale: MatrixScale | null) => void;
}

const MOVES: Readonly<Record<string, readonly [number, number]>> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
};

/** The square that an event is about. */
const indexOf = (e: SyntheticEvent): number | null => {
  const button = (e.target as Element).closest<HTMLElement>("button[data-index]");
  return button ? Number(button.dataset["index"]) : null;
};

export function AttentionGrid(props: AttentionGridProps) {
  const { label, tiles, columns, rowNames, columnNames, focusFirst, tokens } = props;
  const { onOpen, onPoint, onScale } = props;
  const root = useRef<HTMLDivElement>(null);
  const [stop, setStop] = useState(focusFirst ?? 0); // the square that Tab reaches
  const current = Math.min(stop, tiles.length - 1);
  const scale = useGridPaint(root, { ...props, count: tiles.length });
  useEffect(() => onScale?.(scale), [scale, onScale]);

  const focus = (index: number) =>
    root.current?.querySelector<HTMLElement>(`[data-index="${index}"]`)?.focus();
  useEffect(() => {
    if (focusFirst !== null && document.activeElement === document.body) focus(focusFirst);
  }, [focusFirst]);
  const onKeyDown = (e: KeyboardEvent) => {
    const move = MOVES[e.key];
    if (!move) return;
    e.preventDefault();
    const row = Math.floor(current / columns) + move[0];
    const column = (current % columns) + move[1];
    if (row < 0 || column < 0 || column >= columns) return;
    focus(row * columns + column);
  };
  const onPointerMove = (e: React.PointerEvent) => {
    const index = indexOf(e);
    if (index === null || !(e.target instanceof HTMLCanvasElement)) return;
    const { offsetX, offsetY } = e.nativeEvent;
    onPoint({ index, cell: cellAt(offsetX, offsetY, e.target.clientWidth, tokens) });
  };

  return (
    <div
      ref={root}
      className={rowNames ? "attention-grid" : "attention-grid flat"}
      style={
        {
          "--heads": columns,
          "--layers": Math.ceil(tiles.length / columns),
        } as React.CSSProperties
      }
      role="group"
      aria-label={label}
      onKeyDown={onKeyDown}
      onClick={(e) => {
        const index = indexOf(e);
        if (index !== null) onOpen(index);
      }}
      onFocus={(e) => {
        const index = indexOf(e);
        if (index === null) return;
        setStop(index);
        onPoint({ index, cell: null });
      }}
      onPointerMove={onPointerMove}
      onPointerLeave={() => onPoint(null)}
    >
      {columnNames && <span className="axis-name" aria-hidden="true" />}
      {columnNames?.map((name) => (
        <span key={name} className="grid-label" aria-hidden="true">
          {name}
        </span>
      ))}
      {tiles.map((tile, index) => [
        rowNames && index % columns === 0 && (
          <span key={`row-${index}`} className="grid-label layer" aria-hidden="true">
            {rowNames[index / columns]}
          </span>
        ),
        <Thumbnail
          key={index}
          index={index}
          name={tile.name}
          caption={tile.caption}
          named={!rowNames}
          tokens={tokens}
          isStop={index === current}
        />,
      ])}
    </div>
  );
}

interface ThumbnailProps extends GridTile {
  index: number;
  /** Whether its name is written under it. */
  named: boolean;
  tokens: number;
  isStop: boolean;
}
const Thumbnail = memo(function Thumbnail(props: ThumbnailProps) {
  const { index, name, caption, named, tokens, isStop } = props;
  const side = Math.ceil(tokens / poolOf(tokens));
  return (
    <button
      type="button"
      className="thumbnail"
      data-index={index}
      tabIndex={isStop ? 0 : -1}
      aria-label={caption === null ? `Head ${name}` : `Head ${name}, ${caption}`}
    >
      <canvas width={side} height={side} className={side > 40 ? "smooth" : undefined} />
      {(named || caption !== null) && (
        <span className="thumbnail-caption">
          {named && <b>{name}</b>} {caption}
        </span>
      )}
    </button>
  );
});
