import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import type { SaeConfig, SaeWeights } from "../../src/core/sae.ts";
import { decode, encode } from "../../src/math/sae.ts";
import { createEncoder } from "../../src/train/encoder.ts";
import { normals, useWasm } from "./wasm.ts";

const [B, D, F] = [7, 5, 11];
const weights: SaeWeights = {
  W_enc: normals(D * F, 1),
  W_dec: normals(F * D, 2),
  b_enc: normals(F, 3),
  b_dec: normals(D, 4),
  threshold: normals(F, 5),
  r_mag: normals(F, 6),
  b_mag: normals(F, 7),
};
beforeAll(useWasm);

describe.each([
  ["standard", null],
  ["topk", 3],
  ["topk", F],
  ["jumprelu", null],
  ["gated", null],
] as const)("the %s encoder on the training backend, k %s", (variant, k) => {
  it.each([false, true])(
    "is the canonical one (b_dec subtracted: %s)",
    async (applyBDecToInput) => {
      const config = { variant, k, dIn: D, dSae: F, applyBDecToInput } as SaeConfig;
      const before = tf.memory().numTensors;
      const encoder = createEncoder(weights, config);
      const rows = normals(B * D, 9);
      const x_BD = tf.tensor2d(rows, [B, D]);
      const wanted = encode(rows, weights, config);
      const { f, xHat } = await encoder.reconstruct(x_BD);
      expect(await encoder.encode(x_BD)).toEqual(f);
      f.forEach((value, i) => expect(value).toBeCloseTo(wanted[i]!, 5));
      decode(wanted, weights, config).forEach((value, i) => expect(xHat[i]).toBeCloseTo(value, 4));
      x_BD.dispose();
      encoder.dispose();
      expect(tf.memory().numTensors).toBe(before);
    },
  );
});

it.each([false, true])("a transcoder's encoder is the canonical one, skip: %s", async (skip) => {
  const E = 3;
  const config: SaeConfig = {
    ...{ variant: "topk", k: 3, dIn: D, dSae: F, applyBDecToInput: false, prependBos: true },
    ...{ hook: "blocks.0.ln2.hook_normalized", modelId: "m", contextSize: 8 },
    out: { hook: "blocks.0.hook_mlp_out", width: E, skip },
  };
  const own: SaeWeights = {
    ...weights,
    ...{ W_dec: normals(F * E, 8), b_dec: normals(E, 10), W_skip: normals(E * D, 11) },
  };
  const encoder = createEncoder(own, config);
  const rows = normals(B * D, 9);
  const x_BD = tf.tensor2d(rows, [B, D]);
  const f = encode(rows, own, config);
  const wanted = decode(f, own, config, rows);
  const { xHat } = await encoder.reconstruct(x_BD);
  expect(xHat.length).toBe(B * E);
  wanted.forEach((value, i) => expect(xHat[i]).toBeCloseTo(value, 4));
  // By hand, one entry: b_dec + f · column of W_dec + x · row of W_skip
  const [b, e] = [4, 1];
  const byHand =
    own.b_dec[e]! +
    Array.from({ length: F }, (_, i) => f[b * F + i]! * own.W_dec[i * E + e]!).reduce(plus, 0) +
    (skip
      ? Array.from({ length: D }, (_, d) => rows[b * D + d]! * own.W_skip![e * D + d]!).reduce(
          plus,
          0,
        )
      : 0);
  expect(wanted[b * E + e]).toBeCloseTo(byHand, 5);
  if (skip) expect(() => decode(f, own, config)).toThrow(/needs what it read/);
  tf.dispose(x_BD);
  encoder.dispose();
});
const plus = (a: number, b: number) => a + b;
it.each(["centre", "layer_norm", "constant_norm_rescale"] as const)(
  "after %s it is the canonical one too, and scaled back",
  async (normalize) => {
    const config = {
      ...{ variant: "topk", k: 3, dIn: D, dSae: F, applyBDecToInput: true, normalize },
    } as SaeConfig;
    const rows = normals(B * D, 9).map((v) => 3 * v + 1);
    const encoder = createEncoder(weights, config);
    const x_BD = tf.tensor2d(rows, [B, D]);
    const { f, xHat } = await encoder.reconstruct(x_BD);
    const wanted = encode(rows, weights, config);
    const plain = { ...config };
    delete plain.normalize;
    expect(wanted).not.toEqual(encode(rows, weights, plain));
    f.forEach((value, i) => expect(value).toBeCloseTo(wanted[i]!, 4));
    decode(wanted, weights, config, rows).forEach((value, i) =>
      expect(xHat[i]).toBeCloseTo(value, 3),
    );
    encoder.dispose();
    x_BD.dispose();
  },
);
