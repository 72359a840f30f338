/** Which hook points the training form offers, and which it means. Pure. */
import {
  blockHook,
  parseHook,
  SAE_SITES,
  TRANSCODER_INPUTS,
  TRANSCODER_OUTPUT,
} from "../core/hooks.ts";
import type { SaeOutput } from "../core/sae.ts";
import type { Gpt2Config } from "../core/types.ts";

export type Rebuilds = "input" | "mlp" | "mlp-skip";
export const REBUILDS: readonly Rebuilds[] = ["input", "mlp", "mlp-skip"];

interface Asked {
  /** null: the default */
  hook: string | null;
  rebuilds: Rebuilds;
}

/** The residual stream after the middle block. */
export const defaultHook = ({ n_layer }: Pick<Gpt2Config, "n_layer">): string =>
  blockHook(Math.floor((n_layer - 1) / 2), "hook_resid_post");

/** Hook points an SAE can be trained on, in forward order. */
export const trainableHooks = (
  { n_layer }: Pick<Gpt2Config, "n_layer">,
  rebuilds: Rebuilds = "input",
): string[] => {
  const sites = rebuilds === "input" ? SAE_SITES : TRANSCODER_INPUTS;
  return Array.from({ length: n_layer }, (_, layer) =>
    sites.map((site) => blockHook(layer, site)),
  ).flat();
};

/** The form's, if it can be read so; else one of the same block; else one of the middle. */
export function hookFor({ hook, rebuilds }: Asked, config: Gpt2Config): string {
  const possible = trainableHooks(config, rebuilds);
  if (hook !== null && possible.includes(hook)) return hook;
  const layer = layerOf(hook ?? "", config) ?? layerOf(defaultHook(config), config)!;
  if (rebuilds !== "input") return blockHook(layer, TRANSCODER_INPUTS[0]);
  return hook !== null && layerOf(hook, config) !== null
    ? blockHook(layer, "hook_resid_post")
    : defaultHook(config);
}

function layerOf(hook: string, config: Gpt2Config): number | null {
  try {
    return parseHook(hook, config).layer;
  } catch {
    return null; // a hook of the model that was on the bench before
  }
}

/** Of a transcoder. @param hook that it reads */
export function outputFor({ rebuilds }: Asked, hook: string, config: Gpt2Config): SaeOutput | null {
  const layer = layerOf(hook, config);
  if (rebuilds === "input" || layer === null) return null;
  return {
    hook: blockHook(layer, TRANSCODER_OUTPUT),
    ...{ width: config.n_embd, skip: rebuilds === "mlp-skip" },
  };
}
