/** Scores of many heads on the same tokens. */
import {
  type DetectOptions,
  PATTERN_SCORES,
  type PatternScore,
  type ScoreList,
} from "../core/head-scores.ts";
import { blockHook } from "../core/hooks.ts";
import type { Gpt2Config } from "../core/types.ts";
import { detectHead, detectionCells, queryMeans } from "../math/head-scores.ts";

export const patternHooks = ({ n_layer }: Pick<Gpt2Config, "n_layer">): string[] =>
  Array.from({ length: n_layer }, (_, layer) => blockHook(layer, "attn.hook_pattern"));

/** [H, T, T] → H views of the same memory. */
export const patternsOf = (pattern_HQK: Float32Array, T: number): Float32Array[] =>
  Array.from({ length: pattern_HQK.length / (T * T) }, (_, head) =>
    pattern_HQK.subarray(head * T * T, (head + 1) * T * T),
  );

/** @param pattern_HQK patterns of some heads on `ids` */
export function patternScores(
  pattern_HQK: Float32Array,
  ids: readonly number[],
  options: DetectOptions,
): Record<PatternScore, ScoreList> {
  const T = ids.length;
  const cells = {
    previous: detectionCells("previous", ids),
    duplicate: detectionCells("duplicate", ids),
    induction: detectionCells("induction", ids),
  };
  const perHead = patternsOf(pattern_HQK, T).map((A_QK) => {
    const means = queryMeans(A_QK, T);
    return (score: PatternScore): number | null =>
      score === "previous" || score === "duplicate" || score === "induction"
        ? detectHead(A_QK, T, cells[score], options)
        : (means?.[score] ?? null);
  });
  return scoreLists(PATTERN_SCORES, (score) => perHead.map((of) => of(score)));
}

/** A list for each of some scores. */
export const scoreLists = <K extends string>(names: readonly K[], list: (name: K) => ScoreList) =>
  Object.fromEntries(names.map((name) => [name, list(name)])) as Record<K, ScoreList>;

/** Layers' lists, one after another. */
export const joinLayers = <K extends string>(
  names: readonly K[],
  layers: readonly Record<K, ScoreList>[],
) => scoreLists(names, (name) => layers.flatMap((layer) => layer[name]));
