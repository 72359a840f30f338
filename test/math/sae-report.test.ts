/** The report card's figures against literal computations over all tokens at once, with unequal sizes. */
import { describe, expect, it } from "vitest";
import { LossSums } from "../../src/math/loss-report.ts";
import { ReconstructionSums } from "../../src/math/reconstruction-report.ts";
import { explainedVariance } from "../../src/math/reconstruction.ts";
import { keyedRandom } from "../../src/math/keyed-random.ts";

const [B, D, F, V] = [5, 3, 4, 7];
const random = keyedRandom(5, 1, 1);
const floats = (n: number, offset = 0) =>
  Float32Array.from({ length: n }, () => 2 * random() - 1 + offset);
const row = (data: Float32Array, i: number, width: number) => [
  ...data.subarray(i * width, (i + 1) * width),
];
const dot = (a: number[], b: number[]) => a.reduce((sum, x, i) => sum + x * b[i]!, 0);
const mean = (values: number[]) => values.reduce((sum, v) => sum + v, 0) / values.length;

describe("reconstruction", () => {
  const x = floats(B * D, 3); // far from 0, where formulas about 0 and about the mean part
  const xHat = floats(B * D, 2.5);
  const f = Float32Array.from({ length: B * F }, (_, i) => (i % 3 === 0 ? 0 : i / 10));
  const mean_D = Float32Array.from({ length: D }, (_, d) =>
    mean(Array.from({ length: B }, (_, b) => x[b * D + d]!)),
  );
  const tokens = Array.from({ length: B }, (_, b) => ({
    x: row(x, b, D),
    y: row(xHat, b, D),
  }));
  const sums = new ReconstructionSums(mean_D);
  sums.add(x.subarray(0, 2 * D), xHat.subarray(0, 2 * D), f.subarray(0, 2 * F));
  sums.add(x.subarray(2 * D), xHat.subarray(2 * D), f.subarray(2 * F));
  const report = sums.report();

  it("is what each formula says, whatever the batches were", () => {
    expect(report.tokens).toBe(B);
    expect(report.explainedVariance).toBeCloseTo(explainedVariance(x, xHat, D), 6);
    expect(report.explainedVarianceLegacy).toBeCloseTo(
      mean(
        tokens.map(({ x, y }) => {
          const away = x.map((v, d) => v - mean_D[d]!);
          const error = x.map((v, d) => v - y[d]!);
          return 1 - dot(error, error) / dot(away, away);
        }),
      ),
      6,
    );
    const cosine = ({ x, y }: (typeof tokens)[0]) => dot(x, y) / Math.sqrt(dot(x, x) * dot(y, y));
    expect(report.cosine).toBeCloseTo(mean(tokens.map(cosine)), 9);
    expect(report.normRatio).toBeCloseTo(
      mean(tokens.map(({ x, y }) => Math.sqrt(dot(y, y) / dot(x, x)))),
      9,
    );
    expect(report.reconstructionBias).toBeCloseTo(
      mean(tokens.map(({ y }) => dot(y, y))) / mean(tokens.map(({ x, y }) => dot(x, y))),
      9,
    );
    expect(report.l0).toBeCloseTo([...f].filter((v) => v > 0).length / B, 9);
    expect(report.l1).toBeCloseTo([...f].reduce((sum, v) => sum + v, 0) / B, 5);
  });

  it("the two explained variances differ, so that neither can stand for the other", () => {
    expect(Math.abs(report.explainedVariance - report.explainedVarianceLegacy)).toBeGreaterThan(
      0.1,
    );
  });

  it("refuses what no ratio can be taken of", () => {
    const one = new ReconstructionSums(Float32Array.of(0, 1));
    expect(() =>
      one.add(Float32Array.of(0, 0), Float32Array.of(1, 1), new Float32Array(3)),
    ).toThrow(/activation of token 0 is 0/);
    expect(() => one.add(Float32Array.of(1, 2), Float32Array.of(1), new Float32Array(3))).toThrow(
      /expected x̂ as \[1, 2\]/,
    );
    expect(() => one.report()).toThrow(/of 0 tokens/);
  });
});

describe("loss", () => {
  const place = () => ({
    clean: floats(V),
    replaced: { sae: floats(V), zero: floats(V), mean: floats(V) },
    next: Math.floor(random() * V),
  });
  const softmax = (z: Float32Array) => {
    const e = [...z].map(Math.exp);
    const sum = e.reduce((a, b) => a + b, 0);
    return e.map((v) => v / sum);
  };

  it("is the mean cross-entropy and KL, and the scores are their shares", () => {
    const places = Array.from({ length: 6 }, place);
    const sums = new LossSums();
    for (const { clean, replaced, next } of places) sums.add(clean, replaced, next);
    const report = sums.report();
    const ce = (of: (p: (typeof places)[0]) => Float32Array) =>
      mean(places.map((p) => -Math.log(softmax(of(p))[p.next]!)));
    const kl = (of: (p: (typeof places)[0]) => Float32Array) =>
      mean(
        places.map((p) => {
          const [q, r] = [softmax(p.clean), softmax(of(p))];
          return q.reduce((sum, v, i) => sum + v * Math.log(v / r[i]!), 0);
        }),
      );
    expect(report.predictions).toBe(6);
    expect(report.cleanCe).toBeCloseTo(
      ce((p) => p.clean),
      9,
    );
    for (const kind of ["sae", "zero", "mean"] as const) {
      expect(report[kind].ce).toBeCloseTo(
        ce((p) => p.replaced[kind]),
        9,
      );
      expect(report[kind].kl).toBeCloseTo(
        kl((p) => p.replaced[kind]),
        9,
      );
    }
    const lost = report.zero.ce - report.cleanCe;
    if (lost > 0)
      expect(report.ceScore.zero).toBeCloseTo((report.zero.ce - report.sae.ce) / lost, 9);
    expect(report.klScore.mean).toBeCloseTo(1 - report.sae.kl / report.mean.kl, 9);
  });

  it("is 1 for the clean model in the SAE's place, 0 for the ablation, and unsaid where nothing is lost", () => {
    const [clean, zero] = [Float32Array.of(3, 0, 0), Float32Array.of(0, 0, 0)];
    const of = (sae: Float32Array, mean: Float32Array) => {
      const sums = new LossSums();
      sums.add(clean, { sae, zero, mean }, 0);
      return sums.report();
    };
    expect(of(clean, clean)).toMatchObject({
      ceScore: { zero: 1, mean: null },
      klScore: { zero: 1, mean: null },
    });
    expect(of(zero, zero).ceScore).toEqual({ zero: 0, mean: 0 });
    expect(() => new LossSums().report()).toThrow(/no prediction/);
  });
});
