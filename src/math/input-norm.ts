/**
 * What is done to activations before an SAE encodes them, and undone on its reconstruction, token by token:
 * x ↦ (x − μ) / s, x̂ ↦ x̂·t + μ. Axis letters: B tokens, D d_in.
 *
 * centre: μ the token's mean over D; s = t = 1. (TransformerLens's center_writing_weights does this to the stream.)
 * layer_norm: μ the mean; s = σ + 10⁻⁵, t = σ, with σ² = Σ(x − μ)² / (D − 1).
 * constant_norm_rescale: μ = 0; s = t = ‖x‖ / √D.
 * Source: SAELens, saes/sae.py (run_time_activation_norm_fn_in, …_out); openai/sparse_autoencoder, model.py (LN), whose σ is
 * PyTorch's `std`, by D − 1, and has ε outside the root.
 */
import type { InputNorm } from "../core/sae.ts";
import { rowCount } from "./rows.ts";

const EPSILON = 1e-5;

interface RowNorm {
  shift: number;
  /** s */
  divisor: number;
  /** t */
  factor: number;
}

/** μ, s and t of one token, in float64. @param x_D [D] */
function rowNorm(x_D: Float32Array, kind: InputNorm): RowNorm {
  const D = x_D.length;
  if (kind === "constant_norm_rescale") {
    const factor = Math.sqrt(x_D.reduce((sum, v) => sum + v * v, 0) / D);
    return { shift: 0, divisor: factor, factor };
  }
  const shift = x_D.reduce((sum, v) => sum + v, 0) / D;
  if (kind === "centre") return { shift, divisor: 1, factor: 1 };
  const factor = Math.sqrt(x_D.reduce((sum, v) => sum + (v - shift) ** 2, 0) / (D - 1));
  return { shift, divisor: factor + EPSILON, factor };
}

/** (x − μ)/s of each row; x itself where nothing is to be done. @param x_BD [B, D] */
export function normalised(
  x_BD: Float32Array,
  D: number,
  kind: InputNorm | undefined,
): Float32Array {
  if (!kind) return x_BD;
  return byRow(x_BD, x_BD, D, kind, (v, { shift, divisor }) => (v - shift) / divisor);
}

/** x̂·t + μ of each row, by the x that it is the reconstruction of. @param xHat_BD `x_BD` [B, D] */
export function denormalised(
  xHat_BD: Float32Array,
  x_BD: Float32Array,
  D: number,
  kind: InputNorm | undefined,
): Float32Array {
  if (!kind) return xHat_BD;
  return byRow(xHat_BD, x_BD, D, kind, (v, { shift, factor }) => v * factor + shift);
}

/** t of each row: what one unit of a feature, times its direction, is in the model's own scale. @returns [B] */
export function featureScale(
  x_BD: Float32Array,
  D: number,
  kind: InputNorm | undefined,
): Float64Array {
  return Float64Array.from({ length: rowCount(x_BD, D, "activations") }, (_, b) =>
    kind ? rowNorm(x_BD.subarray(b * D, (b + 1) * D), kind).factor : 1,
  );
}

/** A gradient with respect to one token's (x − μ)/s, to its t and to the μ that is added back. */
export interface NormGradient {
  input_D: Float64Array;
  factor: number;
  shift: number;
}

/**
 * A gradient with respect to what an SAE reads of one token → with respect to its x. With c = x − μ and u the gradient of
 * c/s: ∂/∂c = u/s, and for layer_norm, where s = σ + ε and t = σ, + (∂/∂t − u·c/s²)·c / ((D − 1)·σ); ∂/∂x is that without its
 * mean, + ∂/∂μ / D. For constant_norm_rescale, where s = t and there is no μ: u/s + (∂/∂t − u·x/s²)·x / (D·s).
 * Of a token all of whose coordinates are equal σ has no slope: it is taken as constant there.
 */
export function normalisedBack(
  x_D: Float32Array,
  kind: InputNorm | undefined,
  { input_D, factor, shift }: NormGradient,
): Float64Array {
  if (!kind) return input_D;
  const D = x_D.length;
  const norm = rowNorm(x_D, kind);
  const s = norm.divisor;
  let out_D = input_D.map((u) => u / s);
  if (kind !== "centre" && norm.factor > 0) {
    const along = input_D.reduce((sum, u, d) => sum + u * (x_D[d]! - norm.shift), 0);
    const count = kind === "layer_norm" ? D - 1 : D;
    const perUnit = (factor - along / (s * s)) / (count * norm.factor);
    out_D = out_D.map((v, d) => v + perUnit * (x_D[d]! - norm.shift));
  }
  if (kind === "constant_norm_rescale") return out_D;
  const mean = out_D.reduce((sum, v) => sum + v, 0) / D;
  return out_D.map((v) => v - mean + shift / D);
}

function byRow(
  values_BD: Float32Array,
  x_BD: Float32Array,
  D: number,
  kind: InputNorm,
  of: (value: number, norm: RowNorm) => number,
): Float32Array {
  const out = new Float32Array(values_BD.length);
  for (let b = 0; b < rowCount(x_BD, D, "activations"); b++) {
    const norm = rowNorm(x_BD.subarray(b * D, (b + 1) * D), kind);
    for (let i = b * D; i < (b + 1) * D; i++) out[i] = of(values_BD[i]!, norm);
  }
  return out;
}

/** Whether t depends on the token, so that a feature's direction has no fixed length in the model's own scale. */
export const scalesByToken = (kind: InputNorm | undefined): boolean =>
  kind === "layer_norm" || kind === "constant_norm_rescale";
