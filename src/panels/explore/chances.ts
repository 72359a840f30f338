/** A token's chances as a matrix shows them: as colours, as a short text, in words. Pure. */
import { jointScale, type MatrixScale, sequentialScale } from "../../charts/matrix-cells.ts";
import type { NextChances } from "../../core/prediction.ts";
import type { Sides } from "../../state/figures-slice.ts";
import { formatPercent } from "../../ui/format.ts";

export const CHANCES = ["probability", "rank", "logit"] as const;
export type Chance = (typeof CHANCES)[number];

/** Numbers of which a larger one means a likelier token: a rank counts as −log₁₀ of it. NaN stays. */
export const chanceValues = (show: Chance, { [show]: values }: NextChances): Float32Array =>
  show === "rank" ? values.map((rank) => -Math.log10(rank)) : values;

/** @param values of both sides, from `chanceValues` */
export function chanceScale(
  show: Chance,
  { a, b }: Sides<Float32Array>,
  vocabulary: number,
): MatrixScale {
  if (show === "rank") return { low: -Math.log10(vocabulary), high: 0 };
  const each = b ? [a, b] : [a];
  if (show === "probability") return jointScale(each.map(sequentialScale));
  return jointScale(each.map(rangeScale));
}

/** From the smallest to the largest number that there is. */
export function rangeScale(values: Float32Array): MatrixScale {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  if (low > high) return { low: 0, high: 1 };
  return low < high ? { low, high } : { low: low - 1, high };
}

export const sayChance = ({ logit, probability, rank }: NextChances, at: number): string =>
  Number.isNaN(rank[at]!)
    ? "nothing to say yet"
    : `${formatPercent(probability[at]!)}, rank ${rank[at]!}, logit ${logit[at]!.toFixed(3)}`;

export function chanceText(show: Chance, { logit, probability, rank }: NextChances, at: number) {
  if (show === "rank") return String(rank[at]!);
  if (show === "logit") return logit[at]!.toFixed(1);
  const percent = probability[at]! * 100;
  return percent >= 9.95
    ? `${percent.toFixed(0)} %`
    : percent >= 0.05
      ? `${percent.toFixed(1)} %`
      : "·";
}
