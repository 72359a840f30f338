/**
 * The pure part of a matrix chart: any numbers by row and column as colours. NaN is a cell where there is nothing to say
 * (masked, or only on one side of a comparison); it stays transparent and is never read out as a number.
 */
export interface MatrixCell {
  row: number;
  column: number;
}
/** The values that get the first and the last colour. */
export interface MatrixScale {
  low: number;
  high: number;
}

/** 0 to the largest; of nothing but zeros, 0 to 1. */
export function sequentialScale(values: Float32Array): MatrixScale {
  let high = 0;
  for (const v of values) if (v > high) high = v;
  return { low: 0, high: high > 0 ? high : 1 };
}

/** −m to m, with m the largest size, so that 0 is the middle colour. */
export function signedScale(values: Float32Array): MatrixScale {
  let most = 0;
  for (const v of values) if (Math.abs(v) > most) most = Math.abs(v);
  const high = most > 0 ? most : 1;
  return { low: -high, high };
}

/** One scale for several sets of numbers, so that they can be compared. */
export const jointScale = (scales: readonly MatrixScale[]): MatrixScale => ({
  low: Math.min(...scales.map(({ low }) => low)),
  high: Math.max(...scales.map(({ high }) => high)),
});

/** Which of 256 colours: those outside the scale get its ends. */
export const rampStep = (value: number, { low, high }: MatrixScale): number =>
  Math.min(255, Math.max(0, Math.round(((value - low) / (high - low)) * 255)));

/** One pixel a cell, RGBA. @param ramp 256 RGBA colours */
export function matrixRgba(
  values: Float32Array,
  ramp: Uint8ClampedArray,
  scale: MatrixScale,
): Uint8ClampedArray<ArrayBuffer> {
  const bytes = new Uint8ClampedArray(values.length * 4);
  values.forEach((value, i) => {
    if (Number.isNaN(value)) return;
    const step = rampStep(value, scale) * 4;
    for (let c = 0; c < 4; c++) bytes[i * 4 + c] = ramp[step + c]!;
  });
  return bytes;
}

/** Whether text on this colour should be light: by its relative luminance (WCAG 2). */
export function isDark(ramp: Uint8ClampedArray, step: number): boolean {
  const linear = (c: number) => {
    const s = ramp[step * 4 + c]! / 255;
    return s <= 0.04045 ? s / 12.92 : ((s + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * linear(0) + 0.7152 * linear(1) + 0.0722 * linear(2) < 0.179;
}

/** Where an arrow, Home or End key takes the cursor; null if the key means nothing here. */
export function moveMatrixCell(
  { row, column }: MatrixCell,
  key: string,
  rows: number,
  columns: number,
): MatrixCell | null {
  const moves: Record<string, MatrixCell> = {
    ArrowUp: { row: row - 1, column },
    ArrowDown: { row: row + 1, column },
    ArrowLeft: { row, column: column - 1 },
    ArrowRight: { row, column: column + 1 },
    Home: { row, column: 0 },
    End: { row, column: columns - 1 },
  };
  const to = moves[key];
  if (!to) return null;
  const clamp = (i: number, n: number) => Math.min(n - 1, Math.max(0, i));
  return { row: clamp(to.row, rows), column: clamp(to.column, columns) };
}

/** The cell under a point of a drawing; null outside it. */
export function matrixCellAt(
  x: number,
  y: number,
  cell: { width: number; height: number },
  rows: number,
  columns: number,
): MatrixCell | null {
  const at = { row: Math.floor(y / cell.height), column: Math.floor(x / cell.width) };
  const inside = at.row >= 0 && at.row < rows && at.column >= 0 && at.column < columns;
  return inside ? at : null;
}
