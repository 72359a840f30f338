/**
 * What one way of training has of its own: everything else, from Adam to the report, is the same for all (`sae-step.ts`,
 * `trainer.ts`). A file beside this one each; `index.ts` chooses.
 *
 * Common to all: ŷ = f W_dec + b_dec, and a loss L = (1/B) Σ_b ‖ŷ − y‖² + what the variant adds, on activations scaled to a
 * mean norm of √D. For an autoencoder y is x; for a transcoder the MLP's output, less what a skip connection makes of it
 * (`sae-step.ts`). Where a variant's own formulas say x̂ and x, a transcoder has ŷ and y. Gradients are written out by hand instead of by autodiff: on TensorFlow.js's WASM backend autodiff
 * takes the slow path of every product with a transposed operand, and everywhere it keeps and passes over far more of
 * size [B, F] than is needed. Axis letters: B tokens, D d_in, E d_out (= D but for a transcoder), F latents.
 */
import type { Scalar, Tensor1D, Tensor2D } from "@tensorflow/tfjs-core";
import type { SaeWeights } from "../../core/sae.ts";
import type { Pair } from "../pairs.ts";
import type { ParameterName, Parameters } from "../parameters.ts";

/** What of the loss changes over a run. */
export interface Now {
  /** Share of the sparsity penalty that counts, 0 … 1. */
  pressure: number;
  /** [F], 1 where a latent is dead; null while none is, which saves the products of its revival. */
  dead: Tensor1D | null;
}

export interface Backward {
  gradients: Parameters;
  /** ŷ − y, [B, E] */
  error: Tensor2D;
  /** ∂L/∂ŷ, [B, E] */
  g_BE: Tensor2D;
  /** Tokens of the batch on which each latent was active, [F]. */
  fires: Tensor1D;
  /** Their sum: active latents, summed over the tokens. */
  active: Scalar;
  /** What the loss has beside the reconstruction error: penalty or auxiliary loss. */
  sparsityLoss: Scalar;
  /** The same in its parts, in the order of `LOSS_PARTS`. @default it is its only part */
  parts?: readonly Scalar[];
  /** The least activation kept of this batch, where that is what makes the threshold. */
  least?: Scalar;
}

/** The four that all have. */
export type SharedParameters = Pick<Parameters, "W_enc" | "W_decT" | "b_enc" | "b_dec">;
/** A trained SAE in the scale of training, not yet of norm 1. */
export interface Trained {
  weights: SaeWeights;
  /** ln θ (jumprelu), [F] */
  log_threshold?: Float32Array;
  /** See `TrainState`. */
  least: number;
}

export interface Variant {
  /** Decoder directions are kept at norm 1, and lose the part of their gradient that would change it. */
  readonly unitDecoder: boolean;
  /** How dead latents come back: `resample.ts`, now and then, or a term in the loss. */
  readonly revival: "resampled" | "by gradient";
  /** Some parameters need another learning rate: how many times that of the rest. */
  readonly rates?: Partial<Record<ParameterName, number>>;
  /** What it trains beside the shared ones, at the start. To be called within a `tidy`. */
  ownParameters?(shared: SharedParameters, sample_BD: Tensor2D): Partial<Parameters>;
  /** f [B, F]. @param x_BD inputs in the scale of training */
  features(params: Parameters, x_BD: Tensor2D): Tensor2D;
  /** To be called within a `tidy`. @param pair in the scale of training */
  backward(params: Parameters, pair: Pair, now: Now): Backward;
  /** What the finished SAE has beside the parameters: its thresholds. */
  finish?(trained: Trained): SaeWeights;
}
