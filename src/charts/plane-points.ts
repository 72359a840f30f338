/** The pure part of a plot of complex numbers: where each is drawn, on a disc of radius 1 round 0. */
export type PlaneScale = "log" | "linear";

export interface PlanePoint {
  x: number;
  y: number;
}
/** How many powers of ten below the largest the logarithmic scale reaches; what is smaller lies in the middle. */
export const DECADES = 4;

/** The distance from the middle, 0–1, of a number of this size. */
export function planeRadius(modulus: number, most: number, scale: PlaneScale): number {
  if (!(modulus > 0) || !(most > 0)) return 0;
  const share = modulus / most;
  return scale === "linear" ? share : Math.max(0, 1 + Math.log10(share) / DECADES);
}

/** Keeps the angle; upwards is the imaginary axis. */
export function planePoint(re: number, im: number, most: number, scale: PlaneScale): PlanePoint {
  const modulus = Math.hypot(re, im);
  const radius = planeRadius(modulus, most, scale);
  return modulus > 0 ? { x: (re / modulus) * radius, y: (im / modulus) * radius } : { x: 0, y: 0 };
}

/** Rings to draw, with the size that each stands for: powers of ten below the largest, or quarters of it. */
export function planeRings(
  most: number,
  scale: PlaneScale,
): readonly { radius: number; modulus: number }[] {
  const shares =
    scale === "linear"
      ? [0.25, 0.5, 0.75, 1]
      : Array.from({ length: DECADES }, (_, i) => 10 ** -(DECADES - 1 - i));
  return shares.map((share) => ({
    radius: planeRadius(share * most, most, scale),
    modulus: share * most,
  }));
}

/** The point nearest to a place, if it is within reach. */
export function nearestPoint(
  points: readonly PlanePoint[],
  x: number,
  y: number,
  reach: number,
): number | null {
  let best: number | null = null;
  let least = reach;
  points.forEach((point, i) => {
    const distance = Math.hypot(point.x - x, point.y - y);
    if (distance <= least) [best, least] = [i, distance];
  });
  return best;
}
