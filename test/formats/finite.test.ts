import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { firstNonFinite, type FloatDtype } from "../../src/formats/finite.ts";
import { bf16ToF32, f16ToF32 } from "../../src/formats/half.ts";

/** The plain way: decode everything, ask each value. */
function slowly(bytes: Uint8Array, dtype: FloatDtype): number | null {
  const { buffer } = new Uint8Array(bytes);
  const values =
    dtype === "F32"
      ? new Float32Array(buffer)
      : (dtype === "F16" ? f16ToF32 : bf16ToF32)(new Uint16Array(buffer));
  const at = values.findIndex((value) => !Number.isFinite(value));
  return at < 0 ? null : at;
}

describe("firstNonFinite", () => {
  it.each(["F32", "F16", "BF16"] as const)("agrees with asking every value: %s", (dtype) => {
    const size = dtype === "F32" ? 4 : 2;
    const anything = fc.uint8Array({ maxLength: 64 });
    fc.assert(
      fc.property(anything, fc.nat(3), fc.nat(20000), (tail, shift, zeros) => {
        // Zeros before, so that the find may lie in any block; a shift, so that nothing is aligned.
        const length = Math.floor((zeros + tail.length) / size) * size;
        const memory = new Uint8Array(shift + zeros + tail.length);
        memory.set(tail, shift + zeros);
        const bytes = memory.subarray(shift, shift + length);
        expect(firstNonFinite(bytes, dtype)).toBe(slowly(bytes, dtype));
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ["F32", [NaN, Infinity, -Infinity]],
    ["F16", [0x7c00, 0xfc00, 0x7e01]],
    ["BF16", [0x7f80, 0xff80, 0xffff]],
  ] as const)("finds each kind at any index: %s", (dtype, kinds) => {
    for (const kind of kinds) {
      for (const at of [0, 1, 4095, 4096, 8191, 9000]) {
        const values = dtype === "F32" ? new Float32Array(9001) : new Uint16Array(9001);
        values[at] = kind;
        values[9000] = kind;
        expect(firstNonFinite(new Uint8Array(values.buffer), dtype)).toBe(at);
      }
    }
  });

  it("the largest finite values pass", () => {
    const largest = Float32Array.of(3.4028234663852886e38, -3.4028234663852886e38);
    expect(firstNonFinite(new Uint8Array(largest.buffer), "F32")).toBeNull();
    const half = Uint16Array.of(0x7bff, 0xfbff, 0x7bff);
    expect(firstNonFinite(new Uint8Array(half.buffer), "F16")).toBeNull();
  });

  it("checks 200 MB in well under a second", () => {
    const bytes = new Uint8Array(200e6).fill(0x3c);
    const started = performance.now();
    expect(firstNonFinite(bytes, "F32")).toBeNull();
    expect(performance.now() - started).toBeLessThan(1000);
  });
});
