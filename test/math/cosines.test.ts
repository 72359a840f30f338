/** Angles and shares: hand values with unequal sizes, and what must hold for any vectors. */
import { expect, it } from "vitest";
import { cosinesBetween, meanRow, rowCosines, rowShares } from "../../src/math/cosines.ts";
import { keyedRandom, normal } from "../../src/math/keyed-random.ts";

// R 4, D 2
const x_RD = Float32Array.of(3, 4, 1, 0, 0, 0, -2, 0);
const y_RD = Float32Array.of(4, 3, 0, 5, 1, 1, 6, 0);

it("cosines of rows; a vector of length 0 has none", () => {
  const found = [...rowCosines(x_RD, y_RD, 2)];
  expect(found).toEqual([expect.closeTo(24 / 25, 6), 0, NaN, -1]);
});

it("shares of a whole", () => {
  expect([...rowShares(y_RD, x_RD, 2)]).toEqual([expect.closeTo(24 / 25, 6), 0, NaN, -3]);
});

it("every two states of each row", () => {
  const [a, b, c] = [
    [1, 0, 0, 2, 0, 0],
    [0, 3, 0, 1, 1, 0],
    [-1, 0, 0, 0, 0, 7],
  ].map((row) => Float32Array.from(row));
  const half = Math.SQRT1_2;
  const expected = [...[1, 0, -1, 0, 1, 0, -1, 0, 1], ...[1, half, 0, half, 1, 0, 0, 0, 1]];
  expect([...cosinesBetween([a!, b!, c!], 3)]).toEqual(
    expected.map((v) => expect.closeTo(v, 6) as number),
  );
});

it("means leave the first rows out", () => {
  const x_RN = Float32Array.of(100, 100, 1, 2, 3, 6);
  expect([...meanRow(x_RN, 2, 1)]).toEqual([2, 4]);
  expect([...meanRow(x_RN.subarray(0, 2), 2, 1)]).toEqual([NaN, NaN]);
});

it("cosines stay within 1 for vectors along each other, and parts' shares sum to 1", () => {
  const random = keyedRandom(5);
  const D = 37;
  const values = () => Float32Array.from({ length: 50 * D }, () => normal(random));
  const parts = [values(), values(), values()];
  const whole = parts[0]!.map((_, i) => parts.reduce((sum, part) => sum + part[i]!, 0));
  const along = rowCosines(
    whole,
    whole.map((v) => v * 3),
    D,
  );
  for (const cosine of along) expect(cosine).toBeCloseTo(1, 6);
  expect(Math.max(...along)).toBeLessThanOrEqual(1);
  const shares = parts.map((part) => rowShares(part, whole, D));
  shares[0]!.forEach((share, r) =>
    expect(share + shares[1]![r]! + shares[2]![r]!).toBeCloseTo(1, 5),
  );
});

it("refuses what does not fit", () => {
  expect(() => rowCosines(x_RD, y_RD.subarray(2), 2)).toThrow(/got 8 and 6/);
});
