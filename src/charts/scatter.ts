/** Geometry of a scatter plot: scales with round ticks and some room around the points. Pure. */
import { scaleLinear, scaleLog, type ScaleContinuousNumeric } from "d3";

export interface ScatterPoint {
  id: string;
  label: string;
  x: number;
  y: number;
  /** Points of one kind are compared with one another. */
  kind?: string;
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

/** The middle of a long name gives way: those of one hook point begin alike, those of one origin end alike. */
export function shortName(name: string, most: number): string {
  if (name.length <= most) return name;
  const end = Math.floor((2 * (most - 1)) / 3);
  return `${name.slice(0, most - 1 - end).trimEnd()}…${name.slice(-end).trimStart()}`;
}

/**
 * Ticks of the horizontal axis whose labels do not touch; on a logarithmic one the rounder stay: 1, 10, 100, then 5 and 2
 * times these, then the rest.
 * @param letter width of a letter, in pixels @param say how a tick is written
 */
export function ticksWithRoom(
  x: Scale,
  logX: boolean,
  letter: number,
  say: (value: number) => string,
): number[] {
  const rank = (value: number) => {
    const place = logX ? [1, 5, 2].indexOf(Number(value.toExponential()[0])) : 0;
    return place < 0 ? 3 : place;
  };
  const kept: number[] = [];
  for (const value of x.ticks(5).toSorted((a, b) => rank(a) - rank(b))) {
    const half = (text: string) => (text.length * letter) / 2;
    const touches = (other: number) =>
      Math.abs(x(value) - x(other)) < half(say(value)) + half(say(other)) + letter;
    if (!kept.some(touches)) kept.push(value);
  }
  return kept.sort((a, b) => a - b);
}

/** A name beside its point; x, y are where its text begins, or ends, on its middle line. */
export interface PlacedName {
  id: string;
  text: string;
  x: number;
  y: number;
  anchor: "start" | "end";
}
const GAP = 10; // pixels from a point's middle to its name
const LONGEST_NAME = 28;

/**
 * Names to the right of their points, or to the left where the right is taken: by another name, a point, or the edge. A name
 * that has room on neither side is left out; hovering still tells it. Earlier points come first.
 * @param letter width and height of a letter, in pixels
 */
export function placedNames(
  points: readonly ScatterPoint[],
  { x, y }: ScatterScales,
  letter: { width: number; height: number },
): PlacedName[] {
  const [, right] = x.range() as [number, number];
  const half = letter.height / 2;
  const dots = points.map((point) => ({ left: x(point.x), top: y(point.y) }));
  const taken: { left: number; right: number; top: number }[] = [];
  return points.flatMap(({ id, label }, i) => {
    const text = shortName(label, LONGEST_NAME);
    const width = text.length * letter.width;
    const { left: at, top } = dots[i]!;
    const sides = [
      { anchor: "start", x: at + GAP, left: at + GAP, right: at + GAP + width },
      { anchor: "end", x: at - GAP, left: at - GAP - width, right: at - GAP },
    ] as const;
    const side = sides.find(
      ({ left, right: end }) =>
        left >= 0 &&
        end <= right &&
        !taken.some(
          (name) => name.left < end && left < name.right && Math.abs(name.top - top) < 2 * half,
        ) &&
        !dots.some(
          (dot, j) =>
            j !== i &&
            dot.left > left - GAP &&
            dot.left < end + GAP &&
            Math.abs(dot.top - top) < half,
        ),
    );
    if (!side) return [];
    taken.push({ left: side.left, right: side.right, top });
    return [{ id, text, x: side.x, y: top, anchor: side.anchor }];
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
