import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readDashboards, writeDashboards, EXAMPLES } from "../../src/lab/dashboards-file.ts";
import { FeatureStats, REACH } from "../../src/lab/feature-stats.ts";
import { keyedRandom } from "../../src/math/keyed-random.ts";

const T = 60;
const F = 3;

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
function gather(given: ReturnType<typeof contexts>) {
  const stats = new FeatureStats(F);
  for (const { ids, f } of given) stats.add(ids, f);
  return readDashboards(writeDashboards(stats.arrays), F);
}

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
  });
  it("keep the strongest contexts, each with its window of activations", () => {
    const peaks = given
      .map(({ f }) => Math.max(...Array.from({ length: T - 1 }, (_, b) => f[b * F + 2]!)))
      .sort((a, b) => b - a);
    const examples = gather(given).examples(2, 99);
    expect(examples).toHaveLength(EXAMPLES);
    examples.forEach(({ ids, activations, peak }, n) => {
      expect(activations[peak]).toBeCloseTo(peaks[n]!, 2); // stored as float16
      const context = given[Math.floor((ids[0]! - 1000) / T)]!;
      const at = (ids[0]! - 1000) % T;
      expect(at).toBeGreaterThan(0); // BOS is never shown
      expect(ids.length).toBe(Math.min(T, at + peak + REACH + 1) - at);
      ids.forEach((id, i) => {
        expect(id).toBe(context.ids[at + i]);
        expect(activations[i]).toBeCloseTo(context.f[(at + i - 1) * F + 2]!, 2);
      });
    });
  });
  it("show a text once, however often it occurs", () => {
    const [one] = contexts(1, 4);
    expect(gather([one!, one!, one!]).examples(2, 9)).toHaveLength(1);
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
            expect(a.examples(feature, EXAMPLES)).toEqual(b.examples(feature, EXAMPLES));
            expect(a.histogram(feature)).toEqual(b.histogram(feature));
            expect(a.row(feature).density).toBe(b.row(feature).density);
          }
        },
      ),
      { numRuns: 20 },
    );
  });
});

describe("the dashboards file", () => {
  const stats = new FeatureStats(F);
  for (const { ids, f } of contexts(3, 2)) stats.add(ids, f);
  const bytes = writeDashboards(stats.arrays);
  it("is refused for another SAE, cut off, or made by something else", () => {
    expect(() => readDashboards(bytes, F + 1)).toThrow(/fires is \[3\], expected \[4\]/);
    const badFile = expect.objectContaining({ code: "bad-file" });
    for (let n = 0; n < bytes.length; n += 997) {
      expect(() => readDashboards(bytes.slice(0, n), F)).toThrow(badFile);
    }
  });
  it("holds token ids beyond 65 535", () => {
    const big = new FeatureStats(F);
    for (const { ids, f } of contexts(1, 2))
      big.add(
        ids.map((id) => id + 100_000),
        f,
      );
    const [example] = readDashboards(writeDashboards(big.arrays), F).examples(2, 1);
    expect(example!.ids[0]).toBeGreaterThan(100_000);
  });
});
