/** Hook points by TransformerLens's names: the one place that knows how they are spelled and what shape they have. */
import { LabError } from "./lab-error.ts";
import type { Gpt2Config } from "./types.ts";

/** Axis letters: T positions, S key positions, H heads, d d_model, h d_head, m d_mlp, 1 one. The batch axis goes first, unsaid. */
export type Axes = readonly ("T" | "S" | "H" | "d" | "h" | "m" | "1")[];

/**
 * Sites inside a block, in forward order. `blocks.{l}.` goes before the name. All can be read and edited.
 * `hook_normalized` is the whole LayerNorm's output, weight and bias applied, as in TransformerLens without weight
 * processing. `hook_attn_scores` are edited before the causal mask: no edit lets a token see those after it.
 */
export const BLOCK_SITES = {
  hook_resid_pre: ["T", "d"],
  "ln1.hook_scale": ["T", "1"],
  "ln1.hook_normalized": ["T", "d"],
  "attn.hook_q": ["T", "H", "h"],
  "attn.hook_k": ["T", "H", "h"],
  "attn.hook_v": ["T", "H", "h"],
  "attn.hook_attn_scores": ["H", "T", "S"],
  "attn.hook_pattern": ["H", "T", "S"],
  "attn.hook_z": ["T", "H", "h"],
  "attn.hook_result": ["T", "H", "d"],
  hook_attn_out: ["T", "d"],
  hook_resid_mid: ["T", "d"],
  "ln2.hook_scale": ["T", "1"],
  "ln2.hook_normalized": ["T", "d"],
  "mlp.hook_pre": ["T", "m"],
  "mlp.hook_post": ["T", "m"],
  hook_mlp_out: ["T", "d"],
  hook_resid_post: ["T", "d"],
} as const satisfies Record<string, Axes>;
export type BlockSite = keyof typeof BLOCK_SITES;

/** Sites outside the blocks. */
export const OUTER_SITES = {
  hook_embed: ["T", "d"],
  hook_pos_embed: ["T", "d"],
  "ln_final.hook_scale": ["T", "1"],
  "ln_final.hook_normalized": ["T", "d"],
} as const satisfies Record<string, Axes>;
export type OuterSite = keyof typeof OUTER_SITES;
export type Site = BlockSite | OuterSite;

export const axesOf = (site: Site): Axes =>
  Object.hasOwn(BLOCK_SITES, site)
    ? BLOCK_SITES[site as BlockSite]
    : OUTER_SITES[site as OuterSite];

/** Sites that an SAE can be trained on: one vector per token, whose direct effect on the residual stream is linear. */
export const SAE_SITES = [
  "hook_resid_pre",
  "attn.hook_z",
  "hook_attn_out",
  "hook_resid_mid",
  "mlp.hook_post",
  "hook_mlp_out",
  "hook_resid_post",
] as const satisfies readonly BlockSite[];

/** What a transcoder of a block's MLP can read, to rebuild `hook_mlp_out`: the MLP's input, after its LayerNorm or before. */
export const TRANSCODER_INPUTS = [
  "ln2.hook_normalized",
  "hook_resid_mid",
] as const satisfies readonly BlockSite[];
export const TRANSCODER_OUTPUT = "hook_mlp_out" satisfies BlockSite;

/**
 * What the forward pass goes through, one after another: the embeddings; of each block l, what its heads look at (l) and all that
 * comes of it, from z on (l + ½); the last LayerNorm.
 */
export type Stage = "embed" | number | "final";

const SITES_IN_ORDER = Object.keys(BLOCK_SITES) as BlockSite[];
const FROM_Z = new Set(SITES_IN_ORDER.slice(SITES_IN_ORDER.indexOf("attn.hook_z")));

export const stageOf = (layer: number, site: BlockSite): Stage =>
  FROM_Z.has(site) ? fromZ(layer) : layer;
/** The second stage of a block. */
export const fromZ = (layer: number): Stage => layer + 0.5;

export interface HookPoint {
  name: string;
  stage: Stage;
  /** null outside the blocks */
  layer: number | null;
  site: Site;
  axes: Axes;
}

export const blockHook = (layer: number, site: BlockSite): string => `blocks.${layer}.${site}`;

/** Every hook point of a model, in forward order. */
export function hookNames({ n_layer }: Pick<Gpt2Config, "n_layer">): string[] {
  const blocks = Array.from({ length: n_layer }, (_, layer) =>
    (Object.keys(BLOCK_SITES) as BlockSite[]).map((site) => blockHook(layer, site)),
  );
  const final: OuterSite[] = ["ln_final.hook_scale", "ln_final.hook_normalized"];
  return ["hook_embed", "hook_pos_embed", ...blocks.flat(), ...final];
}

/** Large and seldom wanted: returned when asked for by name only, as TransformerLens does (`use_attn_result`). */
export const isOnRequest = (name: string): boolean => name.endsWith("attn.hook_result");

/**
 * TransformerLens's hook points on request that are copies of the stream, one for each head but for the MLP's: here what they
 * copy is a hook point, and what reads it apart are edges.
 */
const COPIES: Record<string, BlockSite> = {
  attn_in: "hook_resid_pre",
  q_input: "hook_resid_pre",
  k_input: "hook_resid_pre",
  v_input: "hook_resid_pre",
  mlp_in: "hook_resid_mid",
};

/** For a message about a name that is no hook point: what such a copy is here; "" for any other name. */
export function copyHint(name: string): string {
  const [, copy = ""] = /(?:^|\.|hook_)((?:attn|mlp)_in|[qkv]_input)\d*$/.exec(name) ?? [];
  const source = COPIES[copy];
  return source ? ` (in TransformerLens a copy of ${source}: name that)` : "";
}

/** Takes a hook name apart. @throws LabError "bad-input" for a name or layer that the model does not have */
export function parseHook(name: string, { n_layer }: Pick<Gpt2Config, "n_layer">): HookPoint {
  if (Object.hasOwn(OUTER_SITES, name)) {
    const site = name as OuterSite;
    const stage = site.startsWith("ln_final") ? "final" : "embed";
    return { name, stage, layer: null, site, axes: OUTER_SITES[site] };
  }
  const [, digits, rest] = /^blocks\.(\d+)\.(.+)$/.exec(name) ?? [];
  const layer = Number(digits);
  if (rest !== undefined && Object.hasOwn(BLOCK_SITES, rest) && layer < n_layer) {
    const site = rest as BlockSite;
    return { name, stage: stageOf(layer, site), layer, site, axes: BLOCK_SITES[site] };
  }
  throw new LabError(
    "bad-input",
    `"${name}" is no hook point of this model (${n_layer} layers)${copyHint(name)}; ` +
      `names look like "blocks.0.hook_resid_post" or "blocks.${n_layer - 1}.attn.hook_pattern"`,
  );
}
