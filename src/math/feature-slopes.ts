/**
 * How a gradient g goes back through changes of an SAE's features (`feature-change.ts`), to the x that the SAE read.
 * ∂f/∂x is the feature's encoder direction times the slope of its non-linearity where it is active, and 0 elsewhere. Which
 * features a TopK SAE keeps, and which thresholds and gates are open, has no slope but where it changes, and none there: these
 * are the derivatives almost everywhere. Of an SAE that normalises x, the mean and the scale that it divides by, and is
 * scaled back by, have their slopes as well (`input-norm.ts`).
 * Axis letters: B rows, D d_in, E d_out, F latents. Sums in float64.
 */
import type { SteerFeature } from "../core/edits.ts";
import { outputOf } from "../core/sae.ts";
import type { Sae } from "./feature-change.ts";
import { changedFeatures } from "./feature-change.ts";
import { featureScale, normalisedBack } from "./input-norm.ts";
import { rowCount } from "./rows.ts";
import { decode, slopeWhereActive } from "./sae.ts";

/**
 * Through `changeDelta`, t·Σ Δ_f·W_dec[f]: −Σ (t·g·W_dec[f])·∂f/∂x over those clamped, and (Σ Δ_f·g·W_dec[f])·∂t/∂x.
 * @param grad_BE g, [B, E] @param x_BD what the SAE read, [B, D] @param f_BF f(x), [B, F] @returns [B, D]
 */
export function changeDeltaBack(
  grad_BE: Float32Array,
  x_BD: Float32Array,
  f_BF: Float32Array,
  changes: readonly SteerFeature[],
  sae: Sae,
): Float32Array {
  return byRow(grad_BE, x_BD, f_BF, sae, ({ grad_E, f_F, t }) => {
    const features = new Map<number, number>();
    let factor = 0;
    for (const { feature, mode, coefficient } of changes) {
      const along = alongDecoder(grad_E, feature, sae);
      const clamped = mode === "clamp";
      factor += along * (coefficient - (clamped ? f_F[feature]! : 0));
      if (clamped) features.set(feature, (features.get(feature) ?? 0) - t * along);
    }
    return { features, factor, shift: 0 };
  });
}

/**
 * Through `changedReconstruction`, x̂' = t·(f'·W_dec + b_dec) + μ (+ x·W_skipᵀ): the sum over all active features, of which
 * one that is clamped passes nothing on.
 * @param grad_BE g, [B, E] @param x_BD what the SAE read, [B, D] @param f_BF f(x), [B, F] @returns [B, D]
 */
export function changedReconstructionBack(
  grad_BE: Float32Array,
  x_BD: Float32Array,
  f_BF: Float32Array,
  changes: readonly SteerFeature[],
  sae: Sae,
): Float32Array {
  const { config, weights } = sae;
  const { normalize, ...plain } = config;
  const { width } = outputOf(config);
  const inner_BE = normalize
    ? decode(changedFeatures(f_BF, changes, config.dSae), weights, plain, x_BD)
    : null;
  const passedOn = new Float64Array(config.dSae).fill(1);
  for (const { feature, mode } of changes) if (mode === "clamp") passedOn[feature]! -= 1;
  const out_BD = byRow(grad_BE, x_BD, f_BF, sae, ({ b, grad_E, f_F, t }) => {
    const features = new Map<number, number>();
    for (const [f, active] of f_F.entries()) {
      if (!(active > 0) || passedOn[f] === 0) continue;
      features.set(f, t * passedOn[f]! * alongDecoder(grad_E, f, sae));
    }
    let [factor, shift] = [0, 0];
    for (let e = 0; inner_BE && e < width; e++) {
      factor += grad_E[e]! * inner_BE[b * width + e]!;
      shift += grad_E[e]!;
    }
    return { features, factor, shift };
  });
  if (config.out?.skip) addSkip(out_BD, grad_BE, sae);
  return out_BD;
}

interface Row {
  b: number;
  grad_E: Float32Array;
  f_F: Float32Array;
  /** What the SAE's output is scaled with. */
  t: number;
}
/** The gradient with respect to the features that have one, to t and to μ. */
interface RowGradient {
  features: ReadonlyMap<number, number>;
  factor: number;
  shift: number;
}

function byRow(
  grad_BE: Float32Array,
  x_BD: Float32Array,
  f_BF: Float32Array,
  { config, weights }: Sae,
  of: (row: Row) => RowGradient,
): Float32Array {
  const { dIn, dSae, normalize } = config;
  const { width } = outputOf(config);
  const scale_B = featureScale(x_BD, dIn, normalize);
  const out_BD = new Float32Array(x_BD.length);
  for (let b = 0; b < rowCount(grad_BE, width, "gradients"); b++) {
    const grad_E = grad_BE.subarray(b * width, (b + 1) * width);
    const f_F = f_BF.subarray(b * dSae, (b + 1) * dSae);
    const { features, factor, shift } = of({ b, grad_E, f_F, t: scale_B[b]! });
    const input_D = new Float64Array(dIn);
    for (const [f, grad] of features) {
      if (!(f_F[f]! > 0)) continue;
      const slope = grad * slopeWhereActive(f, weights);
      for (let d = 0; d < dIn; d++) input_D[d]! += slope * weights.W_enc[d * dSae + f]!;
    }
    const x_D = x_BD.subarray(b * dIn, (b + 1) * dIn);
    out_BD.set(normalisedBack(x_D, normalize, { input_D, factor, shift }), b * dIn);
  }
  return out_BD;
}

/** g · W_dec[f] */
function alongDecoder(grad_E: Float32Array, feature: number, { weights }: Sae): number {
  const from = feature * grad_E.length;
  return grad_E.reduce((sum, g, e) => sum + g * weights.W_dec[from + e]!, 0);
}

/** Adds g·W_skip of each row. */
function addSkip(out_BD: Float32Array, grad_BE: Float32Array, { config, weights }: Sae): void {
  const { dIn } = config;
  const { width } = outputOf(config);
  for (const [i, g] of grad_BE.entries()) {
    const [b, e] = [Math.floor(i / width), i % width];
    for (let d = 0; d < dIn; d++) out_BD[b * dIn + d]! += g * weights.W_skip![e * dIn + d]!;
  }
}
