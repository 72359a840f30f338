/**
 * Where one head looks, as shares of its attention on one prompt. Axis letters: T tokens; A_QK [T, T] is the pattern
 * after softmax, rows sum to 1. Each share is a mean over the queries for which it is defined; with none of those it
 * cannot be said (null). These describe this prompt only: the field's induction score uses repeated random tokens.
 * Definitions after TransformerLens's `head_detector` (previous, duplicate, induction) as means of weights.
 */
import { LabError } from "../core/lab-error.ts";

export interface AttentionShares {
  /** mean over q ≥ 1 of A[q, 0] */
  first: number | null;
  /** mean over q ≥ 1 of A[q, q − 1] */
  previous: number | null;
  /** mean over q ≥ 1 of A[q, q] */
  current: number | null;
  /** mean over q whose token occurs before of Σ A[q, k], k < q, ids[k] = ids[q] */
  duplicate: number | null;
  /** mean over the same q of Σ A[q, k + 1], k < q, ids[k] = ids[q]: the tokens that followed those occurrences */
  induction: number | null;
}

/** @throws LabError "shape" unless A_QK holds T × T weights for T ids */
export function attentionShares(A_QK: Float32Array, ids: readonly number[]): AttentionShares {
  const n = ids.length;
  if (A_QK.length !== n * n) {
    throw new LabError("shape", `expected [${n}, ${n}] weights, got ${A_QK.length}`);
  }
  const first = mean();
  const previous = mean();
  const current = mean();
  const duplicate = mean();
  const induction = mean();
  for (let q = 1; q < n; q++) {
    const at = (k: number) => A_QK[q * n + k]!;
    first.add(at(0));
    previous.add(at(q - 1));
    current.add(at(q));
    let same = 0;
    let after = 0;
    let found = false;
    for (let k = 0; k < q; k++) {
      if (ids[k] !== ids[q]) continue;
      found = true;
      same += at(k);
      after += at(k + 1);
    }
    if (!found) continue;
    duplicate.add(same);
    induction.add(after);
  }
  return {
    first: first.value(),
    previous: previous.value(),
    current: current.value(),
    duplicate: duplicate.value(),
    induction: induction.value(),
  };
}

function mean() {
  let sum = 0;
  let count = 0;
  return {
    add: (value: number) => {
      sum += value;
      count++;
    },
    value: (): number | null => (count === 0 ? null : sum / count),
  };
}
