/**
 * What a sparse autoencoder computes: the one definition that the page, steering and training are held to.
 * Pure functions on row-major Float32Arrays. Axis letters: B tokens, D d_in, E d_out (= D but for a transcoder), F latents (d_sae).
 * Source: SAELens's architectures of these names; TopK after Gao et al., "Scaling and evaluating sparse autoencoders"
 * (2024), JumpReLU after Rajamanoharan et al., "Jumping Ahead" (2024), gated after their "Improving Dictionary Learning
 * with Gated Sparse Autoencoders" (2024).
 */
import { LabError } from "../core/lab-error.ts";
import { type SaeConfig, type SaeShape, type SaeWeights, weightShapes } from "../core/sae.ts";
import { denormalised, normalised } from "./input-norm.ts";

type Encoder = SaeShape & Pick<SaeConfig, "k" | "applyBDecToInput" | "normalize">;

/**
 * pre = (x − b) W_enc + b_enc, where b is b_dec if `applyBDecToInput`, else 0.
 * standard: f = max(pre, 0).
 * topk: f keeps the k largest entries of each row of pre, then max(·, 0).
 * jumprelu: f = max(pre, 0) where pre > threshold, else 0.
 * gated: f = max((x − b) W_enc · e^r_mag + b_mag, 0) where pre > 0, else 0.
 * With `normalize`, x is first normalised; see `input-norm.ts`.
 * Sums in float64, rounded to float32 once.
 * @param x_BD activations [B, D], in the model's own scale
 * @returns f [B, F], ≥ 0, in the units of the activations where decoder rows have norm 1
 * @throws LabError "shape" if an array's length does not fit; "bad-input" if k is not in 1 … F
 */
export function encode(x_BD: Float32Array, weights: SaeWeights, config: Encoder): Float32Array {
  const { dIn, dSae } = config;
  checkWeights(weights, config);
  const nTokens = rowsOf("x", x_BD, dIn);
  const in_BD = normalised(x_BD, dIn, config.normalize);
  const activate = activationOf(weights, config);
  const f_BF = new Float32Array(nTokens * dSae);
  const pre_F = new Float64Array(dSae);
  for (let b = 0; b < nTokens; b++) {
    pre_F.set(weights.b_enc);
    for (let d = 0; d < dIn; d++) {
      const x = in_BD[b * dIn + d]! - (config.applyBDecToInput ? weights.b_dec[d]! : 0);
      if (x === 0) continue;
      const row = d * dSae;
      for (let f = 0; f < dSae; f++) pre_F[f]! += x * weights.W_enc[row + f]!;
    }
    activate(pre_F, f_BF.subarray(b * dSae, (b + 1) * dSae));
  }
  return f_BF;
}

/** One feature's pre of one token; see `encode`. @param x_D [D] */
export function preActivation(
  x_D: Float32Array,
  feature: number,
  { b_enc, b_dec, W_enc }: SaeWeights,
  { dIn, dSae, applyBDecToInput, normalize }: Encoder,
): number {
  const in_D = normalised(x_D, dIn, normalize);
  let pre = b_enc[feature]!;
  for (let d = 0; d < dIn; d++) {
    pre += (in_D[d]! - (applyBDecToInput ? b_dec[d]! : 0)) * W_enc[d * dSae + feature]!;
  }
  return pre;
}

/** ∂f/∂pre where the feature is active (elsewhere it is 0): e^r_mag for a gated SAE, else 1. */
export const slopeWhereActive = (feature: number, { r_mag }: SaeWeights): number =>
  r_mag ? Math.exp(r_mag[feature]!) : 1;

/**
 * x̂ = f W_dec + b_dec; of a transcoder with a skip connection ŷ = f W_dec + b_dec + x W_skipᵀ. Sums in float64, rounded to
 * float32 once; latents that are 0 cost nothing.
 * @param f_BF features [B, F]
 * @param x_BD what they were read from, [B, D]: needed for a skip connection, and where inputs are normalised, which is undone
 * @returns x̂ [B, E], in the model's own scale
 * @throws LabError "shape" if an array's length does not fit; "bad-input" without the x that is needed
 */
export function decode(
  f_BF: Float32Array,
  weights: SaeWeights,
  config: SaeShape & Pick<SaeConfig, "normalize">,
  x_BD?: Float32Array,
): Float32Array {
  const { dIn, dSae, normalize } = config;
  const dOut = config.out?.width ?? dIn;
  checkWeights(weights, config);
  const nTokens = rowsOf("f", f_BF, dSae);
  const xHat_BE = new Float32Array(nTokens * dOut);
  const sum_E = new Float64Array(dOut);
  const skip = config.out?.skip ? skipOf(weights, dIn, nTokens, x_BD) : null;
  for (let b = 0; b < nTokens; b++) {
    sum_E.set(weights.b_dec);
    skip?.(b, sum_E);
    for (let f = 0; f < dSae; f++) {
      const activation = f_BF[b * dSae + f]!;
      if (activation === 0) continue;
      const row = f * dOut;
      for (let e = 0; e < dOut; e++) sum_E[e]! += activation * weights.W_dec[row + e]!;
    }
    xHat_BE.set(sum_E, b * dOut);
  }
  if (!normalize) return xHat_BE;
  if (x_BD?.length === xHat_BE.length) return denormalised(xHat_BE, x_BD, dIn, normalize);
  throw new LabError(
    "bad-input",
    `this SAE reads activations after ${normalize}: to rebuild, it needs what it read beside the features`,
  );
}

/** Adds x W_skipᵀ of one token. */
function skipOf(
  { W_skip }: SaeWeights,
  dIn: number,
  nTokens: number,
  x_BD: Float32Array | undefined,
): (b: number, sum_E: Float64Array) => void {
  if (!x_BD) {
    throw new LabError(
      "bad-input",
      "this transcoder has a skip connection: to rebuild, it needs what it read beside the features",
    );
  }
  if (rowsOf("x", x_BD, dIn) !== nTokens) {
    throw new LabError("shape", `there are ${nTokens} rows of f, but ${x_BD.length / dIn} of x`);
  }
  return (b, sum_E) => {
    for (let e = 0; e < sum_E.length; e++) {
      for (let d = 0; d < dIn; d++) sum_E[e]! += x_BD[b * dIn + d]! * W_skip![e * dIn + d]!;
    }
  };
}

/** pre → f of one token; `checkWeights` has seen that the tensors are there. */
function activationOf(
  { b_enc, threshold, r_mag, b_mag }: SaeWeights,
  { variant, k, dSae }: Encoder,
): (pre_F: Float64Array, out_F: Float32Array) => void {
  switch (variant) {
    case "standard":
      return (pre_F, out_F) => pre_F.forEach((pre, f) => (out_F[f] = positive(pre)));
    case "topk": {
      const kept = checkK(k, dSae);
      return (pre_F, out_F) => keepTopK(pre_F, kept, out_F);
    }
    case "jumprelu":
      return (pre_F, out_F) =>
        pre_F.forEach((pre, f) => (out_F[f] = pre <= threshold![f]! ? 0 : positive(pre)));
    case "gated": {
      const gain_F = Float64Array.from(r_mag!, Math.exp);
      return (pre_F, out_F) =>
        pre_F.forEach((pre, f) => {
          const magnitude = (pre - b_enc[f]!) * gain_F[f]! + b_mag![f]!;
          out_F[f] = pre <= 0 ? 0 : positive(magnitude);
        });
    }
  }
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

function checkK(k: number | null | undefined, dSae: number): number {
  if (typeof k !== "number" || !Number.isInteger(k) || k < 1 || k > dSae) {
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

/** @throws LabError "shape" if a weight array is missing, or its length is not what the config says */
export function checkWeights(weights: SaeWeights, config: SaeShape): void {
  for (const [name, shape] of weightShapes(config)) {
    const length = shape.reduce((a, b) => a * b, 1);
    if (weights[name]?.length !== length) {
      throw new LabError(
        "shape",
        `${name} has ${weights[name]?.length ?? "no"} values, but d_in ${config.dIn}${config.out ? `, d_out ${config.out.width}` : ""} and d_sae ${config.dSae} need ${length}`,
      );
    }
  }
}

/**
 * The same SAE with decoder rows of norm 1, n = ‖W_dec row‖: W_dec/n, and what makes f larger by n: W_enc·n, and b_enc,
 * b_mag and threshold · n. (r_mag is a factor and stays; b_dec and W_skip have no part in f.)
 */
export function foldDecoderNorms(weights: SaeWeights, dSae: number): SaeWeights {
  const { W_enc, W_dec, b_enc, threshold, b_mag } = weights;
  const dOut = W_dec.length / dSae;
  const norms = Float64Array.from({ length: dSae }, (_, f) =>
    Math.sqrt(W_dec.subarray(f * dOut, (f + 1) * dOut).reduce((sum, v) => sum + v * v, 0)),
  );
  const scaled = (values: Float32Array) => values.map((v, i) => v * norms[i % dSae]!);
  return {
    ...weights,
    W_enc: scaled(W_enc),
    // A latent without a direction stays one: 0/0 would poison every reconstruction.
    W_dec: W_dec.map((v, i) => v / (norms[Math.floor(i / dOut)]! || 1)),
    b_enc: scaled(b_enc),
    ...(threshold && { threshold: scaled(threshold) }),
    ...(b_mag && { b_mag: scaled(b_mag) }),
  };
}
