/** Which rows of a long list are on screen: the only ones that are drawn. Rows are equally high. Pure. */

export interface RowRange {
  /** First row to draw. */
  start: number;
  /** One past the last. */
  end: number;
}
export interface RowView {
  scrollTop: number;
  /** Height of the part that is seen. */
  height: number;
  rowHeight: number;
  count: number;
}
const OVERSCAN = 6;

export function visibleRows({ scrollTop, height, rowHeight, count }: RowView): RowRange {
  const clamp = (row: number) => Math.min(count, Math.max(0, row));
  const first = Math.floor(scrollTop / rowHeight);
  const last = Math.ceil((scrollTop + height) / rowHeight);
  return { start: clamp(first - OVERSCAN), end: clamp(last + OVERSCAN) };
}

/** Where to scroll so that a row is wholly seen: nowhere if it is, else so that it is in the middle. */
export function scrollToRow(row: number, { scrollTop, height, rowHeight, count }: RowView): number {
  const top = row * rowHeight;
  if (top >= scrollTop && top + rowHeight <= scrollTop + height) return scrollTop;
  const end = Math.max(0, count * rowHeight - height);
  return Math.min(end, Math.max(0, top - (height - rowHeight) / 2));
}
