import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { SaeConfig, SaeWeights } from "../../src/core/sae.ts";
import { decode, encode } from "../../src/math/sae.ts";
import { explainedVariance } from "../../src/math/reconstruction.ts";
import reference from "../fixtures/sae-math.json" with { type: "json" };

const f32 = (...values: number[]) => Float32Array.from(values);
const config = (over: Partial<SaeConfig>): SaeConfig => ({
  variant: "standard",
  dIn: 2,
  dSae: 3,
  k: null,
  hook: "hook_embed",
  modelId: "test",
  applyBDecToInput: false,
  prependBos: true,
  contextSize: 128,
  ...over,
});
/** D 2, F 3: latent 0 reads x₀, latent 1 reads −x₁, latent 2 reads x₀ + x₁. */
const weights: SaeWeights = {
  W_enc: f32(1, 0, 1, 0, -1, 1),
  W_dec: f32(1, 0, 0, -1, 2, 3),
  b_enc: f32(0, 0.5, -1),
  b_dec: f32(10, 20),
};

describe("encode", () => {
  it("is ReLU of the affine map", () => {
    expect(Array.from(encode(f32(2, 3, -1, -4), weights, config({})))).toEqual([
      2, 0, 4, 0, 4.5, 0,
    ]);
  });
  it("subtracts b_dec first where the config says so", () => {
    const shifted = encode(f32(12, 23), weights, config({ applyBDecToInput: true }));
    expect(Array.from(shifted)).toEqual([2, 0, 4]);
  });
  it("keeps the k largest of each row in TopK", () => {
    expect(Array.from(encode(f32(2, 3), weights, config({ variant: "topk", k: 1 })))).toEqual([
      0, 0, 4,
    ]);
  });
  it("never makes a negative feature, even if k reaches below 0", () => {
    expect(Array.from(encode(f32(2, 3), weights, config({ variant: "topk", k: 3 })))).toEqual([
      2, 0, 4,
    ]);
  });
  it("breaks ties by the lower index", () => {
    const tied: SaeWeights = { ...weights, W_enc: f32(1, 1, 1, 0, 0, 0), b_enc: f32(0, 0, 0) };
    expect(Array.from(encode(f32(7, 0), tied, config({ variant: "topk", k: 2 })))).toEqual([
      7, 7, 0,
    ]);
  });
  it("lets NaN through instead of calling the feature inactive", () => {
    expect(encode(f32(Number.NaN, 0), weights, config({}))[0]).toBeNaN();
    expect(encode(f32(Number.NaN, 0), weights, config({ variant: "topk", k: 2 }))[0]).toBeNaN();
  });
  it("of nothing is nothing", () => {
    expect(encode(f32(), weights, config({}))).toHaveLength(0);
  });
  it.each([0, 4, 1.5, null])("refuses k = %s of 3 latents", (k) => {
    expect(() => encode(f32(1, 1), weights, config({ variant: "topk", k }))).toThrow(
      expect.objectContaining({ code: "bad-input", message: expect.stringContaining(`got ${k}`) }),
    );
  });
  it("refuses arrays that do not fit, and says which", () => {
    expect(() => encode(f32(1, 2, 3), weights, config({}))).toThrow(/x as \[B, 2\], got 3/);
    expect(() => encode(f32(1, 2), { ...weights, b_enc: f32(1) }, config({}))).toThrow(
      /b_enc has 1 values/,
    );
    expect(() => decode(f32(1, 2), weights, config({}))).toThrow(/f as \[B, 3\], got 2/);
  });
});

describe("decode", () => {
  it("adds the directions of the active features to b_dec", () => {
    expect(Array.from(decode(f32(2, 0, 4, 0, 1, 0), weights, config({})))).toEqual([
      20, 32, 10, 19,
    ]);
  });
});

describe("against PyTorch", () => {
  const x = Float32Array.from(reference.x);
  const w = Object.fromEntries(
    Object.entries(reference.weights).map(([name, values]) => [name, Float32Array.from(values)]),
  ) as unknown as SaeWeights;
  it.each(reference.cases)("$variant, b_dec subtracted: $applyBDecToInput", (wanted) => {
    const c = config({
      variant: wanted.variant as SaeConfig["variant"],
      applyBDecToInput: wanted.applyBDecToInput,
      dIn: reference.D,
      dSae: reference.F,
      k: wanted.variant === "topk" ? reference.k : null,
    });
    const f = encode(x, w, c);
    const xHat = decode(f, w, c);
    f.forEach((value, i) => expect(value).toBeCloseTo(wanted.f[i]!, 5));
    xHat.forEach((value, i) => expect(value).toBeCloseTo(wanted.xHat[i]!, 5));
    expect(explainedVariance(x, xHat, reference.D)).toBeCloseTo(wanted.explainedVariance, 5);
  });
});

describe("properties", () => {
  const value = fc.float({ min: -4, max: 4, noNaN: true });
  const array = (n: number) =>
    fc.array(value, { minLength: n, maxLength: n }).map((v) => Float32Array.from(v));
  const B = 4;
  const D = 3;
  const F = 5;
  const arbitrary = fc.record({
    x: array(B * D),
    w: fc.record({ W_enc: array(D * F), W_dec: array(F * D), b_enc: array(F), b_dec: array(D) }),
    k: fc.integer({ min: 1, max: F }),
    applyBDecToInput: fc.boolean(),
  });
  it("TopK has at most k active features a row, and each equals the standard one", () => {
    fc.assert(
      fc.property(arbitrary, ({ x, w, k, applyBDecToInput }) => {
        const shape = { dIn: D, dSae: F, applyBDecToInput };
        const top = encode(x, w, config({ ...shape, variant: "topk", k }));
        const all = encode(x, w, config(shape));
        for (let b = 0; b < B; b++) {
          const row = top.subarray(b * F, (b + 1) * F);
          expect(row.filter((f) => f > 0).length).toBeLessThanOrEqual(k);
          row.forEach((f, i) => f > 0 && expect(f).toBe(all[b * F + i]));
        }
      }),
    );
  });
  it("a row does not depend on the others", () => {
    fc.assert(
      fc.property(arbitrary, ({ x, w, k, applyBDecToInput }) => {
        const c = config({ dIn: D, dSae: F, variant: "topk", k, applyBDecToInput });
        const whole = encode(x, w, c);
        for (let b = 0; b < B; b++) {
          expect(encode(x.slice(b * D, (b + 1) * D), w, c)).toEqual(
            whole.slice(b * F, (b + 1) * F),
          );
        }
      }),
    );
  });
});
