/** What a cell of the lens can show: as a colour, a short text, in words. Pure. */
import { jointScale, type MatrixScale, sequentialScale } from "../../../charts/matrix-cells.ts";
import type { LensFacts, NextChances } from "../../../core/prediction.ts";
import type { Sides } from "../../../state/figures-slice.ts";
import { formatPercent } from "../../../ui/format.ts";
import { tokenText } from "../../../ui/token-text.ts";
import { chanceScale, chanceText, chanceValues, sayChance } from "../chances.ts";

export const MEASURES = ["top", "probability", "rank", "logit", "entropy", "kl"] as const;
export type Measure = (typeof MEASURES)[number];
export const MEASURE_NAMES: Readonly<Record<Measure, string>> = {
  top: "likeliest token",
  probability: "probability",
  rank: "rank",
  logit: "logit",
  entropy: "entropy",
  kl: "KL to the end",
};
/** Of one token, which is to be chosen. */
export const isOfToken = (measure: Measure): measure is "probability" | "rank" | "logit" =>
  measure === "probability" || measure === "rank" || measure === "logit";

/** The chances of a tracked token, or with null of the next one in the text; null if the lens was computed without it. */
export const chancesOf = (
  { tracked, next }: LensFacts,
  token: number | null,
): NextChances | null => (token === null ? next : (tracked.find(({ id }) => id === token) ?? null));

/** How many tokens each cell lists. */
export const tokensEach = ({ topIds, entropy }: LensFacts): number =>
  topIds.length / entropy.length;

/** [S, T]; NaN in a cell that is not computed, or has nothing to say. */
export function lensValues(facts: LensFacts, measure: Measure, token: number | null): Float32Array {
  if (measure === "entropy") return facts.entropy;
  if (measure === "kl") return facts.divergence;
  if (measure === "top") {
    const k = tokensEach(facts);
    return facts.entropy.map((_, cell) => facts.topProbabilities[cell * k]!);
  }
  const chances = chancesOf(facts, token);
  return chances ? chanceValues(measure, chances) : facts.entropy.map(() => NaN);
}

/** @param values of both sides */
export function lensScale(
  measure: Measure,
  values: Sides<Float32Array>,
  vocabulary: number,
): MatrixScale {
  if (isOfToken(measure)) return chanceScale(measure, values, vocabulary);
  if (measure === "top") return { low: 0, high: 1 };
  if (measure === "entropy") return { low: 0, high: Math.log2(vocabulary) };
  return jointScale((values.b ? [values.a, values.b] : [values.a]).map(sequentialScale));
}

export function lensText(
  facts: LensFacts,
  measure: Measure,
  token: number | null,
  cell: number,
): string {
  if (measure === "entropy") return facts.entropy[cell]!.toFixed(1);
  if (measure === "kl") return facts.divergence[cell]!.toFixed(1);
  if (measure === "top")
    return tokenText(facts.strings[facts.topIds[cell * tokensEach(facts)]!] ?? "");
  const chances = chancesOf(facts, token);
  return chances ? chanceText(measure, chances, cell) : "";
}

/** All of a cell in words; of a token where the measure is of one. */
export function sayLens(
  facts: LensFacts,
  measure: Measure,
  token: number | null,
  cell: number,
): string {
  const first = cell * tokensEach(facts);
  const id = facts.topIds[first]!;
  if (id < 0) return "not computed yet";
  const chances = isOfToken(measure) ? chancesOf(facts, token) : null;
  const top = `${tokenText(facts.strings[id]!)} ${formatPercent(facts.topProbabilities[first]!)}`;
  const rest = `entropy ${facts.entropy[cell]!.toFixed(2)} bits, KL ${facts.divergence[cell]!.toFixed(2)} bits`;
  if (!isOfToken(measure)) return `${top}, ${rest}`;
  return chances ? `${sayChance(chances, cell)}; likeliest ${top}` : "not computed yet";
}
