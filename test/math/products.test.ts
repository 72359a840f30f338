import { expect, it } from "vitest";
import { addProduct, product, transposedF64 } from "../../src/math/products.ts";
import { dense, flipped, times } from "../reference/dense.ts";
import { randomValues } from "../reference/models.ts";

it.each([
  [1, 1, 1],
  [4, 8, 3],
  [5, 7, 9],
  [13, 6, 2],
  [3, 11, 20],
])("A·Bᵀ of [%i, K] and [%i, K], K = %i, is the sum of products", (M, N, K) => {
  const [A, B] = [randomValues(M * K, 1, M), randomValues(N * K, 2, N)];
  const expected = times(dense(A, M), flipped(dense(B, N))).flat();
  product(A, B, K).forEach((x, i) => expect(x).toBeCloseTo(expected[i]!, 12));
});

it("adds to what is there, in a part of a wider matrix, and touches nothing beside it", () => {
  const [M, N, K, stride] = [5, 6, 3, 9];
  const [A, B] = [randomValues(M * K, 3), randomValues(N * K, 4)];
  const out = new Float64Array(M * stride).fill(2);
  addProduct(out.subarray(1), stride, A, B, K);
  const expected = times(dense(A, M), flipped(dense(B, N)));
  out.forEach((x, i) => {
    const [r, c] = [Math.floor(i / stride), (i % stride) - 1];
    expect(x).toBeCloseTo(2 + (c >= 0 && c < N ? expected[r]![c]! : 0), 12);
  });
});

it("refuses lengths that do not fit", () => {
  const of = (n: number) => new Float64Array(n);
  expect(() => addProduct(of(9), 3, of(7), of(9), 3)).toThrow(/\[M, 3\]/);
  expect(() => addProduct(of(8), 3, of(9), of(9), 3)).toThrow(/\[M, 3\]/);
});

it("transposes", () => {
  expect([...transposedF64([1, 2, 3, 4, 5, 6], 2)]).toEqual([1, 4, 2, 5, 3, 6]);
});
