/** Geometry of a scatter plot: scales with round ticks and some room around the points. Pure. */
import { scaleLinear, scaleLog, type ScaleContinuousNumeric } from "d3";

export interface ScatterPoint {
  id: string;
  label: string;
  x: number;
  y: number;
}
type Scale = ScaleContinuousNumeric<number, number>;
export interface ScatterScales {
  x: Scale;
  y: Scale;
}

/** Share of the span that is left free at each end, so that no point lies on the frame. */
const ROOM = 0.08;

function padded([low, high]: [number, number], log: boolean): [number, number] {
  if (log) {
    const step = Math.max(1.1, (high / low) ** ROOM);
    return [low / step, high * step];
  }
  const step = high > low ? (high - low) * ROOM : Math.max(Math.abs(high), 1) * ROOM;
  return [low - step, high + step];
}

/** @param logX only of positive values @param alike both axes have the span of all values @returns null without points */
export function scatterScales(
  points: readonly ScatterPoint[],
  width: number,
  height: number,
  logX: boolean,
  alike = false,
): ScatterScales | null {
  if (points.length === 0) return null;
  const span = (values: number[]): [number, number] => [Math.min(...values), Math.max(...values)];
  const [ofX, ofY] = [points.map(({ x }) => x), points.map(({ y }) => y)];
  const all = [...ofX, ...ofY];
  const [xs, ys] = [span(alike ? all : ofX), span(alike ? all : ofY)];
  return {
    x: (logX ? scaleLog() : scaleLinear()).domain(padded(xs, logX)).range([0, width]),
    y: scaleLinear().domain(padded(ys, false)).range([height, 0]),
  };
}

/**
 * The points that no other beats: none has less x and at least as much y, or as little x and more y. By x.
 * For L0 against a score: fewer active features are better, and more of the score.
 */
export function paretoFront(points: readonly ScatterPoint[]): ScatterPoint[] {
  const sorted = [...points].sort((a, b) => a.x - b.x || b.y - a.y);
  let best = -Infinity;
  return sorted.filter(({ y }) => {
    if (y <= best) return false;
    best = y;
    return true;
  });
}

/** Ends of the line x = y within the drawing; both at one point where it does not pass. */
export function equalLine({ x, y }: ScatterScales) {
  const [[left, right], [low, high]] = [x.domain(), y.domain()] as [number[], number[]];
  const from = Math.max(left!, low!);
  const to = Math.max(from, Math.min(right!, high!));
  return { x1: x(from), y1: y(from), x2: x(to), y2: y(to) };
}

/** The point nearest to a place on the drawing, in pixels; null if none is within `reach`. */
export function nearestPoint(
  points: readonly ScatterPoint[],
  { x, y }: ScatterScales,
  at: { x: number; y: number },
  reach: number,
): ScatterPoint | null {
  let found: ScatterPoint | null = null;
  let least = reach;
  for (const point of points) {
    const distance = Math.hypot(x(point.x) - at.x, y(point.y) - at.y);
    if (distance <= least) [found, least] = [point, distance];
  }
  return found;
}
