/**
 * The frozen model by its definition, in float64: the reference forward with patterns and scales replaced by their captured values, and
 * SAEs put in by hand. Sources are scaled by 1 + ε, targets read; differences of the two are attributions.
 */
import type { SaeConfig, SaeWeights } from "../../src/core/sae.ts";
import type { Sae } from "../../src/math/feature-change.ts";
import { keyedRandom, normal } from "../../src/math/keyed-random.ts";
import { encode } from "../../src/math/sae.ts";
import { type ReferenceEdit, referenceRun } from "../reference/forward.ts";
import type { ReferenceModel } from "../reference/weights.ts";

export interface SaeSpec {
  hook: string;
  dIn: number;
  dSae: number;
  variant: SaeConfig["variant"];
  out?: { hook: string; width: number; skip: boolean };
  normalize?: SaeConfig["normalize"];
  applyBDecToInput?: boolean;
}

/** Random weights; about half of the features are active. */
export function randomSae(spec: SaeSpec, seed: number): Sae {
  const { dIn, dSae, variant, out, normalize, applyBDecToInput = false } = spec;
  const random = keyedRandom(seed);
  const of = (length: number, size: number, centre = 0) =>
    Float32Array.from({ length }, () => centre + size * normal(random));
  const width = out?.width ?? dIn;
  const weights: SaeWeights = {
    W_enc: of(dIn * dSae, 0.5),
    W_dec: of(dSae * width, 0.4),
    b_enc: of(dSae, 0.3),
    b_dec: of(width, 0.3),
    ...(variant === "jumprelu" && { threshold: of(dSae, 0, 0.2) }),
    ...(variant === "gated" && { r_mag: of(dSae, 0.2), b_mag: of(dSae, 0.1, 0.2) }),
    ...(out?.skip && { W_skip: of(width * dIn, 0.3) }),
  };
  const config = {
    ...{ dIn, dSae, variant, modelId: "made-up", prependBos: true, contextSize: 8 },
    ...{ hook: spec.hook, applyBDecToInput, ...(out && { out }), ...(normalize && { normalize }) },
    ...(variant === "topk" && { k: Math.ceil(dSae / 3) }),
  } as SaeConfig;
  return { config, weights };
}

/** The norm of each token, from its definition: [μ, s, t] of `input-norm.ts`. */
function normOf(x: Float64Array, kind: SaeConfig["normalize"]): [number, number, number] {
  const D = x.length;
  if (!kind) return [0, 1, 1];
  const length = Math.sqrt(x.reduce((sum, v) => sum + v * v, 0) / D);
  if (kind === "constant_norm_rescale") return [0, length, length];
  const mean = x.reduce((sum, v) => sum + v, 0) / D;
  if (kind === "centre") return [mean, 1, 1];
  const std = Math.sqrt(x.reduce((sum, v) => sum + (v - mean) ** 2, 0) / (D - 1));
  return [mean, std + 1e-5, std];
}

export interface PlacedSae {
  id: string;
  sae: Sae;
  /** By position. */
  active: number[][];
  values: number[][];
  error: Float64Array[];
  read: (x: Float64Array, pos: number, feature: number) => number;
  rebuilt: (f: number[], pos: number, x: Float64Array) => Float64Array;
}

/** Captured in a plain run: what is active, and the error, of SAE and place. */
export function placed(id: string, sae: Sae, run: ReturnType<typeof referenceRun>): PlacedSae {
  const { config, weights } = sae;
  const { dIn, dSae } = config;
  const width = config.out?.width ?? dIn;
  const x = run.get(config.hook).value;
  const y = run.get(config.out?.hook ?? config.hook).value;
  const T = x.length / dIn;
  const rows = Array.from({ length: T }, (_, t) => x.slice(t * dIn, (t + 1) * dIn));
  const f = encode(Float32Array.from(x), weights, config);
  const norms = rows.map((row) => normOf(row, config.normalize));
  const active = rows.map((_, t) =>
    Array.from({ length: dSae }, (__, i) => i).filter((i) => f[t * dSae + i]! > 0),
  );
  /** With the norm's scale and the choice of features as they were. */
  const read = (row: Float64Array, t: number, feature: number) => {
    const s = norms[t]![1];
    const mean = config.normalize?.match(/centre|layer_norm/)
      ? row.reduce((sum, v) => sum + v, 0) / dIn
      : 0;
    let sum = 0;
    row.forEach((v, d) => {
      const shift = config.applyBDecToInput ? weights.b_dec[d]! : 0;
      sum += ((v - mean) / s - shift) * weights.W_enc[d * dSae + feature]!;
    });
    return config.variant === "gated"
      ? sum * Math.exp(weights.r_mag![feature]!) + weights.b_mag![feature]!
      : sum + weights.b_enc[feature]!;
  };
  const rebuilt = (values: number[], t: number, row: Float64Array) => {
    const factor = norms[t]![2];
    const out = Float64Array.from({ length: width }, (_, e) => factor * weights.b_dec[e]!);
    active[t]!.forEach((feature, i) => {
      for (let e = 0; e < width; e++) {
        out[e]! += factor * values[i]! * weights.W_dec[feature * width + e]!;
      }
    });
    if (weights.W_skip) {
      for (let e = 0; e < width; e++) {
        for (let d = 0; d < dIn; d++) out[e]! += row[d]! * weights.W_skip[e * dIn + d]!;
      }
    }
    return out;
  };
  const values = rows.map((row, t) => active[t]!.map((feature) => read(row, t, feature)));
  const error = rows.map((row, t) => {
    const whole = rebuilt(values[t]!, t, row);
    return whole.map((v, e) => y[t * width + e]! - v);
  });
  return { id, sae, active, values, error, read, rebuilt };
}

export type Source =
  | { kind: "token"; pos: number }
  | { kind: "feature"; sae: PlacedSae; pos: number; at: number }
  | { kind: "error"; sae: PlacedSae; pos: number }
  | { kind: "head"; layer: number; head: number; pos: number }
  | { kind: "mlp"; layer: number; pos: number };

interface Frozen {
  model: ReferenceModel;
  ids: readonly number[];
  plain: ReturnType<typeof referenceRun>;
  saes: readonly PlacedSae[];
  /** One number of a hook that is moved. */
  nudge?: { name: string; index: number; delta: number };
  /** A head or an MLP that answers to what comes before it, where the others are held. */
  free?: { kind: string; layer: number };
}

/**
 * The run with a source times 1 + ε.
 * @param live whether features, heads and MLPs answer to what comes before them; else each is as it was
 * @param heads whether heads are held too
 */
export function scaledRun(
  { model, ids, plain, saes, nudge, free }: Frozen,
  source: Source | null,
  epsilon: number,
  { live, heads }: { live: boolean; heads: boolean },
): ReturnType<typeof referenceRun> {
  const seen = new Map<string, Float64Array>();
  const { n_head: H, n_embd: D, n_inner: m } = model.config;
  const transcoded = new Set(
    saes.flatMap(({ sae }) => (sae.config.out ? [Number(sae.config.hook.split(".")[1])] : [])),
  );
  const isFree = (kind: string, layer: number) => free?.kind === kind && free.layer === layer;
  const scale = (value: Float64Array, from: number, count: number) =>
    value.map((v, i) => (i >= from && i < from + count ? v * (1 + epsilon) : v));
  const apply: ReferenceEdit["apply"] = (name, x) => {
    const layer = Number(name.split(".")[1]);
    let value = x;
    if (/hook_pattern$|hook_scale$/.test(name)) value = plain.get(name).value.slice();
    if (source?.kind === "token" && /^hook_(pos_)?embed$/.test(name)) {
      value = scale(value, source.pos * D, D);
    }
    if (name.endsWith("attn.hook_z") && !live && heads && !isFree("head", layer)) {
      value = plain.get(name).value.slice();
    }
    if (source?.kind === "head" && name === `blocks.${source.layer}.attn.hook_z`) {
      value = scale(value, source.pos * D + (source.head * D) / H, D / H);
    }
    if (
      name.endsWith("mlp.hook_post") &&
      !live &&
      !transcoded.has(layer) &&
      !isFree("mlp", layer)
    ) {
      value = plain.get(name).value.slice();
    }
    if (source?.kind === "mlp" && name === `blocks.${source.layer}.mlp.hook_post`) {
      value = scale(value, source.pos * m, m);
    }
    if (nudge?.name === name) value = value.with(nudge.index, value[nudge.index]! + nudge.delta);
    seen.set(name, value);
    for (const sae of saes) {
      const { config } = sae.sae;
      if ((config.out?.hook ?? config.hook) !== name) continue;
      const width = config.out?.width ?? config.dIn;
      const input = seen.get(config.hook)!;
      const rows = Array.from({ length: ids.length }, (_, t) => {
        const row = input.slice(t * config.dIn, (t + 1) * config.dIn);
        const f = live ? sae.active[t]!.map((i) => sae.read(row, t, i)) : sae.values[t]!.slice();
        if (source?.kind === "feature" && source.sae === sae && source.pos === t) {
          f[source.at]! *= 1 + epsilon;
        }
        const isOwn = source?.kind === "error" && source.sae === sae && source.pos === t;
        const error = sae.error[t]!.map((v) => (isOwn ? v * (1 + epsilon) : v));
        return sae.rebuilt(f, t, row).map((v, e) => v + error[e]!);
      });
      value = Float64Array.from(
        { length: ids.length * width },
        (_, i) => rows[Math.floor(i / width)]![i % width]!,
      );
      if (config.out) seen.set(name, value); // an autoencoder there reads what the transcoder wrote
    }
    return value;
  };
  // What an SAE reads is the value before it takes its place there.
  const run = referenceRun(model, [ids], [{ apply }]);
  return {
    ...run,
    get: (name) => {
      const own = saes.some(({ sae }) => !sae.config.out && sae.config.hook === name);
      const kept = run.get(name);
      return own ? { value: seen.get(name)!, dims: kept.dims } : kept;
    },
  };
}
