/** A trained SAE over many tokens, on the training backend. Held by a test to the definition in math/sae.ts. */
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor1D, Tensor2D } from "@tensorflow/tfjs-core";
import { type SaeConfig, type SaeWeights, type WeightName, weightShapes } from "../core/sae.ts";
import { jump, keepLargest } from "./fused.ts";
import { dense, timesTransposed } from "./ops.ts";
import { normed } from "./input-norm.ts";
import { gatedPaths } from "./variants/gated.ts";

export interface Encoder {
  /** f [B, F] of raw activations [B, D]; the caller keeps x. */
  encode(x_BD: Tensor2D): Promise<Float32Array>;
  /** Also x̂, [B, E]. */
  reconstruct(x_BD: Tensor2D): Promise<{ f: Float32Array; xHat: Float32Array }>;
  dispose(): void;
}

export function createEncoder(weights: SaeWeights, config: SaeConfig): Encoder {
  const { applyBDecToInput } = config;
  const tensors = Object.fromEntries(
    weightShapes(config).map(([name, shape]) => [name, tf.tensor(weights[name]!, shape)]),
  ) as unknown as Tensors;
  const { W_dec, b_dec, W_skip } = tensors;
  const activate = activationOf(tensors, config);
  const features = (in_BD: Tensor2D): Tensor2D =>
    activate(applyBDecToInput ? tf.sub<Tensor2D>(in_BD, b_dec) : in_BD);
  return {
    async encode(x_BD) {
      const f = tf.tidy(() => features(normed(x_BD, config.normalize).in_BD));
      const data = await f.data<"float32">();
      f.dispose();
      return data;
    },
    async reconstruct(x_BD) {
      const [f, xHat] = tf.tidy((): [Tensor2D, Tensor2D] => {
        const { in_BD, undo } = normed(x_BD, config.normalize);
        const f_BF = features(in_BD);
        const xHat_BE = undo(dense(f_BF, W_dec, b_dec));
        if (!config.out?.skip) return [f_BF, xHat_BE];
        return [f_BF, tf.add(xHat_BE, timesTransposed(W_skip)(x_BD))];
      });
      const [fData, xHatData] = await Promise.all([f.data<"float32">(), xHat.data<"float32">()]);
      tf.dispose([f, xHat]);
      return { f: fData, xHat: xHatData };
    },
    dispose: () => tf.dispose(Object.values(tensors)),
  };
}

type Tensors = { [N in WeightName]: N extends "W_enc" | "W_dec" | "W_skip" ? Tensor2D : Tensor1D };

/** The part of x that is encoded → f. */
function activationOf(
  { W_enc, b_enc, threshold, r_mag, b_mag }: Tensors,
  config: SaeConfig,
): (input_BD: Tensor2D) => Tensor2D {
  switch (config.variant) {
    case "standard":
      return (x_BD) => dense(x_BD, W_enc, b_enc, "relu");
    case "topk":
      return (x_BD) => keepLargest(dense(x_BD, W_enc, b_enc), config.k);
    case "jumprelu": // an import may have thresholds below 0
      return (x_BD) => tf.relu(jump(dense(x_BD, W_enc, b_enc), threshold));
    case "gated":
      return (x_BD) => gatedPaths({ W_enc, b_enc, r_mag, b_mag }, x_BD).f_BF;
  }
}
