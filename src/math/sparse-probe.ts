/**
 * Sparse probing: how well k features tell tokens of a class from others. The k with the largest difference of means between
 * the two, |mean of members − mean of others| on the training tokens, then logistic regression on them, judged on other tokens.
 * Both sets hold as many members as others, so that chance is one half.
 * Source: SAEBench, evals/sparse_probing; Gurnee et al., "Finding Neurons in a Haystack" (2023).
 */
import { decision, fitLogistic } from "./logistic.ts";

/** The activations of one token that are not 0. */
export interface SparseRow {
  features: Int32Array;
  values: Float32Array;
}
export interface ProbeCase {
  row: SparseRow;
  member: boolean;
}

/** The k features that differ most, the most first; of equal ones the lower index. @param width F */
export function mostDifferent(cases: readonly ProbeCase[], width: number, k: number): number[] {
  const members = cases.filter(({ member }) => member).length;
  const others = cases.length - members;
  const difference = new Float64Array(width);
  for (const { row, member } of cases) {
    row.features.forEach((feature, i) => {
      difference[feature]! += member ? row.values[i]! / members : -row.values[i]! / others;
    });
  }
  const best: number[] = [];
  for (let f = 0; f < width; f++) {
    const size = Math.abs(difference[f]!);
    if (best.length === k && !(size > Math.abs(difference[best[k - 1]!]!))) continue;
    let at = best.length;
    while (at > 0 && size > Math.abs(difference[best[at - 1]!]!)) at--;
    best.splice(at, 0, f);
    if (best.length > k) best.pop();
  }
  return best;
}

/** @returns share of the test cases that are told rightly, and by which features */
export function sparseProbe(
  train: readonly ProbeCase[],
  test: readonly ProbeCase[],
  width: number,
  k: number,
): { accuracy: number; features: number[] } {
  const features = mostDifferent(train, width, k);
  const K = features.length;
  const inputs = (cases: readonly ProbeCase[]) => {
    const x_NK = new Float64Array(cases.length * K);
    cases.forEach(({ row }, n) =>
      features.forEach((feature, i) => {
        const at = row.features.indexOf(feature);
        if (at >= 0) x_NK[n * K + i] = row.values[at]!;
      }),
    );
    return x_NK;
  };
  const x_NK = inputs(train);
  const scale = deviations(x_NK, K);
  const scaled = (x: Float64Array) => x.map((v, i) => v / scale[i % K]!);
  const fitted = fitLogistic(
    scaled(x_NK),
    train.map(({ member }) => member),
    K,
  );
  const x_MK = scaled(inputs(test));
  const right = test.filter(
    ({ member }, n) => decision(fitted, x_MK.subarray(n * K, (n + 1) * K)) > 0 === member,
  ).length;
  return { accuracy: right / test.length, features };
}

/** Standard deviation of each input over the cases; 1 where it does not vary. */
function deviations(x_NK: Float64Array, K: number): Float64Array {
  const N = x_NK.length / K;
  return Float64Array.from({ length: K }, (_, k) => {
    let [sum, squares] = [0, 0];
    for (let i = k; i < x_NK.length; i += K) {
      sum += x_NK[i]!;
      squares += x_NK[i]! ** 2;
    }
    const variance = squares / N - (sum / N) ** 2;
    return variance > 1e-20 ? Math.sqrt(variance) : 1;
  });
}
