import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bf16ToF32, f16ToF32, f32ToF16 } from "../../src/formats/half.ts";

const halves = Uint16Array.from({ length: 65536 }, (_, bits) => bits);

describe("F16", () => {
  it.each([
    [0x0000, 0],
    [0x8000, -0],
    [0x3c00, 1],
    [0xc000, -2],
    [0x0001, 2 ** -24],
    [0x03ff, 1023 * 2 ** -24],
    [0x0400, 2 ** -14],
    [0x7bff, 65504],
    [0xfc00, -Infinity],
    [0x7e00, NaN],
  ])("bits %i are %f", (bits, value) => {
    expect(f16ToF32(Uint16Array.of(bits))[0]).toBe(value);
  });

  it("every value goes to float32 and back", () => {
    const back = f32ToF16(f16ToF32(halves));
    const isNaN16 = (bits: number) => (bits & 0x7fff) > 0x7c00;
    for (const bits of halves) {
      if (isNaN16(bits)) expect(isNaN16(back[bits]!)).toBe(true);
      else expect(back[bits]).toBe(bits);
    }
  });

  it("rounds to the nearest of all values, ties to even", () => {
    const values = f16ToF32(halves.subarray(0, 0x7c00)); // 0 … 65504, rising
    fc.assert(
      fc.property(fc.nat(0x7bfe), fc.double({ min: 0, max: 1, noNaN: true }), (bits, t) => {
        const [low, high] = [values[bits]!, values[bits + 1]!];
        const x = Math.fround(low + (high - low) * t);
        const [toLow, toHigh] = [x - low, high - x];
        const nearest = toLow < toHigh || (toLow === toHigh && bits % 2 === 0) ? bits : bits + 1;
        expect(f32ToF16(Float32Array.of(x, -x))).toEqual(Uint16Array.of(nearest, nearest | 0x8000));
      }),
      { numRuns: 5000 },
    );
  });

  it("goes to infinity from halfway beyond the largest value", () => {
    expect(f32ToF16(Float32Array.of(65519.99, 65520, -1e30))).toEqual(
      Uint16Array.of(0x7bff, 0x7c00, 0xfc00),
    );
  });
});

it("BF16 is the upper half of a float32", () => {
  expect(Array.from(bf16ToF32(Uint16Array.of(0x3f80, 0xc049, 0x7f80)))).toEqual([
    1,
    -3.140625,
    Infinity,
  ]);
});
