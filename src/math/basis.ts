/**
 * The raw basis and TransformerLens's: what each hook point's value is after TransformerLens's default weight processing,
 * as an exact function of the run with the checkpoint's own weights. No second set of weights is needed.
 *
 * - residual stream, embeddings, attn_out, mlp_out: centred over d_model. Every writer is centred there, and all that
 *   reads the stream is a LayerNorm, which cannot see the mean.
 * - v, z: minus b̂_V = b_V + b_ln1·W_V. The bias of the values, with LayerNorm's own folded into it, moves to b_O: attention
 *   weights sum to 1, so it comes out the same whatever is attended to.
 * - result of a head: (z − b̂_V)·W_O, centred.
 * - hook_normalized: (x − x̄)/scale, without LayerNorm's weight and bias.
 * - logits: minus their mean over the vocabulary.
 * - q, k, attn_scores, pattern, mlp pre and post, hook_scale: the same in both.
 *
 * Axis letters: R rows, D d_model, H heads, h d_head, V vocabulary.
 * Source: TransformerLens's fold_ln, center_writing_weights, center_unembed, fold_value_biases.
 */
import { axesOf, type HookPoint, type Site } from "../core/hooks.ts";
import { LabError } from "../core/lab-error.ts";
import { centred, plusRow, vectorTimes } from "./rows.ts";

export type BasisKind = "centred" | "value" | "result" | "normalized" | "same";

/** In which way a site's value differs between the bases. */
export function basisKind(site: Site): BasisKind {
  if (site === "attn.hook_v" || site === "attn.hook_z") return "value";
  if (site === "attn.hook_result") return "result";
  if (site.endsWith(".hook_normalized")) return "normalized";
  return site.includes(".") ? "same" : "centred"; // what lies in the residual stream has no module before its name
}

/**
 * b̂_V = b_V + b_ln1·W_V: what TransformerLens folds into b_O.
 * @param cAttnWeight_D3D `attn.c_attn.weight` [D, 3D]: queries, keys, values; `cAttnBias_3D` [3D]; `lnBias_D` `ln_1.bias`
 * @returns [D], its heads one after another: [H, h]
 */
export function foldedValueBias(
  cAttnWeight_D3D: Float32Array,
  cAttnBias_3D: Float32Array,
  lnBias_D: Float32Array,
): Float32Array {
  const D = lnBias_D.length;
  const fromNorm = vectorTimes(lnBias_D, cAttnWeight_D3D);
  return Float32Array.from(
    { length: D },
    (_, i) => cAttnBias_3D[2 * D + i]! + fromNorm[2 * D + i]!,
  );
}

/**
 * b̂_V·W_O head by head: what of a raw head result is bias.
 * @param valueBias_D [H, h]; `W_O_DD` `attn.c_proj.weight` [H·h, D]
 * @returns [H, D]
 */
export function resultBias(
  valueBias_D: Float32Array,
  W_O_DD: Float32Array,
  nHeads: number,
): Float32Array {
  const D = valueBias_D.length;
  const h = D / nHeads;
  const out_HD = new Float32Array(nHeads * D);
  for (let head = 0; head < nHeads; head++) {
    const bias_h = valueBias_D.subarray(head * h, (head + 1) * h);
    const W_hD = W_O_DD.subarray(head * h * D, (head + 1) * h * D);
    out_HD.set(vectorTimes(bias_h, W_hD), head * D);
  }
  return out_HD;
}

/** v or z in TransformerLens's basis: minus b̂_V at every position. @param x [R, H, h] @param valueBias_D [H, h] */
export const valueToTl = (x: Float32Array, valueBias_D: Float32Array): Float32Array =>
  plusRow(x, valueBias_D, -1);

/** Head results in TransformerLens's basis. @param x [R, H, D] @param bias_HD of `resultBias` */
export const resultToTl = (x: Float32Array, bias_HD: Float32Array, D: number): Float32Array =>
  centred(plusRow(x, bias_HD, -1), D);

/** Logits in TransformerLens's basis. @param logits [R, V] */
export const logitsToTl = (logits: Float32Array, V: number): Float32Array => centred(logits, V);

/**
 * hook_normalized in TransformerLens's basis out of its raw value, (y − b)/w: for one that was edited. Else divide the
 * residual stream by its scale, which needs no weights.
 * @param y [R, D]
 * @throws LabError "degenerate" where LayerNorm's weight is 0: what was there cannot be told
 */
export function normalizedToTl(
  y: Float32Array,
  w_D: Float32Array,
  b_D: Float32Array,
  hook: string,
): Float32Array {
  const D = w_D.length;
  refuseZeroWeight(w_D, hook);
  return y.map((value, i) => (value - b_D[i % D]!) / w_D[i % D]!);
}

/**
 * A gradient with respect to a hook's raw value → with respect to its value in TransformerLens's basis. With raw = g·x + o
 * (`basis-edits.ts`) it is g times the former: w·∇ at hook_normalized, elsewhere the same. Along d_model it is told without its
 * mean, as the values are: in that direction no value ever moves. (Only a computed edit in force makes it have one.)
 * For a pattern's, the run must have v without b̂_V (`basis-edits.ts`): it is a part of b_O in that basis.
 * @param gradient [R, …]; `w_D` the LayerNorm's weight, for hook_normalized; `D` d_model
 */
export function gradientToTl(
  site: Site,
  gradient: Float32Array,
  w_D: Float32Array | null,
  D: number,
): Float32Array {
  const told = w_D ? gradient.map((g, i) => g * w_D[i % D]!) : gradient;
  return axesOf(site).at(-1) === "d" ? centred(told, D) : told;
}

/**
 * The other way round, for a gradient of what follows from the value in that basis: without its mean along d_model, as the
 * value is, and divided by the LayerNorm's weight at hook_normalized.
 * @throws LabError "degenerate" where that weight is 0
 */
export function gradientFromTl(
  { site, name }: Pick<HookPoint, "site" | "name">,
  gradient: Float32Array,
  w_D: Float32Array | null,
  D: number,
): Float32Array {
  if (w_D) {
    refuseZeroWeight(w_D, name);
    return gradient.map((g, i) => g / w_D[i % D]!);
  }
  return axesOf(site).at(-1) === "d" ? centred(gradient, D) : gradient;
}

/** @throws LabError "degenerate" where LayerNorm's weight is 0: what was there cannot be told */
function refuseZeroWeight(w_D: Float32Array, hook: string): void {
  const zero = w_D.indexOf(0);
  if (zero < 0) return;
  throw new LabError(
    "degenerate",
    `${hook} was edited and LayerNorm's weight is 0 at dimension ${zero}, so its value in TransformerLens's basis ` +
      'cannot be told; run with basis "raw"',
  );
}
