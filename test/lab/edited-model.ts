/** What gradients through computed edits are tested on: a small model, an SAE of every kind, and what is asked of them. */
import type { Edit } from "../../src/core/edits.ts";
import type { SaeConfig } from "../../src/core/sae.ts";
import { gradients } from "../../src/lab/gradients.ts";
import type { Sae } from "../../src/math/feature-change.ts";
import { keyedRandom, normal } from "../../src/math/keyed-random.ts";
import type { LoadedModel } from "../../src/model/loaded-model.ts";
import { nodeEngine } from "../model/node-engine.ts";
import { tinyCheckpoint } from "../model/tiny-checkpoint.ts";
import { randomSae, sourcesOf } from "./edit-models.ts";
import { engineAsModel } from "./engine-model.ts";

const sizes = { n_layer: 3, n_head: 2, n_embd: 14, n_inner: 31, n_positions: 9, vocab_size: 23 };
export const ids = [22, 3, 14, 15, 9];
export const { signal } = new AbortController();

const random = keyedRandom(5);
export const vector = (n: number, size = 1) =>
  Float32Array.from({ length: n }, () => size * normal(random));
const saeAt = (hook: string, width = 14): Sae => randomSae(`blocks.${hook}`, width, 40);
const wider = (sae: Sae, change: Partial<SaeConfig>, more: Partial<Sae["weights"]> = {}): Sae => ({
  config: { ...sae.config, ...change } as SaeConfig,
  weights: { ...sae.weights, ...more },
});
export const mid = saeAt("1.hook_resid_mid");
export const saes: Record<string, Sae> = {
  mid,
  post: saeAt("0.hook_resid_post"),
  neurons: saeAt("1.mlp.hook_post", 31),
  z: saeAt("2.attn.hook_z"),
  plain: wider(mid, { variant: "standard", k: null }),
  jump: wider(mid, { variant: "jumprelu", k: null }, { threshold: vector(40, 0.3).map(Math.abs) }),
  gated: wider(
    mid,
    { variant: "gated", k: null },
    { r_mag: vector(40, 0.5), b_mag: vector(40, 0.3) },
  ),
  centred: wider(mid, { normalize: "centre" }),
  standardised: wider(mid, { normalize: "layer_norm", applyBDecToInput: true }),
  rescaled: wider(mid, { normalize: "constant_norm_rescale", variant: "standard", k: null }),
  transcoder: {
    config: {
      ...mid.config,
      hook: "blocks.1.ln2.hook_normalized",
      out: { hook: "blocks.1.hook_mlp_out", width: 14, skip: true },
    },
    weights: { ...mid.weights, W_skip: vector(14 * 14, 0.2) },
  },
};
export const sources = sourcesOf(saes);

/** A feature that is active on the tokens: else there would be nothing to see. */
export const FEATURES = Array.from({ length: 6 }, (_, i) => ({
  feature: 3 * i,
  mode: i % 2 ? ("add" as const) : ("clamp" as const),
  coefficient: i / 2,
}));
export const at = (sae: string) => ({
  hook: (saes[sae]!.config.out ?? saes[sae]!.config).hook,
  sae,
});

const { config, weights } = tinyCheckpoint({ ...sizes, bos_token_id: 22 });
export const engine = await nodeEngine(config, weights);
export const model: LoadedModel = engineAsModel(engine);

export const metric = { kind: "logitDiff", token: 3, against: 7 } as const;
export const ask = async (names: string[], edits: readonly Edit[], basis: "raw" | "tl" = "raw") =>
  gradients(model, { prompt: { ids }, metric, names, edits, basis, sae: null, sources }, signal);
