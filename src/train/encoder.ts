/** A trained SAE over many tokens, on the training backend. Held by a test to the definition in math/sae.ts. */
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor2D } from "@tensorflow/tfjs-core";
import type { SaeConfig, SaeWeights } from "../core/sae.ts";
import { keepLargest } from "./fused.ts";
import { dense } from "./ops.ts";

export interface Encoder {
  /** f [B, F] of raw activations [B, D]; the caller keeps x. */
  encode(x_BD: Tensor2D): Promise<Float32Array>;
  /** Also x itself and x̂, [B, D]. */
  reconstruct(x_BD: Tensor2D): Promise<{ f: Float32Array; x: Float32Array; xHat: Float32Array }>;
  dispose(): void;
}

export function createEncoder(weights: SaeWeights, config: SaeConfig): Encoder {
  const { dIn, dSae, k, applyBDecToInput } = config;
  const W_enc = tf.tensor2d(weights.W_enc, [dIn, dSae]);
  const W_dec = tf.tensor2d(weights.W_dec, [dSae, dIn]);
  const b_enc = tf.tensor1d(weights.b_enc);
  const b_dec = tf.tensor1d(weights.b_dec);
  const features = (x_BD: Tensor2D): Tensor2D => {
    const input = applyBDecToInput ? tf.sub<Tensor2D>(x_BD, b_dec) : x_BD;
    return k === null
      ? dense(input, W_enc, b_enc, "relu")
      : keepLargest(dense(input, W_enc, b_enc), k);
  };
  return {
    async encode(x_BD) {
      const f = tf.tidy(() => features(x_BD));
      const data = await f.data<"float32">();
      f.dispose();
      return data;
    },
    async reconstruct(x_BD) {
      const [f, xHat] = tf.tidy((): [Tensor2D, Tensor2D] => {
        const f_BF = features(x_BD);
        return [f_BF, dense(f_BF, W_dec, b_dec)];
      });
      const [fData, x, xHatData] = await Promise.all([
        f.data<"float32">(),
        x_BD.data<"float32">(),
        xHat.data<"float32">(),
      ]);
      tf.dispose([f, xHat]);
      return { f: fData, x, xHat: xHatData };
    },
    dispose: () => tf.dispose([W_enc, W_dec, b_enc, b_dec]),
  };
}
