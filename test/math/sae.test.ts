import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { SaeVariant, SaeWeights } from "../../src/core/sae.ts";
import {
  decode,
  encode,
  foldDecoderNorms,
  preActivation,
  slopeWhereActive,
} from "../../src/math/sae.ts";
import { explainedVariance } from "../../src/math/reconstruction.ts";
import reference from "../fixtures/sae-math.json" with { type: "json" };

const f32 = (...values: number[]) => Float32Array.from(values);
type Encoder = Parameters<typeof encode>[2];
const config = (over: Partial<Encoder>): Encoder => ({
  variant: "standard",
  dIn: 2,
  dSae: 3,
  k: null,
  applyBDecToInput: false,
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

describe("thresholds", () => {
  // pre of (2, 3): 2, −2.5, 4; of (1, −4): 1, 4.5, −4
  it("JumpReLU keeps what is above its feature's own, unshrunken", () => {
    const jump: SaeWeights = { ...weights, threshold: f32(1, 4.5, 3) };
    const f = encode(f32(2, 3, 1, -4), jump, config({ variant: "jumprelu" }));
    expect(Array.from(f)).toEqual([2, 0, 4, 0, 0, 0]); // equal to the threshold is not above it
    const below: SaeWeights = { ...weights, threshold: f32(-5, -5, -5) };
    expect(Array.from(encode(f32(2, 3), below, config({ variant: "jumprelu" })))).toEqual([
      2, 0, 4,
    ]);
  });
  it("a gate says who is active, the other path how much", () => {
    const gated: SaeWeights = {
      ...weights,
      ...{ r_mag: f32(Math.log(2), 0, 0), b_mag: f32(1, -5, -9) },
    };
    // (2, 3): pre 2, −2.5, 4; x W_enc 2, −3, 5; magnitudes 2·2 + 1, −3 − 5, 5 − 9
    // (1, −4): pre 1, 4.5, −4; x W_enc 1, 4, −3; magnitudes 3, −1, −12
    const f = encode(f32(2, 3, 1, -4), gated, config({ variant: "gated" }));
    f.forEach((v, i) => expect(v).toBeCloseTo([5, 0, 0, 3, 0, 0][i]!, 6));
    expect(slopeWhereActive(0, gated)).toBeCloseTo(2, 6);
    expect(slopeWhereActive(0, weights)).toBe(1);
  });
  it.each(["jumprelu", "gated"] as const)("of %s need their tensors", (variant) => {
    expect(() => encode(f32(1, 2), weights, config({ variant }))).toThrow(/has no values/);
  });
  it.each(["jumprelu", "gated"] as const)("of %s let NaN through", (variant) => {
    const all = { ...weights, threshold: f32(1, 1, 1), r_mag: f32(0, 0, 0), b_mag: f32(0, 0, 0) };
    expect(encode(f32(Number.NaN, 0), all, config({ variant }))[0]).toBeNaN();
  });
  it("pre is what decides, with b_dec subtracted where the config says so", () => {
    const pre = (x: Float32Array, applyBDecToInput: boolean) =>
      [0, 1, 2].map((f) => preActivation(x, f, weights, config({ applyBDecToInput })));
    expect(pre(f32(2, 3), false)).toEqual([2, -2.5, 4]);
    expect(pre(f32(12, 23), true)).toEqual([2, -2.5, 4]);
  });
});

describe("decoder rows of norm 1", () => {
  const own = { threshold: f32(1, 2, 0.5), r_mag: f32(0.1, 0.2, -0.3), b_mag: f32(-0.5, 1, 0.2) };
  const all: SaeWeights = { ...weights, ...own, W_dec: f32(3, 4, 0, -0.5, 2, 3) };
  it.each(["standard", "jumprelu", "gated"] as const)(
    "leave what a %s SAE rebuilds as it was, and f · ‖w‖",
    (variant) => {
      const c = config({ variant });
      const folded = foldDecoderNorms(all, 3);
      const x = f32(2, 3, 1, -4, 0.3, 0.1, -2, 5);
      const [f, g] = [encode(x, all, c), encode(x, folded, c)];
      f.forEach((v, i) => expect(g[i]).toBeCloseTo(v * [5, 0.5, Math.sqrt(13)][i % 3]!, 5));
      decode(g, folded, c).forEach((v, i) => expect(v).toBeCloseTo(decode(f, all, c)[i]!, 4));
    },
  );
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
      variant: wanted.variant as SaeVariant,
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
