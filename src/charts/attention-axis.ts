/** How large a pattern is drawn; which tokens get a label on an axis, when there is not room for all; how wide labels are. */

/**
 * Side of a pattern in pixels: what fits the width and the height that is left in the window, with cells neither too
 * small to be pointed at nor larger than is of use.
 * @param height null where the page scrolls as a whole
 */
export function patternSide({
  tokens,
  rem,
  width,
  height,
}: {
  tokens: number;
  rem: number;
  width: number;
  height: number | null;
}): number {
  const least = Math.max(12 * rem, Math.min(24 * rem, tokens * 0.3 * rem));
  const most = Math.min(44 * rem, tokens * 4 * rem);
  return Math.max(4 * rem, Math.min(width, most, Math.max(least, height ?? most)));
}

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
  for (const char of text) columns += WIDE.test(char) ? 2 : char === "\u200e" ? 0 : 1;
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
