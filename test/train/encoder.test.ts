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
      const { f, x, xHat } = await encoder.reconstruct(x_BD);
      expect(await encoder.encode(x_BD)).toEqual(f);
      expect(x).toEqual(rows);
      f.forEach((value, i) => expect(value).toBeCloseTo(wanted[i]!, 5));
      decode(wanted, weights, config).forEach((value, i) => expect(xHat[i]).toBeCloseTo(value, 4));
      x_BD.dispose();
      encoder.dispose();
      expect(tf.memory().numTensors).toBe(before);
    },
  );
});
