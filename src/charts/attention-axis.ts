/** Which tokens get a label on an axis, when there is not room for all, and how wide labels are. */

/**
 * The positions to label: the pinned ones always, the others evenly thinned and kept clear of the pinned.
 * @param cell size of a cell in pixels; `room` the least distance between two labels
 */
export function visibleLabels(
  tokens: number,
  cell: number,
  room: number,
  pinned: readonly number[] = [],
): number[] {
  const every = Math.max(1, Math.ceil(room / cell));
  const fixed = pinned.filter((i) => i >= 0 && i < tokens);
  const labels = new Set(fixed);
  for (let i = 0; i < tokens; i += every) {
    if (fixed.every((p) => p === i || Math.abs(p - i) * cell >= room)) labels.add(i);
  }
  return [...labels].sort((a, b) => a - b);
}

const WIDE =
  /[\p{Extended_Pictographic}\u1100-\u115f\u2e80-\u9fff\uac00-\ud7a3\uf900-\ufaff\uff00-\uff60]/u;

/** Width of a text in a monospaced face, in characters: pictographs and East Asian letters count two. */
export function textColumns(text: string): number {
  let columns = 0;
  for (const char of text) columns += WIDE.test(char) ? 2 : 1;
  return columns;
}

/** Cut to at most `columns`, with an ellipsis in the last. */
export function shorten(text: string, columns: number): string {
  if (textColumns(text) <= columns) return text;
  let kept = "";
  for (const char of text) {
    if (textColumns(kept + char) > columns - 1) break;
    kept += char;
  }
  return `${kept}…`;
}
