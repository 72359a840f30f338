import { expect, it } from "vitest";
import { eigenvalues } from "../../src/math/eigenvalues.ts";
import { keyedRandom, normal } from "../../src/math/keyed-random.ts";
import { thinQr } from "../../src/math/thin-qr.ts";
import { dense, flipped, times, trace } from "../reference/dense.ts";
import { randomValues } from "../reference/models.ts";

type Complex = readonly [number, number];
const found = (rows: readonly (readonly number[])[]): Complex[] => {
  const { re, im } = eigenvalues(Float64Array.from(rows.flat()), rows.length);
  return Array.from(re, (x, i) => [x, im[i]!] as const);
};
const expectSame = (values: readonly Complex[], expected: readonly Complex[], digits = 10) => {
  expect(values.length).toBe(expected.length);
  const rest = [...values];
  for (const [re, im] of expected) {
    const distance = ([a, b]: Complex) => Math.hypot(a - re, b - im);
    const nearest = rest.reduce((best, value) => (distance(value) < distance(best) ? value : best));
    expect(distance(nearest)).toBeLessThan(10 ** -digits);
    rest.splice(rest.indexOf(nearest), 1);
  }
};

/** The matrix whose characteristic polynomial is (x − r₁)(x − r₂)…; complex roots as [a, b] stand for both of a pair. */
function companion(roots: readonly (number | Complex)[]): number[][] {
  let polynomial = [1]; // the highest power first
  for (const root of roots) {
    const factor =
      typeof root === "number" ? [1, -root] : [1, -2 * root[0], root[0] ** 2 + root[1] ** 2];
    const next = new Array<number>(polynomial.length + factor.length - 1).fill(0);
    polynomial.forEach((x, i) => factor.forEach((y, j) => (next[i + j]! += x * y)));
    polynomial = next;
  }
  const n = polynomial.length - 1;
  return Array.from({ length: n }, (_, r) =>
    Array.from({ length: n }, (__, c) => (r === 0 ? -polynomial[c + 1]! : r === c + 1 ? 1 : 0)),
  );
}

it("knows matrices that can be done by hand", () => {
  expectSame(found([[7]]), [[7, 0]]);
  expectSame(
    found([
      [0, -4],
      [1, 0],
    ]),
    [
      [0, 2],
      [0, -2],
    ],
  );
  expectSame(
    found([
      [1, 5, -2],
      [0, -3, 4],
      [0, 0, 2],
    ]),
    [
      [-3, 0],
      [2, 0],
      [1, 0],
    ],
  );
  expectSame(found([[0, 1, 0].slice(), [0, 0, 1], [0, 0, 0]]), [
    [0, 0],
    [0, 0],
    [0, 0],
  ]);
});

it("finds the roots of polynomials, real and complex", () => {
  const roots = [4, -3, 0.5, [1, 2], [-0.2, 0.7]] as const;
  const values = found(companion(roots));
  expectSame(values, [
    [4, 0],
    [-3, 0],
    [0.5, 0],
    ...([
      [1, 2],
      [1, -2],
      [-0.2, 0.7],
      [-0.2, -0.7],
    ] as const),
  ]);
  const moduli = values.map(([re, im]) => Math.hypot(re, im));
  expect(moduli).toEqual([...moduli].sort((a, b) => b - a));
});

it.each([3, 4, 8, 17])("finds the %i roots of unity, where plain shifts go in circles", (n) => {
  const cycle = Array.from({ length: n }, (_, r) =>
    Array.from({ length: n }, (__, c) => Number(c === (r + 1) % n)),
  );
  const roots = Array.from({ length: n }, (_, k): Complex => {
    const angle = (2 * Math.PI * k) / n;
    return [Math.cos(angle), Math.sin(angle)];
  });
  expectSame(found(cycle), roots);
});

it("keeps the sums of powers: Σ λᵏ = tr Aᵏ, on 60 random matrices", () => {
  for (let seed = 1; seed <= 60; seed++) {
    const n = 1 + (seed % 23);
    const random = keyedRandom(seed, 1);
    const A = dense(
      Float64Array.from({ length: n * n }, () => normal(random)),
      n,
    );
    const values = found(A);
    let power = A;
    let powers = values;
    for (let k = 1; k <= 4; k++) {
      const [re, im] = powers.reduce<Complex>(([a, b], [x, y]) => [a + x, b + y], [0, 0]);
      const scale = powers.reduce((sum, [x, y]) => sum + Math.hypot(x, y), 1);
      expect(Math.abs(re - trace(power)) / scale).toBeLessThan(1e-11);
      expect(im).toBe(0); // conjugate pairs are exact
      power = times(power, A);
      powers = powers.map(([x, y], i) => {
        const [a, b] = values[i]!;
        return [x * a - y * b, x * b + y * a];
      });
    }
  }
});

it("does not change when the matrix is turned", () => {
  const n = 13;
  const A = dense(randomValues(n * n, 11), n);
  const Q = dense(thinQr(randomValues(n * n, 12), n).q_nD, n);
  expectSame(found(times(times(Q, A), flipped(Q))), found(A));
});

it("refuses what is not finite", () => {
  expect(() => eigenvalues(Float64Array.of(1, 0, Infinity, 1), 2)).toThrow(/finite/);
});
