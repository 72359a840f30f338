import { describe, expect, it } from "vitest";
import { circuitSvd } from "../../src/math/head-factors.ts";
import { rowsOf } from "../../src/math/products.ts";
import { svd } from "../../src/math/svd.ts";
import { thinQr } from "../../src/math/thin-qr.ts";
import { dense, flipped, frobenius, times, trace } from "../reference/dense.ts";
import { randomValues } from "../reference/models.ts";

const dot = (x: Float64Array, y: Float64Array) => x.reduce((sum, v, i) => sum + v * y[i]!, 0);

/** Σ s_i u_i vᵢᵀ, [rows, columns] */
function rebuilt(s: Float64Array, u: Float64Array[], v: Float64Array[]): number[] {
  return [...u[0]!].flatMap((_, r) =>
    [...v[0]!].map((__, c) => s.reduce((sum, x, i) => sum + x * u[i]![r]! * v[i]![c]!, 0)),
  );
}
const expectOrthonormal = (vectors: Float64Array[], digits = 13) =>
  vectors.forEach((x, i) =>
    vectors.forEach((y, j) => expect(dot(x, y)).toBeCloseTo(i === j ? 1 : 0, digits)),
  );
const close = (found: ArrayLike<number>, expected: ArrayLike<number>, digits = 12) => {
  expect(found.length).toBe(expected.length);
  for (let i = 0; i < expected.length; i++) expect(found[i]).toBeCloseTo(expected[i]!, digits);
};

describe("svd", () => {
  it("has the values of a matrix that can be done by hand", () => {
    // [[3, 0], [4, 5]]: AᵀA = [[25, 20], [20, 25]], so √45 and √5.
    const { s_n } = svd(Float64Array.of(3, 0, 4, 5), 2);
    close(s_n, [Math.sqrt(45), Math.sqrt(5)], 14);
  });

  it.each([1, 2, 7, 31])("puts a random matrix of order %i together again", (n) => {
    const a = randomValues(n * n, 5, n);
    const { s_n, u_nn, v_nn } = svd(a, n);
    const [u, v] = [rowsOf(u_nn, n), rowsOf(v_nn, n)];
    close(rebuilt(s_n, u, v), a);
    expectOrthonormal(u);
    expectOrthonormal(v);
    expect([...s_n]).toEqual([...s_n].sort((x, y) => y - x));
  });

  it("finds small values beside large ones, and those that are 0", () => {
    const n = 5;
    const q = rowsOf(thinQr(randomValues(n * n, 6), n).q_nD, n);
    const p = rowsOf(thinQr(randomValues(n * n, 7), n).q_nD, n);
    const s = Float64Array.of(1e6, 3, 1e-6, 1e-9, 0);
    const found = svd(Float64Array.from(rebuilt(s, q, p)), n).s_n;
    [0, 1, 2].forEach((i) => expect(found[i]! / s[i]!).toBeCloseTo(1, i < 2 ? 9 : 2));
    expect(found[4]).toBeLessThan(1e-9);
    expect([...svd(new Float64Array(9), 3).s_n]).toEqual([0, 0, 0]);
  });

  it("refuses what is not finite", () => {
    expect(() => svd(Float64Array.of(1, NaN, 0, 1), 2)).toThrow(/finite/);
  });
});

describe("thinQr", () => {
  it("gives back the columns, dependent ones too", () => {
    const [n, D] = [4, 9];
    const a = randomValues(n * D, 8);
    a.subarray(2 * D, 3 * D).forEach((_, d, own) => (own[d] = a[d]! - 2 * a[D + d]!)); // column 2 = column 0 − 2 · column 1
    const { q_nD, r_nn } = thinQr(a, D);
    const q = rowsOf(q_nD, D);
    expectOrthonormal([q[0]!, q[1]!, q[3]!]);
    expect(q[2]!.every((x) => x === 0)).toBe(true);
    close(times(flipped(dense(r_nn, n)), dense(q_nD, n)).flat(), a);
    dense(r_nn, n).forEach((row, r) => expect(row.slice(0, r).every((x) => x === 0)).toBe(true));
  });
});

describe("circuitSvd", () => {
  const [D, h] = [11, 3];
  const a = randomValues(h * D, 9);
  const b = randomValues(h * D, 10);
  const full = times(flipped(dense(a, h)), dense(b, h)); // [D, D]

  it("is the SVD of the whole [D, D] product", () => {
    const { s_h, u_hD, v_hD } = circuitSvd({ D, a, b });
    close(rebuilt(s_h, rowsOf(u_hD, D), rowsOf(v_hD, D)), full.flat());
    expectOrthonormal(rowsOf(u_hD, D));
    expectOrthonormal(rowsOf(v_hD, D));
    // Σ s² and Σ s⁴ of the whole.
    const square = times(full, flipped(full));
    expect(Math.hypot(...s_h)).toBeCloseTo(frobenius(full), 12);
    expect(s_h.reduce((sum, s) => sum + s ** 4, 0) / trace(times(square, square))).toBeCloseTo(1);
  });

  it("has no directions where a factor has none", () => {
    const rankOne = Float64Array.from(a, (_, i) => a[i % D]! * (1 + Math.floor(i / D)));
    const { s_h, u_hD, v_hD } = circuitSvd({ D, a: rankOne, b });
    expect(s_h[1]! / s_h[0]!).toBeLessThan(1e-14);
    const zero = circuitSvd({ D, a: new Float64Array(h * D), b });
    expect([...zero.s_h, ...zero.u_hD, ...zero.v_hD].every((x) => x === 0)).toBe(true);
    expect(rebuilt(s_h, rowsOf(u_hD, D), rowsOf(v_hD, D)).every(Number.isFinite)).toBe(true);
  });
});
