/**
 * What a circuit is judged by, after Wang et al. 2022 ("Interpretability in the Wild", §4). F is the metric's mean over pairs, in
 * the metric's unit: F(M) of the whole model, F(C) of the circuit alone, F(∅) with every node of the graph left out.
 */
import { LabError } from "../core/lab-error.ts";
import type { CircuitUnit, RandomBy } from "../core/verify.ts";
import { permutation } from "./keyed-random.ts";
import { metricScale, type Scale } from "./patching.ts";

/**
 * Of the span |F(M) − F(∅)|: what a node has to change to be called needed. The paper takes 1 % of F(M), which depends on where
 * the metric's zero is; both are told (`shareOfModel`).
 */
export const LEAST_EFFECT = 0.01;

/** F: the mean over pairs. @throws LabError "degenerate" without a pair */
export function meanMetric(byPair: ArrayLike<number>): number {
  if (byPair.length === 0) throw new LabError("degenerate", "there is no pair to take the mean of");
  return Array.from(byPair).reduce((a, b) => a + b, 0) / byPair.length;
}

/** |F(M) − F(C)|, in the metric's unit: 0 is perfectly faithful. */
export const faithfulnessGap = (full: ArrayLike<number>, circuit: ArrayLike<number>): number =>
  Math.abs(meanMetric(full) - meanMetric(circuit));

/** F(C) / F(M), unitless; null where F(M) is 0. It says something of metrics whose zero does (a logit difference). */
export function faithfulnessRatio(
  full: ArrayLike<number>,
  circuit: ArrayLike<number>,
): number | null {
  const M = meanMetric(full);
  return M === 0 ? null : meanMetric(circuit) / M;
}

/**
 * (F(C) − F(∅)) / (F(M) − F(∅)), unitless: 1 for the whole model, 0 for nothing; may lie outside. Does not depend on where the
 * metric's zero is, nor on whether it grows or falls as the model does better.
 * @param ends of `faithfulnessEnds`
 */
export const normalisedFaithfulness = (
  circuit: ArrayLike<number>,
  { corrupted: empty, span }: Scale,
): number => (meanMetric(circuit) - empty) / span;

/** F(M) as `clean`, F(∅) as `corrupted`, and their span. @throws LabError "degenerate" where they are equal */
export function faithfulnessEnds(full: ArrayLike<number>, empty: ArrayLike<number>): Scale {
  try {
    return metricScale(Array.from(full, (value, i) => ({ clean: value, corrupted: empty[i]! })));
  } catch (cause) {
    const [M, none] = [meanMetric(full), meanMetric(empty)];
    throw new LabError(
      "degenerate",
      `the model keeps its metric with every node of the graph left out (F(M) = ${M.toPrecision(4)}, F(∅) = ${none.toPrecision(4)}), ` +
        "so no share of it can be the circuit's; take another metric or ablation",
      { cause },
    );
  }
}

/** |F(C∖K) − F(M∖K)|, in the metric's unit: what of the model stays that the circuit lacks once K is gone. 0 is complete. */
export const incompleteness = (
  circuitWithoutK: ArrayLike<number>,
  modelWithoutK: ArrayLike<number>,
): number => Math.abs(meanMetric(circuitWithoutK) - meanMetric(modelWithoutK));

/** |F(C∖(K∪{v})) − F(C∖K)|, in the metric's unit: what v does once K is gone. */
export const minimality = (without: ArrayLike<number>, before: ArrayLike<number>): number =>
  Math.abs(meanMetric(without) - meanMetric(before));

/** effect / |F(M)|, unitless: the paper's measure of minimality; null where F(M) is 0. */
export function shareOfModel(effect: number, full: ArrayLike<number>): number | null {
  const M = Math.abs(meanMetric(full));
  return M === 0 ? null : effect / M;
}

/**
 * p = (1 + #{random ≥ circuit}) / (1 + n): how often a random circuit would do as well, the circuit counted among them; never 0.
 * Both as normalised faithfulness. Source: North, Curtis and Sham 2002, "A note on the calculation of empirical P values".
 */
export const empiricalP = (circuit: number, random: readonly number[]): number =>
  (1 + random.filter((value) => value >= circuit).length) / (1 + random.length);

/**
 * A circuit of the same size by chance: each head goes to another by a permutation, of its layer's heads or of all, and keeps
 * its positions; each MLP to another layer's.
 */
export function randomCircuit(
  units: readonly CircuitUnit[],
  { n_layer, n_head }: { n_layer: number; n_head: number },
  by: RandomBy,
  random: () => number,
): CircuitUnit[] {
  const all = permutation(n_layer * n_head, random);
  const within = Array.from({ length: n_layer }, () => permutation(n_head, random));
  const layers = permutation(n_layer, random);
  return units.map(({ layer, head, places }) => {
    if (head === null) return { layer: layers[layer]!, head, places };
    if (by === "layer") return { layer, head: within[layer]![head]!, places };
    const to = all[layer * n_head + head]!;
    return { layer: Math.floor(to / n_head), head: to % n_head, places };
  });
}

/** Each of n with a chance of a half. */
export const randomSubset = (n: number, random: () => number): number[] =>
  Array.from({ length: n }, (_, i) => i).filter(() => random() < 0.5);
