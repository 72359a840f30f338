/**
 * An SAE in the frozen model: at each position its active features, what each reads and writes, and the error that it leaves.
 * value f = seed · x + constant, seed the feature's column of W_enc (times e^r_mag of a gated one, over the token's scale and centred
 * where the SAE normalises x); it writes f·t·W_dec[f]. What is rebuilt is Σ f·t·W_dec + t·b_dec (+ x W_skipᵀ) + error: all but
 * the features (and what passes by the skip connection) are numbers.
 */
import { parseHook, type Site } from "../core/hooks.ts";
import { LabError } from "../core/lab-error.ts";
import { outputOf } from "../core/sae.ts";
import type { Gpt2Config } from "../core/types.ts";
import type { Sae } from "../math/feature-change.ts";
import { featureScale, normalised } from "../math/input-norm.ts";
import { encode, slopeWhereActive } from "../math/sae.ts";
import { addScaled, dot, pushOn } from "./frozen-norm.ts";

/** Where something is read or written. Stream points: 0 before block 0, 2l + 1 after attention l, 2l + 2 after block l. */
export type Place =
  { at: "stream"; point: number } | { at: "z" | "attn" | "norm2" | "post" | "mlp"; layer: number };

export function placeOf(hook: string, config: Gpt2Config): Place {
  const { layer, site } = parseHook(hook, config);
  const point = { hook_resid_pre: 0, hook_resid_mid: 1, hook_resid_post: 2 }[site as string];
  if (point !== undefined) return { at: "stream", point: 2 * layer! + point };
  const at = BRANCHES.get(site);
  if (at) return { at, layer: layer! };
  throw new LabError("unsupported", `an SAE that reads ${hook} has no place in a feature circuit`);
}
const BRANCHES: ReadonlyMap<Site, Exclude<Place["at"], "stream">> = new Map([
  ["attn.hook_z", "z"],
  ["hook_attn_out", "attn"],
  ["ln2.hook_normalized", "norm2"],
  ["mlp.hook_post", "post"],
  ["hook_mlp_out", "mlp"],
]);
export const placeKey = (place: Place): string =>
  place.at === "stream" ? `stream ${place.point}` : `${place.at} ${place.layer}`;

export interface FrozenSae {
  id: string;
  sae: Sae;
  layer: number;
  reads: Place;
  writes: Place;
  /** By position. */
  active: readonly { features: readonly number[]; values: readonly number[] }[];
  seed: (feature: number, pos: number) => Float64Array;
  constant: (feature: number, pos: number) => number;
  /** t·W_dec[f], as it comes to the stream, [D]; without t, which is `scale`. */
  direction: (feature: number) => Float32Array;
  scale: Float64Array; // t by position
  /** b_dec as it comes to the stream, [D]; without t. */
  bias: Float32Array;
  /** As it comes to the stream, [T, D]. */
  error: Float32Array;
  /** [E, D of what is read], or null. */
  skip: Float32Array | null;
}

/**
 * @param x what it reads, [T, D_in] @param y what it rebuilds, [T, E]
 * @param projection W_O or W_out, where y comes to the stream through one
 */
export function frozenSae(
  id: string,
  sae: Sae,
  {
    config,
    x,
    y,
    projection,
  }: { config: Gpt2Config; x: Float32Array; y: Float32Array; projection: Float32Array | null },
): FrozenSae {
  const { config: own, weights } = sae;
  const { dIn, dSae, normalize } = own;
  const { width, hook, skip } = outputOf(own);
  const f = encode(x, weights, own);
  const T = x.length / dIn;
  const scale = featureScale(x, dIn, normalize);
  const divisor = normalize === "layer_norm" ? scale.map((t) => t + 1e-5) : scale;
  const active = Array.from({ length: T }, (_, pos) => {
    const features: number[] = [];
    const values: number[] = [];
    for (let i = 0; i < dSae; i++) {
      const value = f[pos * dSae + i]!;
      if (value > 0) {
        features.push(i);
        values.push(value);
      }
    }
    return { features, values };
  });

  const columns = new Map<number, Float32Array>();
  const columnOf = (feature: number) => {
    const known = columns.get(feature);
    if (known) return known;
    const gain = slopeWhereActive(feature, weights);
    const raw = Float32Array.from(
      { length: dIn },
      (_, d) => gain * weights.W_enc[d * dSae + feature]!,
    );
    const column =
      normalize === "constant_norm_rescale" ? raw : normalised(raw, dIn, normalize && "centre");
    columns.set(feature, column);
    return column;
  };
  const directions = new Map<number, Float32Array>();
  const towards = (row: ArrayLike<number>) =>
    projection ? Float32Array.from(pushOn(row, projection)) : Float32Array.from(row);
  const decoderRow = (feature: number) =>
    weights.W_dec.subarray(feature * width, (feature + 1) * width);

  const error = new Float32Array(T * config.n_embd);
  for (let pos = 0; pos < T; pos++) {
    const left = Float64Array.from(y.subarray(pos * width, (pos + 1) * width));
    addScaled(left, -scale[pos]!, weights.b_dec);
    active[pos]!.features.forEach((feature, i) =>
      addScaled(left, -scale[pos]! * active[pos]!.values[i]!, decoderRow(feature)),
    );
    if (skip) {
      const row = x.subarray(pos * dIn, (pos + 1) * dIn);
      for (let e = 0; e < width; e++) left[e]! -= dot(row, weights.W_skip!, e * dIn);
    }
    error.set(projection ? pushOn(left, projection) : left, pos * config.n_embd);
  }
  return {
    ...{ id, sae, active, scale, error },
    layer: parseHook(own.hook, config).layer!,
    reads: placeOf(own.hook, config),
    writes: placeOf(hook, config),
    seed: (feature, pos) => Float64Array.from(columnOf(feature), (v) => v / divisor[pos]!),
    constant: (feature) => {
      const gain = slopeWhereActive(feature, weights);
      let sum = weights.b_mag ? weights.b_mag[feature]! : weights.b_enc[feature]!;
      if (own.applyBDecToInput) {
        for (let d = 0; d < dIn; d++) {
          sum -= gain * weights.b_dec[d]! * weights.W_enc[d * dSae + feature]!;
        }
      }
      return sum;
    },
    direction: (feature) => {
      const known = directions.get(feature) ?? towards(decoderRow(feature));
      directions.set(feature, known);
      return known;
    },
    bias: towards(weights.b_dec),
    skip: skip ? weights.W_skip! : null,
  };
}
