/**
 * What a sparse autoencoder computes: the one definition that the page, steering and training are held to.
 * Pure functions on row-major Float32Arrays. Axis letters: B tokens, D d_in, F latents (d_sae).
 * Source: SAELens's standard and TopK architectures; TopK after Gao et al., "Scaling and evaluating sparse autoencoders".
 */
import { LabError } from "../core/lab-error.ts";
import type { SaeConfig, SaeWeights } from "../core/sae.ts";

type Shape = Pick<SaeConfig, "dIn" | "dSae">;
type Encoder = Pick<SaeConfig, "variant" | "dIn" | "dSae" | "k" | "applyBDecToInput">;

/**
 * pre = (x − b) W_enc + b_enc, where b is b_dec if `applyBDecToInput`, else 0.
 * standard: f = max(pre, 0). topk: f keeps the k largest entries of each row of pre, then max(·, 0).
 * Sums in float64, rounded to float32 once.
 * @param x_BD activations [B, D], in the model's own scale
 * @returns f [B, F], ≥ 0, in the units of the activations where decoder rows have norm 1
 * @throws LabError "shape" if an array's length does not fit; "bad-input" if k is not in 1 … F
 */
export function encode(x_BD: Float32Array, weights: SaeWeights, config: Encoder): Float32Array {
  const { dIn, dSae } = config;
  checkWeights(weights, config);
  const nTokens = rowsOf("x", x_BD, dIn);
  const k = config.variant === "topk" ? checkK(config.k, dSae) : null;
  const f_BF = new Float32Array(nTokens * dSae);
  const pre_F = new Float64Array(dSae);
  for (let b = 0; b < nTokens; b++) {
    pre_F.set(weights.b_enc);
    for (let d = 0; d < dIn; d++) {
      const x = x_BD[b * dIn + d]! - (config.applyBDecToInput ? weights.b_dec[d]! : 0);
      if (x === 0) continue;
      const row = d * dSae;
      for (let f = 0; f < dSae; f++) pre_F[f]! += x * weights.W_enc[row + f]!;
    }
    const out = f_BF.subarray(b * dSae, (b + 1) * dSae);
    if (k !== null) keepTopK(pre_F, k, out);
    else for (let f = 0; f < dSae; f++) out[f] = positive(pre_F[f]!);
  }
  return f_BF;
}

/**
 * x̂ = f W_dec + b_dec. Sums in float64, rounded to float32 once; latents that are 0 cost nothing.
 * @param f_BF features [B, F]
 * @returns x̂ [B, D], in the model's own scale
 * @throws LabError "shape" if an array's length does not fit
 */
export function decode(f_BF: Float32Array, weights: SaeWeights, config: Shape): Float32Array {
  const { dIn, dSae } = config;
  checkWeights(weights, config);
  const nTokens = rowsOf("f", f_BF, dSae);
  const xHat_BD = new Float32Array(nTokens * dIn);
  const sum_D = new Float64Array(dIn);
  for (let b = 0; b < nTokens; b++) {
    sum_D.set(weights.b_dec);
    for (let f = 0; f < dSae; f++) {
      const activation = f_BF[b * dSae + f]!;
      if (activation === 0) continue;
      const row = f * dIn;
      for (let d = 0; d < dIn; d++) sum_D[d]! += activation * weights.W_dec[row + d]!;
    }
    xHat_BD.set(sum_D, b * dIn);
  }
  return xHat_BD;
}

/** NaN stays NaN: a broken activation must not read as an inactive feature. */
const positive = (x: number) => (x <= 0 ? 0 : x);

/** Writes the k largest of `pre`, clipped at 0, and 0 elsewhere. Of equal values the lower index wins; NaN counts as largest. */
function keepTopK(pre_F: Float64Array, k: number, out_F: Float32Array): void {
  const threshold = pre_F.toSorted()[pre_F.length - k]!;
  let ties = k;
  for (const value of pre_F) if (!(value <= threshold)) ties--;
  for (let f = 0; f < pre_F.length; f++) {
    const value = pre_F[f]!;
    if (value === threshold ? ties-- > 0 : !(value < threshold)) out_F[f] = positive(value);
  }
}

function checkK(k: number | null, dSae: number): number {
  if (k === null || !Number.isInteger(k) || k < 1 || k > dSae) {
    throw new LabError(
      "bad-input",
      `a TopK SAE of ${dSae} latents needs k from 1 to ${dSae}, got ${k}`,
    );
  }
  return k;
}

function rowsOf(name: string, data: Float32Array, width: number): number {
  if (data.length % width !== 0) {
    throw new LabError("shape", `expected ${name} as [B, ${width}], got ${data.length} values`);
  }
  return data.length / width;
}

/** @throws LabError "shape" if a weight array's length is not what the config says */
export function checkWeights(weights: SaeWeights, { dIn, dSae }: Shape): void {
  const expected = { W_enc: dIn * dSae, W_dec: dSae * dIn, b_enc: dSae, b_dec: dIn };
  for (const [name, length] of Object.entries(expected) as [keyof SaeWeights, number][]) {
    if (weights[name].length !== length) {
      throw new LabError(
        "shape",
        `${name} has ${weights[name].length} values, but d_in ${dIn} and d_sae ${dSae} need ${length}`,
      );
    }
  }
}
