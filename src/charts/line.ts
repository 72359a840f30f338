/**
 * What a line chart needs and is not drawing: thinning, scales, the point nearest to a cursor. Pure.
 * A series is two arrays of equal length, x increasing. A value that a log axis cannot show (≤ 0) is a gap.
 */
import { bisectCenter, extent, scaleLinear, scaleLog, type ScaleContinuousNumeric } from "d3";

export interface Series {
  x: readonly number[];
  y: readonly number[];
}
export interface LineFrame {
  width: number;
  height: number;
  log: boolean;
  /**
   * Fixed ends of the y axis; null where the data decide. With one end fixed, values beyond it widen the axis; with
   * both they are cut off, unless all values lie beyond.
   */
  yMin: number | null;
  yMax: number | null;
}
type Scale = ScaleContinuousNumeric<number, number>;
export interface LineScales {
  x: Scale;
  y: Scale;
}

/**
 * At most about `max` points that look the same: of each run of points its lowest and highest are kept, in order, and
 * the first and last always are. Spikes survive, which an average would hide.
 */
export function thin({ x, y }: Series, max: number): Series {
  const n = x.length;
  if (n <= max || max < 4) return { x, y };
  const kept = new Set([0, n - 1]);
  const runs = Math.floor((max - 2) / 2);
  for (let r = 0; r < runs; r++) {
    const from = 1 + Math.floor(((n - 2) * r) / runs);
    const to = 1 + Math.floor(((n - 2) * (r + 1)) / runs);
    let [low, high] = [from, from];
    for (let i = from; i < to; i++) {
      if (y[i]! < y[low]!) low = i;
      if (y[i]! > y[high]!) high = i;
    }
    kept.add(low).add(high);
  }
  const order = [...kept].sort((a, b) => a - b);
  return { x: order.map((i) => x[i]!), y: order.map((i) => y[i]!) };
}

/** Whether the axis can show the value. */
export const isShown = (value: number, log: boolean): boolean =>
  Number.isFinite(value) && (!log || value > 0);

/** Scales for the values that can be shown; null when there are none. A single value gets room around it. */
export function lineScales({ x, y }: Series, frame: LineFrame): LineScales | null {
  const { width, height, log, yMin, yMax } = frame;
  const [low, high] = extent(y.filter((value) => isShown(value, log)));
  const [first, last] = extent(x);
  if (low === undefined || first === undefined) return null;
  const scale: Scale = log ? scaleLog() : scaleLinear();
  const fixed = yMin !== null && yMax !== null && high >= yMin && low <= yMax;
  const bottom = fixed ? yMin : Math.min(low, yMin ?? low);
  const top = fixed ? yMax : Math.max(high, yMax ?? high);
  const yScale = scale
    .domain(bottom < top ? [bottom, top] : roomFor(bottom, log, yMin, yMax))
    .range([height, 0]);
  return {
    x: scaleLinear()
      .domain(first < last ? [first, last] : around(first))
      .range([0, width]),
    y: fixed ? yScale : yScale.nice(4),
  };
}
/** An axis for values that are all the same: an end that is fixed stays where it is. */
function roomFor(value: number, log: boolean, yMin: number | null, yMax: number | null) {
  if (log) return [value / 2, value * 2];
  const half = Math.abs(value) / 2 || 1;
  if (value === yMin) return [value, value + half];
  return value === yMax ? [value - half, value] : around(value);
}
const around = (value: number): [number, number] => {
  const half = Math.abs(value) / 2 || 0.5;
  return [value - half, value + half];
};

/** About `count` ticks; of a log axis only as many as are readable: 1, 2, 5 of each decade, or the decades. */
export function axisTicks(scale: Scale, log: boolean, count: number): number[] {
  const all = scale.ticks(count);
  if (!log || all.length <= count + 1) return all;
  const lead = (value: number) => Math.round(value / 10 ** Math.floor(Math.log10(value) + 1e-9));
  const few = all.filter((value) => [1, 2, 5].includes(lead(value)));
  if (few.length <= count + 1) return few;
  const decades = all.filter((value) => lead(value) === 1);
  return decades.filter((_, i) => i % Math.ceil(decades.length / count) === 0);
}

/** Pieces of the line between gaps. */
export function segments({ x, y }: Series, log: boolean): Series[] {
  const pieces: { x: number[]; y: number[] }[] = [];
  let open = false;
  for (let i = 0; i < x.length; i++) {
    if (!isShown(y[i]!, log)) {
      open = false;
      continue;
    }
    if (!open) pieces.push({ x: [], y: [] });
    open = true;
    const piece = pieces.at(-1)!;
    piece.x.push(x[i]!);
    piece.y.push(y[i]!);
  }
  return pieces;
}

/** Index of the point whose x is nearest; null without points. */
export const nearestIndex = (x: readonly number[], at: number): number | null =>
  x.length === 0 ? null : bisectCenter(x as number[], at);

/** What a cursor shows: the point nearest to it, without one the last; null where there are no points. */
export const shownIndex = (x: readonly number[], cursor: number | null): number | null =>
  cursor === null ? (x.length > 0 ? x.length - 1 : null) : nearestIndex(x, cursor);
