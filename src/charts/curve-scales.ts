/** Several measured quantities over one x: what their chart needs and is not drawing. Pure. */
import { extent } from "d3";
import { lineScales, type LineFrame, type LineScales } from "./line.ts";

export interface Curve {
  name: string;
  /** One for each x; null where it is not known. */
  y: readonly (number | null)[];
}

/** From the least to the most of something, one of each for each x. */
export interface Band {
  name: string;
  low: readonly number[];
  high: readonly number[];
}
/** Its two edges. */
export const bandCurves = (band: Band | null): Curve[] =>
  band
    ? [
        { name: band.name, y: band.low },
        { name: band.name, y: band.high },
      ]
    : [];

/** Scales that hold for all curves; null where nothing can be shown. */
export function curveScales(
  x: readonly number[],
  curves: readonly Curve[],
  frame: Pick<LineFrame, "width" | "height" | "log">,
): LineScales | null {
  const shown = curves
    .flatMap(({ y }) => y)
    .filter((v): v is number => v !== null && Number.isFinite(v) && (!frame.log || v > 0));
  const [low, high] = extent(shown);
  const [first, last] = extent(x);
  if (low === undefined || first === undefined) return null;
  // Two points that have the ends of all.
  const ends = { x: [first, last], y: [low, high] };
  return lineScales(ends, { ...frame, yMin: null, yMax: null });
}

/** Unbroken pieces of a curve: [x, y] of points next to each other that are known. */
export function curvePieces(
  x: readonly number[],
  { y }: Curve,
  log: boolean,
): [number, number][][] {
  const pieces: [number, number][][] = [];
  let open: [number, number][] | null = null;
  x.forEach((at, i) => {
    const value = y[i] ?? null;
    if (value === null || !Number.isFinite(value) || (log && value <= 0)) {
      open = null;
      return;
    }
    if (!open) pieces.push((open = []));
    open.push([at, value]);
  });
  return pieces;
}
