import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readDashboards, TOP, writeDashboards } from "../../src/lab/dashboards-file.ts";
import type { Dashboards } from "../../src/lab/stored-dashboards.ts";
import {
  correlatedFeatures,
  type Correlations,
  CORRELATED,
} from "../../src/lab/feature-correlations.ts";
import { FeatureStats, PER_INTERVAL } from "../../src/lab/feature-stats.ts";
import { writeSafetensors } from "../../src/formats/safetensors-write.ts";
import { keyedRandom } from "../../src/math/keyed-random.ts";

const T = 60;
const F = 3;

/** The end of a generator. */
function ended<T>(work: Generator<number, T>): T {
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
    expect(step.value).toBeGreaterThanOrEqual(0);
    expect(step.value).toBeLessThanOrEqual(1);
  }
}
const bytesOf = (stats: FeatureStats, correlations: Correlations | null = null) =>
  ended(writeDashboards(stats, correlations));

/** Contexts of distinct tokens; feature 0 never fires, 1 rarely, 2 often. */
function contexts(count: number, seed: number) {
  const random = keyedRandom(seed);
  return Array.from({ length: count }, (_, c) => ({
    ids: Int32Array.from({ length: T }, (_, t) => (t === 0 ? 7 : 1000 + c * T + t)),
    f: Float32Array.from({ length: (T - 1) * F }, (_, i) => {
      const rate = [0, 0.01, 0.5][i % F]!;
      return random() < rate ? 1 + random() * 3 : 0;
    }),
  }));
}
function gathered(given: ReturnType<typeof contexts>) {
  const stats = new FeatureStats(F);
  for (const { ids, f } of given) stats.add(ids, f);
  return stats;
}
const gather = (given: ReturnType<typeof contexts>): Dashboards =>
  readDashboards(bytesOf(gathered(given)), F);

describe("feature statistics", () => {
  const given = contexts(40, 1);
  const all = (feature: number) =>
    given.flatMap(({ f }) => Array.from({ length: T - 1 }, (_, b) => f[b * F + feature]!));

  it("agree with counting by hand, through the file", () => {
    const dashboards = gather(given);
    expect(dashboards.tokens).toBe(40 * (T - 1));
    for (const feature of [1, 2]) {
      const values = all(feature);
      const row = dashboards.row(feature);
      expect(row.density).toBe(values.filter((v) => v > 0).length / values.length);
      expect(row.max).toBe(Math.max(...values));
      expect(row.lastFired).toBe(values.findLastIndex((v) => v > 0));
      const { binWidth, counts } = dashboards.histogram(feature);
      expect(counts.reduce((a, b) => a + b, 0)).toBe(values.filter((v) => v > 0).length);
      counts.forEach((count, i) =>
        expect(count).toBe(
          values.filter((v) => v > 0 && v >= i * binWidth && v < (i + 1) * binWidth).length,
        ),
      );
    }
  });
  it("say of a feature that never fired that it never did", () => {
    const dashboards = gather(given);
    expect(dashboards.row(0)).toEqual({ feature: 0, density: 0, max: 0, lastFired: null });
    expect(dashboards.histogram(0).counts).toEqual([]);
    expect(dashboards.examples(0, 5)).toEqual([]);
    expect(dashboards.intervals(0)).toEqual([]);
  });
  /** Each example is a context of the pass, whole but for BOS, with the feature's activation on each of its tokens. */
  const contextOf = ({ ids, activations }: { ids: number[]; activations: Float32Array }) => {
    const context = given[Math.floor((ids[0]! - 1000) / T)]!;
    expect(ids).toEqual([...context.ids.subarray(1)]);
    activations.forEach((v, i) => expect(v).toBeCloseTo(context.f[i * F + 2]!, 2)); // float16
    return context;
  };
  it("keep the strongest contexts", () => {
    const peaks = given
      .map(({ f }) => Math.max(...Array.from({ length: T - 1 }, (_, b) => f[b * F + 2]!)))
      .sort((a, b) => b - a);
    const examples = gather(given).examples(2, 99);
    expect(examples).toHaveLength(TOP);
    examples.forEach((example, n) => {
      expect(example.activations[example.peak]).toBeCloseTo(peaks[n]!, 2);
      contextOf(example);
    });
  });
  it("keep tokens of each of the equal intervals of activation", () => {
    const intervals = gather(given).intervals(2)!;
    const values = all(2).filter((v) => v > 0);
    const width = intervals[0]!.to - intervals[0]!.from;
    expect(intervals[0]!.from).toBeLessThanOrEqual(Math.max(...values));
    expect(intervals[0]!.to).toBeGreaterThan(Math.max(...values));
    expect(10 * width).toBeGreaterThan(Math.max(...values));
    expect(5 * width).toBeLessThanOrEqual(Math.max(...values));
    for (const { from, to, count, examples } of intervals) {
      expect(to - from).toBe(width);
      expect(count).toBe(values.filter((v) => v >= from && v < to).length);
      expect(examples).toHaveLength(Math.min(PER_INTERVAL, count));
      const seen = new Set<string>();
      for (const example of examples) {
        const { f } = contextOf(example);
        const exact = f[example.peak * F + 2]!;
        expect(exact >= from && exact < to).toBe(true);
        seen.add(`${example.ids[0]} ${example.peak}`);
      }
      expect(seen.size).toBe(examples.length);
    }
    expect(intervals.reduce((sum, { count }) => sum + count, 0)).toBe(values.length);
  });
  it("show a text once, however often it occurs", () => {
    const [one] = contexts(1, 4);
    expect(gather([one!, one!, one!]).examples(2, 9)).toHaveLength(1);
    const once = gather([one!]).intervals(2)!;
    gather([one!, one!, one!])
      .intervals(2)!
      .forEach(({ count, examples }, i) => {
        expect(count).toBe(3 * once[i]!.count);
        expect(examples).toEqual(once[i]!.examples);
      });
    // The same text before the peak, the activation a little different.
    const varied = [0, 1, 2].map((k) => ({
      ids: one!.ids,
      f: one!.f.map((v) => v * (1 + k / 100)),
    }));
    expect(gather(varied).examples(2, 9)).toHaveLength(1);
  });
  it("do not depend on the order of the contexts", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 1e6 }),
        fc.integer({ min: 1, max: 30 }),
        (seed, count) => {
          const some = contexts(count, seed);
          const [a, b] = [gather(some), gather(some.toReversed())];
          for (const feature of [1, 2]) {
            expect(a.examples(feature, TOP)).toEqual(b.examples(feature, TOP));
            expect(a.intervals(feature)).toEqual(b.intervals(feature));
            expect(a.histogram(feature)).toEqual(b.histogram(feature));
            expect(a.row(feature).density).toBe(b.row(feature).density);
          }
        },
      ),
      { numRuns: 20 },
    );
  });
  it("refuse a context of another length", () => {
    const stats = gathered(given);
    expect(() => stats.add(new Int32Array(T + 1), new Float32Array(T * F))).toThrow(
      /one length, .* got 61 after 60/,
    );
  });
});

describe("correlated features", () => {
  const [wide, tokens] = [14, 5];
  /** 2 follows 1 with some noise, 3 is 1's complement, 5 is always 2.5, 6 never fires, the others are by chance. */
  const made = Array.from({ length: 30 }, (_, c) => {
    const random = keyedRandom(9, c);
    const rows = Array.from({ length: tokens }, () => {
      const row = Array.from({ length: wide }, () => (random() < 0.4 ? random() : 0));
      row[1] = random() < 0.5 ? 1 + random() : 0;
      row[2] = row[1] > 0 ? row[1] + 0.1 * random() : 0;
      row[3] = row[1] > 0 ? 0 : 2;
      row[5] = 2.5;
      row[6] = 0;
      return row.map(Math.fround);
    });
    return rows;
  });
  const stats = new FeatureStats(wide);
  made.forEach((rows, c) =>
    stats.add(
      Int32Array.from({ length: 6 }, (_, t) => c * 6 + t),
      Float32Array.from(rows.flat()),
    ),
  );
  const all = made.flat();
  /** By the definition, in float64. */
  const pearson = (a: number, b: number): number => {
    const mean = (f: number) => all.reduce((s, row) => s + row[f]!, 0) / all.length;
    const dot = (f: number, g: number) =>
      all.reduce((s, row) => s + (row[f]! - mean(f)) * (row[g]! - mean(g)), 0);
    return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
  };
  it("agree with Pearson's formula, the most correlated first", () => {
    const found = ended(correlatedFeatures(stats.active, wide));
    expect(found.tokens).toBe(all.length);
    const dashboards = readDashboards(bytesOf(stats, found), wide);
    for (const a of [0, 1, 2, 3, 4, 7]) {
      const { features } = dashboards.correlated(a)!;
      const others = [...Array(wide).keys()].filter(
        (b) => b !== a && b !== 5 && b !== 6 && all.some((row) => row[a]! > 0 && row[b]! > 0),
      );
      const expected = others.sort((b, c) => pearson(a, c) - pearson(a, b)).slice(0, CORRELATED);
      expect(features.map(({ feature }) => feature)).toEqual(expected);
      for (const { feature, r } of features) expect(r).toBeCloseTo(pearson(a, feature), 6);
    }
    expect(dashboards.correlated(1)!.features[0]!.feature).toBe(2);
    // The same everywhere, or never active: nothing can be said.
    expect(dashboards.correlated(5)!.features).toEqual([]);
    expect(dashboards.correlated(6)!.features).toEqual([]);
  });
  it("are over a part of the contexts where all would take too long, and say so", () => {
    const found = ended(correlatedFeatures(stats.active, wide, 1000));
    expect(found.tokens).toBeLessThan(all.length);
    expect(found.tokens % tokens).toBe(0);
    expect(readDashboards(bytesOf(stats, found), wide).correlated(1)!.tokens).toBe(found.tokens);
  });
});

describe("the dashboards file", () => {
  const stats = gathered(contexts(3, 2));
  const bytes = bytesOf(stats);
  it("is refused for another SAE, cut off, or made by something else", () => {
    expect(() => readDashboards(bytes, F + 1)).toThrow(/fires is \[3\], expected \[4\]/);
    const badFile = expect.objectContaining({ code: "bad-file" });
    for (let n = 0; n < bytes.length; n += 997) {
      expect(() => readDashboards(bytes.slice(0, n), F)).toThrow(badFile);
    }
    expect(readDashboards(bytes, F).correlated(2)).toBeNull();
  });
  it("holds token ids beyond 65 535", () => {
    const big = new FeatureStats(F);
    for (const { ids, f } of contexts(1, 2))
      big.add(
        ids.map((id) => id + 100_000),
        f,
      );
    const [example] = readDashboards(bytesOf(big), F).examples(2, 1);
    expect(example!.ids[0]).toBeGreaterThan(100_000);
  });
  it("of an earlier version is read: windows around the peak, no intervals", () => {
    const [N, W] = [12, 33];
    const shape = [2, N, W];
    const tokens = new Uint16Array(2 * N * W);
    const activations = new Float32Array(2 * N * W);
    tokens.set([5, 6, 7], N * W);
    activations.set([0, 1.5, 0.25], N * W);
    const peak = new Uint8Array(2 * N);
    const length = new Uint8Array(2 * N);
    [peak[N], length[N]] = [1, 3];
    const old = writeSafetensors(
      [
        { name: "fires", dtype: "U32", shape: [2], data: Uint32Array.of(0, 2) },
        { name: "max", dtype: "F32", shape: [2], data: Float32Array.of(0, 1.5) },
        { name: "last_fired", dtype: "I32", shape: [2], data: Int32Array.of(-1, 3) },
        { name: "hist_bin_width", dtype: "F32", shape: [2], data: Float32Array.of(0, 0.125) },
        {
          name: "hist_counts",
          dtype: "U32",
          shape: [2, 40],
          data: new Uint32Array(80).fill(1, 42, 43),
        },
        { name: "example_tokens", dtype: "U16", shape, data: tokens },
        { name: "example_activations", dtype: "F16", shape, data: activations },
        { name: "example_peak", dtype: "U8", shape: [2, N], data: peak },
        { name: "example_length", dtype: "U8", shape: [2, N], data: length },
      ],
      { format: "glassroom-dashboards-1", tokens: "8" },
    );
    const dashboards = readDashboards(old, 2);
    expect(dashboards.row(1)).toEqual({ feature: 1, density: 0.25, max: 1.5, lastFired: 3 });
    expect(dashboards.examples(1, 20)).toEqual([
      { ids: [5, 6, 7], activations: Float32Array.of(0, 1.5, 0.25), peak: 1 },
    ]);
    expect(dashboards.intervals(1)).toBeNull();
    expect(dashboards.correlated(1)).toBeNull();
  });
});
