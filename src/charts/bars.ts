/** Numbers behind the bar lists: signed effects on tokens, and two next-token distributions side by side. Pure. */
import { LabError } from "../core/lab-error.ts";
import type { TokenEffect } from "../core/sae.ts";
import type { Prediction } from "../core/types.ts";

/** The largest |effect| of the lists that share a scale; 0 only if all are. */
export const effectScale = (...lists: readonly (readonly TokenEffect[])[]): number =>
  Math.max(0, ...lists.flat().map(({ effect }) => Math.abs(effect)));

export interface ComparedToken {
  id: number;
  string: string;
  plain: number;
  steered: number;
}
export type CompareOrder = "steered" | "plain" | "change";
export interface Comparison {
  rows: ComparedToken[];
  /** Probability of all tokens that are not listed. */
  rest: { plain: number; steered: number };
  /** The largest probability of all: full length of a bar. */
  max: number;
}

/**
 * Joins two distributions over the same tokens (the union of both tops, each listed in its own order).
 * @throws LabError "shape" if a token is in only one of them: its probability in the other is unknown, not 0
 */
export function comparePredictions(
  plain: Prediction,
  steered: Prediction,
  order: CompareOrder,
): Comparison {
  const probability = new Map(steered.ids.map((id, i) => [id, steered.probabilities[i]!]));
  const rows = plain.ids.map((id, i): ComparedToken => {
    const other = probability.get(id);
    if (other === undefined) {
      throw new LabError("shape", `token ${id} is in the plain distribution only`);
    }
    return { id, string: plain.strings[i]!, plain: plain.probabilities[i]!, steered: other };
  });
  if (rows.length !== steered.ids.length) {
    throw new LabError("shape", `${rows.length} plain tokens, ${steered.ids.length} steered ones`);
  }
  const key = {
    steered: (row: ComparedToken) => row.steered,
    plain: (row: ComparedToken) => row.plain,
    change: (row: ComparedToken) => Math.abs(row.steered - row.plain),
  }[order];
  rows.sort((a, b) => key(b) - key(a) || a.id - b.id);
  const sum = (of: (row: ComparedToken) => number) =>
    rows.reduce((total, row) => total + of(row), 0);
  return {
    rows,
    rest: {
      plain: Math.max(0, 1 - sum((row) => row.plain)),
      steered: Math.max(0, 1 - sum((row) => row.steered)),
    },
    max: Math.max(0, ...rows.flatMap((row) => [row.plain, row.steered])),
  };
}

/** −1, 0 or +1, by what `pointsWords` writes: a change that is shown as 0 has no sign. */
export const pointsSign = (change: number): number =>
  pointsWords(change) === "0" ? 0 : Math.sign(change);

/** A change of a probability in percentage points: "+12.3", "−0.04". */
export function pointsWords(change: number): string {
  const points = Math.abs(change) * 100;
  const digits = points >= 9.95 ? 0 : points >= 0.95 ? 1 : 2;
  const text = points.toFixed(digits);
  return Number(text) === 0 ? "0" : `${change < 0 ? "−" : "+"}${text}`;
}
