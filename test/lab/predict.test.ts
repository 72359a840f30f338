import { expect, it } from "vitest";
import { predict, predictTop, rowOf } from "../../src/lab/predict.ts";

const tokenizer = { strings: (ids: readonly number[]) => ids.map((id) => `t${id}`) };
/** [1, T = 2, V = 4]; the second row's probabilities are 0.1 0.4 0.2 0.3. */
const logits = {
  data: Float32Array.of(9, 9, 9, 9, ...[0.1, 0.4, 0.2, 0.3].map(Math.log)),
  dims: [1, 2, 4],
};

it("tells the likeliest tokens of a position, with probabilities over the whole vocabulary", () => {
  const { ids, strings, logits: shown, probabilities } = predictTop(rowOf(logits, 1), tokenizer, 2);
  expect(ids).toEqual([1, 3]);
  expect(strings).toEqual(["t1", "t3"]);
  expect(shown.map(Math.exp).map((v) => Math.round(v * 1e5) / 1e5)).toEqual([0.4, 0.3]);
  expect(probabilities[0]).toBeCloseTo(0.4, 6);
  expect(probabilities[1]).toBeCloseTo(0.3, 6);
});

it("puts given tokens in the order of their likelihood, the lower id first among equals", () => {
  expect(predict(rowOf(logits, 1), tokenizer, [0, 2, 1]).ids).toEqual([1, 2, 0]);
  expect(predict(rowOf(logits, 0), tokenizer, [3, 0, 2]).ids).toEqual([0, 2, 3]);
});

it("tells no more tokens than there are", () => {
  expect(predictTop(rowOf(logits, 1), tokenizer, 10).ids).toEqual([1, 3, 2, 0]);
});
