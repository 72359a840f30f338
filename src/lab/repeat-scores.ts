/** Scores of all heads on random tokens that repeat: what a head does by itself, whatever the text. */
import { breathe } from "../core/breathe.ts";
import {
  DIAGONAL_SCORES,
  type DiagonalScore,
  PATTERN_SCORES,
  type RepeatHeadScores,
  type RepeatOptions,
  type ScoreList,
} from "../core/head-scores.ts";
import { LabError } from "../core/lab-error.ts";
import type { Gpt2Config } from "../core/types.ts";
import { longestRepeat } from "../core/view-limit.ts";
import { meanDiagonal } from "../math/head-scores.ts";
import { keyedRandom } from "../math/keyed-random.ts";
import type { LoadedModel } from "../model/loaded-model.ts";
import { ordinaryIds } from "../text/ordinary-ids.ts";
import { joinLayers, patternHooks, patternScores, patternsOf, scoreLists } from "./head-scores.ts";

const REPEAT_SCORES = [...PATTERN_SCORES, ...DIAGONAL_SCORES] as const;
type Scores = RepeatHeadScores["scores"];
const DEFAULT_LENGTH = 100; // as in TransformerLens's Exploratory Analysis demo

/**
 * n ids drawn evenly from `from`, with replacement, and the same n again.
 * @param row of the seed's sequences
 */
export function repeatedTokens(
  from: readonly number[],
  n: number,
  seed: number,
  row: number,
): number[] {
  const random = keyedRandom(seed, row);
  const once = Array.from({ length: n }, () => from[Math.floor(random() * from.length)]!);
  return [...once, ...once];
}

/**
 * Every score, as means over the sequences. With BOS before them the patterns are scored whole, its row and column included.
 * @throws LabError "bad-input" if n tokens twice are more than the model, or one view of its patterns, holds
 */
export async function repeatScores(
  model: Pick<LoadedModel, "run" | "tokenizerFiles" | "info">,
  options: RepeatOptions,
  signal: AbortSignal,
  progress: (p: { done: number; total: number }) => void,
): Promise<RepeatHeadScores> {
  const { config } = model.info;
  const { rows, seed, prependBos } = options;
  const n = lengthOf(options, config);
  if (!Number.isInteger(rows) || rows < 1) {
    throw new LabError("bad-input", `sequences to score heads on: at least 1, not ${rows}`);
  }
  const names = patternHooks(config);
  const vocabulary = ordinaryIds(model.tokenizerFiles);
  const bos = prependBos ? [config.bos_token_id] : [];
  const each: Scores[] = [];
  for (let row = 0; row < rows; row++) {
    progress({ done: row, total: rows });
    const ids = [...bos, ...repeatedTokens(vocabulary, n, seed, row)];
    const request = { ids: [ids], names, edits: [], logits: "none", signal } as const;
    const { cache } = await model.run(request);
    const layers: Scores[] = [];
    for (const name of names) {
      const { data } = cache.get(name)!;
      layers.push({ ...patternScores(data, ids, options), ...diagonals(data, ids.length, n) });
      await breathe();
      signal.throwIfAborted();
    }
    each.push(joinLayers(REPEAT_SCORES, layers));
  }
  const scores = scoreLists(REPEAT_SCORES, (name) => meanList(each.map((row) => row[name])));
  return { layers: config.n_layer, heads: config.n_head, length: n, scores };
}

function lengthOf({ length, prependBos }: RepeatOptions, config: Gpt2Config): number {
  const most = longestRepeat(config, prependBos);
  const n = length ?? Math.min(DEFAULT_LENGTH, most);
  if (Number.isInteger(n) && n >= 2 && n <= most) return n;
  throw new LabError("bad-input", `random tokens to repeat: from 2 to ${most}, not ${n}`);
}

function diagonals(
  pattern_HQK: Float32Array,
  T: number,
  n: number,
): Record<DiagonalScore, ScoreList> {
  const offsets = { previousDiagonal: 1, duplicateDiagonal: n, inductionDiagonal: n - 1 };
  return scoreLists(DIAGONAL_SCORES, (name) =>
    patternsOf(pattern_HQK, T).map((A_QK) => meanDiagonal(A_QK, T, offsets[name])),
  );
}

/** Head by head; null where it cannot be said of one of the sequences. */
const meanList = (lists: readonly ScoreList[]): ScoreList =>
  lists[0]!.map((_, head) => {
    let sum = 0;
    for (const list of lists) {
      const score = list[head] ?? null;
      if (score === null) return null;
      sum += score;
    }
    return sum / lists.length;
  });
