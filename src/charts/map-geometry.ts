/** Geometry of a map of points: where they lie on the screen, which is next in a direction, which a lasso holds. Pure. */

export interface Box {
  width: number;
  height: number;
}
/** Screen = k · (point − centre) + middle of the box. */
export interface Fit {
  k: number;
  x: number;
  y: number;
}
const MARGIN = 16; // pixels

/** All points in the box, at one scale for both axes. @param points [N, 2] */
export function fitPoints(points: Float32Array, { width, height }: Box): Fit {
  let [left, right, top, bottom] = [Infinity, -Infinity, Infinity, -Infinity];
  for (let i = 0; i < points.length; i += 2) {
    left = Math.min(left, points[i]!);
    right = Math.max(right, points[i]!);
    top = Math.min(top, points[i + 1]!);
    bottom = Math.max(bottom, points[i + 1]!);
  }
  if (points.length === 0) return { k: 1, x: 0, y: 0 };
  const room = (size: number, spread: number) => Math.max(1, size - 2 * MARGIN) / (spread || 1);
  return {
    k: Math.min(room(width, right - left), room(height, bottom - top)),
    x: (left + right) / 2,
    y: (top + bottom) / 2,
  };
}

/** Positions in pixels before zooming, [N, 2]. */
export function placed(points: Float32Array, box: Box): Float32Array {
  const { k, x, y } = fitPoints(points, box);
  return points.map((v, i) =>
    i % 2 === 0 ? (v - x) * k + box.width / 2 : (v - y) * k + box.height / 2,
  );
}

export const DIRECTIONS = {
  ArrowRight: [1, 0],
  ArrowLeft: [-1, 0],
  ArrowDown: [0, 1],
  ArrowUp: [0, -1],
} as const;
export type DirectionKey = keyof typeof DIRECTIONS;

/**
 * The nearest point of those that lie within 45° of a direction; null if there is none.
 * @param at [N, 2], y downwards
 */
export function nextInDirection(at: Float32Array, from: number, key: DirectionKey): number | null {
  const [dx, dy] = DIRECTIONS[key];
  let best: number | null = null;
  let least = Infinity;
  for (let i = 0; i < at.length / 2; i++) {
    if (i === from) continue;
    const x = at[2 * i]! - at[2 * from]!;
    const y = at[2 * i + 1]! - at[2 * from + 1]!;
    const along = x * dx + y * dy;
    const across = Math.abs(x * dy) + Math.abs(y * dx);
    if (along <= 0 || across > along) continue;
    const distance = x * x + y * y;
    if (distance >= least) continue;
    least = distance;
    best = i;
  }
  return best;
}

/** The points inside of a polygon, by how often a ray from the point crosses its edge. @param polygon corners, x and y in turn */
export function pointsInside(at: Float32Array, polygon: readonly number[]): number[] {
  const corners = polygon.length / 2;
  const found: number[] = [];
  for (let i = 0; i < at.length / 2; i++) {
    const [x, y] = [at[2 * i]!, at[2 * i + 1]!];
    let inside = false;
    for (let a = 0, b = corners - 1; a < corners; b = a++) {
      const [ax, ay] = [polygon[2 * a]!, polygon[2 * a + 1]!];
      const [bx, by] = [polygon[2 * b]!, polygon[2 * b + 1]!];
      if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) inside = !inside;
    }
    if (inside) found.push(i);
  }
  return found;
}

/** Steps of the colour ramp for densities, by their logarithm: 0 from one in 100 000 down, 4 from one in 10 up. */
export const densityStep = (density: number): number =>
  density <= 0 ? 0 : Math.min(4, Math.max(0, Math.round(Math.log10(density) + 5)));
