/**
 * Cases in folds so that no group (a text) is in two of them, with about as many of each class in each: groups in a seeded
 * order, those with the most uneven classes first, each into the fold where the classes' shares differ least afterwards.
 * Source: the idea of scikit-learn's StratifiedGroupKFold.
 */
import { LabError } from "../core/lab-error.ts";
import { keyedRandom, permutation } from "./keyed-random.ts";

const STREAM = 31; // of the random numbers: another purpose's draws are others

/**
 * @param group of each case, 0 … G − 1 @param label of each case, 0 … K − 1; all 0 for numbers
 * @returns the fold of each group, [G]; −1 for one without a case
 * @throws LabError "bad-input" if there are fewer groups than folds
 */
export function groupFolds(
  group: Int32Array,
  label: Int32Array,
  folds: number,
  seed: number,
): Int32Array {
  const G = group.reduce((most, g) => Math.max(most, g + 1), 0);
  const K = label.reduce((most, k) => Math.max(most, k + 1), 1);
  const counts = Array.from({ length: G }, () => new Float64Array(K));
  const totals = new Float64Array(K);
  group.forEach((g, n) => {
    counts[g]![label[n]!]! += 1;
    totals[label[n]!]! += 1;
  });
  const used = [...permutation(G, keyedRandom(seed, STREAM))].filter((g) =>
    counts[g]!.some((n) => n > 0),
  );
  if (used.length < folds) {
    throw new LabError(
      "bad-input",
      `${used.length} different texts have cases, and ${folds} parts are to share none: give more texts`,
    );
  }
  const spread = new Map(used.map((g) => [g, deviation(counts[g]!)]));
  used.sort((a, b) => spread.get(b)! - spread.get(a)!); // stable: equal ones stay in their random order
  const inFold = Array.from({ length: folds }, () => new Float64Array(K));
  const sizes = new Float64Array(folds);
  const foldOf = new Int32Array(G).fill(-1);
  const shares = new Float64Array(folds);
  for (const g of used) {
    let best = { fold: -1, uneven: Infinity, size: Infinity };
    for (let fold = 0; fold < folds; fold++) {
      let uneven = 0;
      for (let k = 0; k < K; k++) {
        if (totals[k] === 0) continue;
        for (let f = 0; f < folds; f++) {
          shares[f] = (inFold[f]![k]! + (f === fold ? counts[g]![k]! : 0)) / totals[k]!;
        }
        uneven += deviation(shares);
      }
      const tie = Math.abs(uneven - best.uneven) <= 1e-12;
      if ((!tie && uneven < best.uneven) || (tie && sizes[fold]! < best.size)) {
        best = { fold, uneven, size: sizes[fold]! };
      }
    }
    foldOf[g] = best.fold;
    counts[g]!.forEach((n, k) => {
      inFold[best.fold]![k]! += n;
      sizes[best.fold]! += n;
    });
  }
  return foldOf;
}

function deviation(values: Float64Array): number {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  return Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length);
}
