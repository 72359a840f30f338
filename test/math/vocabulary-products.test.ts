import { expect, it } from "vitest";
import { eigenvalues } from "../../src/math/eigenvalues.ts";
import {
  eigenvalueScore,
  productsInBasis,
  throughVocabulary,
  vocabularyProducts,
} from "../../src/math/vocabulary-products.ts";
import { dense, flipped, times } from "../reference/dense.ts";
import { madeUpModel, ODD, randomValues } from "../reference/models.ts";
import { processed } from "../reference/tl-weights.ts";

const finish = <T>(work: Generator<unknown, T>): T => {
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
  }
};
const expectClose = (found: Float64Array, expected: number[][]) => {
  const all = expected.flat();
  const unit = Math.max(...all.map(Math.abs));
  expect(found.length).toBe(all.length);
  all.forEach((x, i) => expect(Math.abs(found[i]! - x) / unit).toBeLessThan(1e-6));
};

it.each([true, false])("W_U·W_E and W_Eᵀ·W_E in both bases, tied: %s", (tied) => {
  // More tokens than are summed at a time, and more dimensions than rows of the sums at a time.
  const config = { ...ODD, vocab_size: 601, n_embd: 85, bos_token_id: 0 };
  const { n_embd: D, vocab_size: V } = config;
  const raw = madeUpModel(config, 5, tied);
  const E = Float32Array.from(raw.W_E);
  const U = tied ? E : Float32Array.from(flipped(dense(raw.unembed.W, D)).flat());
  const sums = finish(vocabularyProducts(E, U, D));
  const w = Float32Array.from(raw.lnFinal.w);
  for (const [basis, model] of [
    ["raw", raw],
    ["tl", processed(raw)],
  ] as const) {
    const found = productsInBasis(sums, w, basis);
    const W_E = dense(model.W_E, V);
    expectClose(found.UE, times(dense(model.unembed.W, D), W_E));
    expectClose(found.EE, times(flipped(W_E), W_E));
  }
});

const [D, h, V] = [9, 3, 20];
const a = randomValues(h * D, 61);
const b = randomValues(h * D, 62);
const E = Float32Array.from(randomValues(V * D, 63));
const { EE } = finish(vocabularyProducts(E, E, D));
const scoreOf = (left: Float64Array, right: Float64Array) =>
  eigenvalueScore(eigenvalues(throughVocabulary({ D, a: left, b: right }, EE), h));

it("has the eigenvalues of the whole [V, V] matrix, besides zeros", () => {
  const W_E = dense(E, V);
  const whole = times(times(times(W_E, flipped(dense(a, h))), dense(b, h)), flipped(W_E));
  const expected = eigenvalues(Float64Array.from(whole.flat()), V);
  const found = eigenvalues(throughVocabulary({ D, a, b }, EE), h);
  for (let i = 0; i < V; i++) {
    expect(found.re[i] ?? 0).toBeCloseTo(expected.re[i]!, 9);
    expect(found.im[i] ?? 0).toBeCloseTo(expected.im[i]!, 9);
  }
});

it("gives a head that copies 1, one that does the opposite −1, one that does nothing no score", () => {
  expect(scoreOf(a, a)).toBeCloseTo(1, 12); // W_OV = A·Aᵀ, and the output head is the embedding
  expect(
    scoreOf(
      a,
      a.map((x) => -x),
    ),
  ).toBeCloseTo(-1, 12);
  expect(scoreOf(a, new Float64Array(h * D))).toBeNull();
  expect(eigenvalueScore({ re: Float64Array.of(3, 0, 0), im: Float64Array.of(0, 2, -2) })).toBe(
    3 / 7,
  );
});

it("does not change with the scale of a head, or with a turn of its own dimensions", () => {
  const score = scoreOf(a, b)!;
  const swap = (x: Float64Array) =>
    Float64Array.of(...x.subarray(D, 2 * D), ...x.subarray(2 * D), ...x.subarray(0, D));
  expect(scoreOf(swap(a), swap(b))).toBeCloseTo(score, 12);
  expect(
    scoreOf(
      a.map((x) => 5 * x),
      b,
    ),
  ).toBeCloseTo(score, 12);
});
