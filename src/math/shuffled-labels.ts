/**
 * Labels that say nothing, for what a probe learns by heart: its selectivity is what it tells of the true labels beyond these.
 * Source: Hewitt and Liang 2019, "Designing and Interpreting Probes with Control Tasks".
 */
import { keyedRandom, permutation } from "./keyed-random.ts";

const STREAM = 32; // of the random numbers: another purpose's draws are others

/**
 * The control task of labelled tokens: each token type is given one label, drawn from the labels of all cases (so with their
 * shares), and every case of that type has it, in all parts of the data. @param types of each case, the token's id
 */
export function labelsByType<T>(types: readonly number[], labels: readonly T[], seed: number): T[] {
  const given = new Map<number, T>();
  for (const type of [...new Set(types)].sort((a, b) => a - b)) {
    const random = keyedRandom(seed, STREAM, type);
    given.set(type, labels[Math.floor(random() * labels.length)]!);
  }
  return types.map((type) => given.get(type)!);
}

/** Of labelled texts: the same labels, each for another text by chance. */
export function permutedLabels<T>(labels: readonly T[], seed: number): T[] {
  const order = permutation(labels.length, keyedRandom(seed, STREAM));
  return labels.map((_, i) => labels[order[i]!]!);
}
