/** Whether an SAE can read the model on the bench, and which one to take when the user has not chosen. */
import type { SaeConfig, SaeSummary } from "../core/sae.ts";
import { parseHook } from "../core/hooks.ts";
import type { ModelInfo } from "../core/model-info.ts";
import type { Gpt2Config } from "../core/types.ts";

/** Values per token at a hook point: its axes after T multiplied out; null where that is not a fixed number. */
export function hookWidth(hook: string, config: Gpt2Config): number | null {
  const { axes } = parseHook(hook, config);
  if (axes[0] !== "T") return null;
  const size = {
    d: config.n_embd,
    m: config.n_inner,
    H: config.n_head,
    h: config.n_embd / config.n_head,
    "1": 1,
  };
  let width = 1;
  for (const axis of axes.slice(1)) {
    if (axis === "T" || axis === "S") return null;
    width *= size[axis];
  }
  return width;
}

/** Why the SAE cannot read this model, in words; null when it can. */
export function saeMisfit(sae: SaeConfig, { hooks, config }: ModelInfo): string | null {
  const { hook, dIn, out } = sae;
  const misfit = (does: string, at: string, has: number): string | null => {
    if (!hooks.includes(at)) return `the model on the bench has no hook point ${at}`;
    const width = hookWidth(at, config);
    return width === has
      ? null
      : `it ${does} ${has} values per token, ${at} of the model on the bench has ${width ?? "none"}`;
  };
  return misfit("reads", hook, dIn) ?? (out ? misfit("writes", out.hook, out.width) : null);
}

/**
 * Whether the numbers mean anything: an SAE trained on another model of the same shape runs, but explains nothing.
 * A warning, not an obstacle: the same weights may go by two names (the Hub's and a dropped file's).
 */
export const isOfOtherModel = ({ modelId }: SaeConfig, { id }: ModelInfo): boolean =>
  modelId.split("/").at(-1) !== id.split("/").at(-1);

/**
 * The first to show for a model: its own, finished, with dashboards. The one that the user chose last; else the shipped one, then
 * imports, then what was trained here on the most tokens: a short run must not stand before a good autoencoder by being new.
 */
export function defaultSae(
  saes: readonly SaeSummary[],
  model: ModelInfo,
  chosen: string | null = null,
): SaeSummary | null {
  const rank = ({ id, origin }: SaeSummary) =>
    id === chosen ? 0 : 1 + ["shipped", "imported", "trained"].indexOf(origin);
  const usable = saes.filter(
    ({ config, status, hasDashboards }) =>
      status === "finished" &&
      hasDashboards &&
      !isOfOtherModel(config, model) &&
      saeMisfit(config, model) === null,
  );
  return (
    usable.sort(
      (a, b) =>
        rank(a) - rank(b) ||
        (b.trainedTokens ?? 0) - (a.trainedTokens ?? 0) ||
        b.createdAt.localeCompare(a.createdAt),
    )[0] ?? null
  );
}
