/** An SAE in a few words, the same wherever it is named. */
import { kindOfSae } from "../core/sae-name.ts";
import { recipeWords } from "../core/sae-recipe.ts";
import type { SaeConfig, SaeSummary } from "../core/sae.ts";
import { formatCount, formatPercent } from "./format.ts";

/** How it was trained, or else what it is: "TopK, k 32", "L1, λ 2", "JumpReLU", "TopK, k 32 skip transcoder" */
export function variantWords({ config, request }: Pick<SaeSummary, "config" | "request">): string {
  const kind = config.out ? (config.out.skip ? " skip transcoder" : " transcoder") : "";
  return (request ? recipeWords(request) : kindOfSae(config)) + kind;
}

/** "1,024 features, 8 × 128" */
export function widthWords({ dIn, dSae }: Pick<SaeConfig, "dIn" | "dSae">): string {
  const times = dSae / dIn;
  const factor = Number.isInteger(times) ? String(times) : times.toFixed(1);
  return `${dSae.toLocaleString("en-US")} features, ${factor} × ${dIn}`;
}

/**
 * "explains 83.1 % of the variance, 31.2 features active a token", of another text than it was trained on "… a token of
 * novel.txt"; null before it is measured
 */
export function metricsWords({
  metrics,
  texts,
  request,
}: Pick<SaeSummary, "metrics" | "texts" | "request">): string | null {
  if (!metrics) return null;
  const { explainedVariance, l0 } = metrics;
  const names = (of: SaeSummary["texts"] = []) => of.map(({ name }) => name).join(", ");
  const read = texts === undefined || names(texts) === names(request?.texts) ? null : names(texts);
  const of = read === null ? "" : ` of ${read === "" ? "the lab’s corpus" : read}`;
  return `explains ${formatPercent(explainedVariance)} of the variance, ${l0.toFixed(1)} features active a token${of}`;
}

/** "trained here on 1.0M tokens", "trained here on 20.0k tokens of novel.txt", "came with the lab", "imported" */
export function originWords({ origin, status, trainedTokens, request }: SaeSummary): string {
  if (origin === "imported") return "imported";
  const texts = request?.texts?.map(({ name }) => name) ?? [];
  const text = texts.length > 0 ? ` of ${texts.join(", ")}` : "";
  if (status === "unfinished") {
    const on = trainedTokens === null ? "" : ` on ${formatCount(trainedTokens)}`;
    const budget = request ? ` of ${formatCount(request.tokens)}` : "";
    return `unfinished: trained${on}${budget} tokens${text}`;
  }
  const tokens = trainedTokens === null ? "" : ` on ${formatCount(trainedTokens)} tokens${text}`;
  return origin === "shipped" ? `came with the lab, trained${tokens}` : `trained here${tokens}`;
}
