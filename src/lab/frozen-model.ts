/**
 * One run of a prompt, frozen: what everything wrote, the patterns and scales that are numbers from now on, the SAEs in their
 * places, and the gradient of the metric M = Σ w_v·logit_v at every node (one pass back through the whole). What a head and an MLP
 * read, as targets, comes from that gradient. Weights are read layer by layer and let go, but for W_V and W_O where heads are
 * passed through. Axis letters: T positions, D d_model, H heads, h d_head, m d_mlp.
 */
import { breathe } from "../core/breathe.ts";
import type { HeadWay } from "../core/feature-circuit.ts";
import { blockHook } from "../core/hooks.ts";
import type { Gpt2Config } from "../core/types.ts";
import { activationSlope } from "../math/activation-slope.ts";
import type { Sae } from "../math/feature-change.ts";
import type { LoadedModel } from "../model/loaded-model.ts";
import { addScaled, dot, type FrozenNorm, pullBack, pushOn, throughNorm } from "./frozen-norm.ts";
import { checkPlaces } from "./frozen-places.ts";
import { type FrozenSae, frozenSae, placeKey } from "./frozen-sae.ts";

/** By position; null where there is none. */
export type Gradient = (Float64Array | null)[];

/** A node that is a vector, seen along the gradient that the metric has there: value = read · what it reads + constant. */
export interface Along {
  value: number;
  constant: number;
  /** [D]; a head's is the same at all positions but for the factor pattern/scale. */
  read: Float64Array;
}
export interface FrozenLayer {
  norm1: FrozenNorm;
  norm2: FrozenNorm;
  pattern: Float32Array; // [H, T, T]
  z: Float32Array; // [T, D]
  results: Float32Array; // [T, H, D]
  post: Float32Array; // [T, m]
  mlp: Float32Array; // [T, D], without b_out
  attnBias: Float32Array; // b_O
  mlpBias: Float32Array; // b_out
  /** [t · H + h]; the values of nodes. */
  heads: Along[];
  mlps: Along[];
  /** Where heads are passed through: W_V within c_attn, W_O; and b_V. */
  through: { qkv: Float32Array; valueBias: Float32Array; out: Float32Array } | null;
}
export interface FrozenModel {
  config: Gpt2Config;
  T: number;
  heads: HeadWay;
  skipFirst: boolean;
  layers: FrozenLayer[];
  saes: readonly FrozenSae[];
  saeAt: ReadonlyMap<string, FrozenSae>;
  transcoderOf: ReadonlyMap<number, FrozenSae>;
  tokens: Float32Array; // [T, D]
  /** Values at stream points, [T, D] each. */
  stream: readonly Float32Array[];
  /** ∂M/∂ what a feature is: by SAE, by position, as its active features. */
  featureSlopes: ReadonlyMap<FrozenSae, readonly Float64Array[]>;
  /** ∂M/∂ stream where the tokens write, and where each SAE writes, by position. */
  tokenSlopes: Gradient;
  errorSlopes: ReadonlyMap<FrozenSae, Gradient>;
}

interface Setup {
  ids: readonly number[];
  saes: readonly { id: string; sae: Sae }[];
  heads: HeadWay;
  skipFirst: boolean;
  /** ∂M/∂ stream after the last block, at the last position: [D]. */
  seed: (lastScale: number) => Float64Array;
  signal: AbortSignal;
  progress: (done: number, total: number) => void;
}
type Model = Pick<LoadedModel, "run" | "weight" | "info">;

/** @throws LabError "unsupported" for SAEs of another model, or of a place that makes no sense; "bad-input" for two at one place */
export async function freeze(model: Model, setup: Setup): Promise<FrozenModel> {
  const { ids, heads, skipFirst, signal } = setup;
  const { config } = model.info;
  const { n_layer: L, n_head: H, n_embd: D, n_inner: m } = config;
  const T = ids.length;
  checkPlaces(setup.saes, config);
  const sites = [
    ...["hook_resid_pre", "ln1.hook_scale", "attn.hook_pattern", "attn.hook_z", "attn.hook_result"],
    ...["hook_attn_out", "hook_resid_mid", "ln2.hook_scale", "ln2.hook_normalized", "mlp.hook_pre"],
    ...["mlp.hook_post", "hook_mlp_out", "hook_resid_post"],
  ] as const;
  const needed = new Set(
    setup.saes.flatMap(({ sae: { config: c } }) => [c.hook, c.out?.hook ?? c.hook]),
  );
  const optional = new Set(["hook_attn_out", "ln2.hook_normalized", "hook_resid_post"]);
  const names = Array.from({ length: L }, (_, l) =>
    sites
      .filter((site) => !optional.has(site) || needed.has(blockHook(l, site)) || l === L - 1)
      .map((site) => blockHook(l, site)),
  ).flat();
  const run = await model.run({
    ...{ ids: [ids], edits: [], logits: "none", signal },
    names: [...names, "ln_final.hook_scale"],
  });
  const at = (hook: string) => run.cache.get(hook)!.data;
  const weight = async (name: string) => (await model.weight(name)).data;

  const saes: FrozenSae[] = [];
  for (const { id, sae } of setup.saes) {
    const { hook, out } = sae.config;
    const layer = Number(hook.split(".")[1]);
    const projection = hook.endsWith("attn.hook_z")
      ? "attn"
      : hook.endsWith("mlp.hook_post")
        ? "mlp"
        : null;
    saes.push(
      frozenSae(id, sae, {
        config,
        x: at(hook),
        y: at(out?.hook ?? hook),
        projection: projection && (await weight(`h.${layer}.${projection}.c_proj.weight`)),
      }),
    );
    await breathe();
    signal.throwIfAborted();
  }
  const saeAt = new Map(
    saes.filter(({ sae }) => !sae.config.out).map((sae) => [placeKey(sae.writes), sae]),
  );
  const transcoderOf = new Map(
    saes
      .filter(({ sae }) => sae.config.out)
      .map((sae) => [(sae.writes as { layer: number }).layer, sae]),
  );
  const stream = Array.from({ length: 2 * L + 1 }, (_, point) =>
    point === 2 * L
      ? at(blockHook(L - 1, "hook_resid_post"))
      : at(blockHook(point >> 1, point % 2 === 0 ? "hook_resid_pre" : "hook_resid_mid")),
  );

  // The gradient of the metric, all positions at once, back through everything that is not a number.
  const featureSlopes = new Map<FrozenSae, Float64Array[]>();
  const errorSlopes = new Map<FrozenSae, Gradient>();
  const first = skipFirst ? 1 : 0;
  let g: Gradient = new Array<null>(T).fill(null);
  g[T - 1] = setup.seed(at("ln_final.hook_scale")[T - 1]!);
  if (T - 1 < first) g[T - 1] = null;
  /** The gradient where an SAE reads, of that where it writes. */
  const throughSae = (sae: FrozenSae, out: Gradient): Gradient => {
    errorSlopes.set(
      sae,
      out.map((v) => v?.slice() ?? null),
    );
    const slopes = sae.active.map(({ features }, pos) =>
      Float64Array.from(features, (feature) =>
        out[pos] ? sae.scale[pos]! * dot(out[pos], sae.direction(feature)) : 0,
      ),
    );
    featureSlopes.set(sae, slopes);
    return out.map((v, pos) => {
      if (!v) return null;
      const back = new Float64Array(sae.sae.config.dIn);
      sae.active[pos]!.features.forEach((feature, i) => {
        if (slopes[pos]![i] !== 0) addScaled(back, slopes[pos]![i]!, sae.seed(feature, pos));
      });
      return back;
    });
  };
  const plus = (into: Gradient, pos: number, v: Float64Array, factor = 1) => {
    if (pos >= first) addScaled((into[pos] ??= new Float64Array(D)), factor, v);
  };

  const layers: FrozenLayer[] = [];
  for (let l = L - 1; l >= 0; l--) {
    const own = (name: string) => weight(`h.${l}.${name}`);
    const hook = (site: (typeof sites)[number]) => at(blockHook(l, site));
    const norm = async (n: 1 | 2): Promise<FrozenNorm> => ({
      w: await own(`ln_${n}.weight`),
      b: await own(`ln_${n}.bias`),
      scale: at(blockHook(l, `ln${n}.hook_scale`)),
    });
    const [norm1, norm2] = [await norm(1), await norm(2)];
    const mlpBias = await own("mlp.c_proj.bias");
    const after = saeAt.get(`stream ${2 * l + 2}`);
    if (after) g = throughSae(after, g);
    let toMid: Gradient = g.map((v) => v?.slice() ?? null);

    // The MLP, or what stands for it.
    let out: Gradient = g.map((v) => v?.slice() ?? null);
    const outSae = saeAt.get(`mlp ${l}`);
    if (outSae) out = throughSae(outSae, out);
    const transcoder = transcoderOf.get(l);
    const mlps: Along[] = [];
    if (transcoder) {
      const back = throughSae(transcoder, out);
      for (let pos = first; pos < T; pos++) {
        if (!out[pos] || !back[pos]) continue;
        if (transcoder.skip) addScaled(back[pos]!, 1, pushOn(out[pos]!, transcoder.skip));
        if (transcoder.reads.at === "stream") plus(toMid, pos, back[pos]!);
        else plus(toMid, pos, throughNorm(back[pos]!, norm2), 1 / norm2.scale[pos]!);
      }
    } else {
      const [W_in, b_in] = [await own("mlp.c_fc.weight"), await own("mlp.c_fc.bias")];
      const W_out = await own("mlp.c_proj.weight");
      let hidden: Gradient = out.map((v) => v && pullBack(W_out, v));
      const postSae = saeAt.get(`post ${l}`);
      if (postSae) hidden = throughSae(postSae, out);
      const [pre, post] = [hook("mlp.hook_pre"), hook("mlp.hook_post")];
      for (let pos = 0; pos < T; pos++) {
        const along = hidden[pos];
        if (!along) {
          mlps.push({ value: 0, constant: 0, read: new Float64Array(D) });
          continue;
        }
        const slope = along.map(
          (v, i) => v * activationSlope(config.activation_function, pre[pos * m + i]!),
        );
        const back = pullBack(W_in, slope);
        const value = dot(along, post, pos * m);
        const read = throughNorm(back, norm2).map((v) => v / norm2.scale[pos]!);
        // What the slopes leave of the value, b_in and the LayerNorm's bias.
        const rest = value - dot(slope, pre, pos * m);
        mlps.push({ value, read, constant: rest + dot(slope, b_in) + dot(back, norm2.b) });
        plus(toMid, pos, read);
        if (pos % 4 === 3) await pause(signal);
      }
    }
    g = toMid;
    const mid = saeAt.get(`stream ${2 * l + 1}`);
    if (mid) g = throughSae(mid, g);
    toMid = g.map((v) => v?.slice() ?? null);

    // Attention.
    const [qkv, qkvBias] = [await own("attn.c_attn.weight"), await own("attn.c_attn.bias")];
    const W_O = await own("attn.c_proj.weight");
    const valueBias = qkvBias.subarray(2 * D);
    let written: Gradient = g.map((v) => v?.slice() ?? null);
    const attnSae = saeAt.get(`attn ${l}`);
    if (attnSae) written = throughSae(attnSae, written);
    let z: Gradient = written.map((v) => v && pullBack(W_O, v));
    const zSae = saeAt.get(`z ${l}`);
    if (zSae) z = throughSae(zSae, written);
    const [pattern, zValue] = [hook("attn.hook_pattern"), hook("attn.hook_z")];
    const width = D / H;
    const along: Along[] = [];
    for (let t = 0; t < T; t++) {
      for (let h = 0; h < H; h++) {
        const own_h = z[t]?.subarray(h * width, (h + 1) * width);
        if (!own_h) {
          along.push({ value: 0, constant: 0, read: new Float64Array(D) });
          continue;
        }
        const u = pullBack(qkv, own_h, 3 * D, 2 * D + h * width);
        const read = throughNorm(u, norm1);
        const row = pattern.subarray((h * T + t) * T, (h * T + t + 1) * T);
        const mass = row.slice(0, t + 1).reduce((a, b) => a + b, 0);
        along.push({
          value: dot(own_h, zValue, t * D + h * width),
          constant: mass * (dot(own_h, valueBias, h * width) + dot(u, norm1.b)),
          read,
        });
        for (let s = first; s <= t; s++) plus(toMid, s, read, row[s]! / norm1.scale[s]!);
      }
      if (t % 2 === 1) await pause(signal);
    }
    g = toMid;
    layers[l] = {
      ...{ norm1, norm2, pattern, z: zValue, results: hook("attn.hook_result") },
      ...{ post: hook("mlp.hook_post"), mlpBias, attnBias: await own("attn.c_proj.bias") },
      mlp: hook("hook_mlp_out").map((v, i) => v - mlpBias[i % D]!),
      ...{ heads: along, mlps },
      through: heads === "through" ? { qkv, valueBias, out: W_O } : null,
    };
    setup.progress(L - l, L);
    await pause(signal);
  }
  const before = saeAt.get("stream 0");
  if (before) g = throughSae(before, g);
  return {
    ...{ config, T, heads, skipFirst, layers, saes, saeAt, transcoderOf, stream },
    ...{ tokens: stream[0]!, featureSlopes, tokenSlopes: g, errorSlopes },
  };
}

const pause = async (signal: AbortSignal) => {
  await breathe();
  signal.throwIfAborted();
};
