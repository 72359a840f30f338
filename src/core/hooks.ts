/** Hook points by TransformerLens's names: the one place that knows how they are spelled and what shape they have. */
import { LabError } from "./lab-error.ts";
import type { Gpt2Config } from "./types.ts";

/** Axis letters: T positions, S key positions, H heads, d d_model, h d_head, m d_mlp. The batch axis goes first, unsaid. */
export type Axes = readonly ("T" | "S" | "H" | "d" | "h" | "m")[];

interface Site {
  axes: Axes;
  /** Whether an `Edit` may change it. */
  editable: boolean;
}

/**
 * Sites inside a block, in forward order. `blocks.{l}.` goes before the name.
 * `hook_normalized` is the whole LayerNorm's output, weight and bias applied; TransformerLens has it before them (and
 * folds them into the next matrices, unless told otherwise), so compare that one only with care.
 */
export const BLOCK_SITES = {
  hook_resid_pre: { axes: ["T", "d"], editable: true },
  "ln1.hook_normalized": { axes: ["T", "d"], editable: false },
  "attn.hook_q": { axes: ["T", "H", "h"], editable: true },
  "attn.hook_k": { axes: ["T", "H", "h"], editable: true },
  "attn.hook_v": { axes: ["T", "H", "h"], editable: true },
  "attn.hook_attn_scores": { axes: ["H", "T", "S"], editable: false },
  "attn.hook_pattern": { axes: ["H", "T", "S"], editable: true },
  "attn.hook_z": { axes: ["T", "H", "h"], editable: true },
  hook_attn_out: { axes: ["T", "d"], editable: true },
  hook_resid_mid: { axes: ["T", "d"], editable: true },
  "ln2.hook_normalized": { axes: ["T", "d"], editable: false },
  "mlp.hook_pre": { axes: ["T", "m"], editable: true },
  "mlp.hook_post": { axes: ["T", "m"], editable: true },
  hook_mlp_out: { axes: ["T", "d"], editable: true },
  hook_resid_post: { axes: ["T", "d"], editable: true },
} as const satisfies Record<string, Site>;
export type BlockSite = keyof typeof BLOCK_SITES;

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

/** Sites outside the blocks. */
export const OUTER_SITES = {
  hook_embed: { axes: ["T", "d"], editable: false },
  hook_pos_embed: { axes: ["T", "d"], editable: false },
  "ln_final.hook_normalized": { axes: ["T", "d"], editable: false },
} as const satisfies Record<string, Site>;
export type OuterSite = keyof typeof OUTER_SITES;

export interface HookPoint {
  name: string;
  /** null outside the blocks */
  layer: number | null;
  site: BlockSite | OuterSite;
  axes: Axes;
  editable: boolean;
}

export const blockHook = (layer: number, site: BlockSite): string => `blocks.${layer}.${site}`;

/** Every hook point of a model, in forward order. */
export function hookNames({ n_layer }: Pick<Gpt2Config, "n_layer">): string[] {
  const blocks = Array.from({ length: n_layer }, (_, layer) =>
    (Object.keys(BLOCK_SITES) as BlockSite[]).map((site) => blockHook(layer, site)),
  );
  return ["hook_embed", "hook_pos_embed", ...blocks.flat(), "ln_final.hook_normalized"];
}

/** Takes a hook name apart. @throws LabError "bad-input" for a name or layer that the model does not have */
export function parseHook(name: string, { n_layer }: Pick<Gpt2Config, "n_layer">): HookPoint {
  if (Object.hasOwn(OUTER_SITES, name)) {
    const site = name as OuterSite;
    return { name, layer: null, site, ...OUTER_SITES[site] };
  }
  const [, digits, rest] = /^blocks\.(\d+)\.(.+)$/.exec(name) ?? [];
  const layer = Number(digits);
  if (rest !== undefined && Object.hasOwn(BLOCK_SITES, rest) && layer < n_layer) {
    const site = rest as BlockSite;
    return { name, layer, site, ...BLOCK_SITES[site] };
  }
  throw new LabError(
    "bad-input",
    `"${name}" is no hook point of this model (${n_layer} layers); ` +
      `names look like "blocks.0.hook_resid_post" or "blocks.${n_layer - 1}.attn.hook_pattern"`,
  );
}
