/** How scores of heads are called, what they mean, and how they are written. Definitions: `math/head-scores.ts`. */
import {
  DIAGONAL_SCORES,
  type DiagonalScore,
  PATTERN_SCORES,
  type PatternScore,
  type RepeatHeadScores,
  type ScoreList,
} from "../core/head-scores.ts";
import { formatSigned, formatWeight } from "../ui/format.ts";

export type ScoreName = PatternScore | DiagonalScore;
export interface ScoreWords {
  name: string;
  /** "detect_head", "mean diagonal": whose definition, where a name has two. */
  by: string | null;
  means: string;
  /** "" of a share. */
  unit: string;
  /** From where a head counts as one of the kind; 0 where that is no question. */
  least: number;
}

const detect = (name: string, cells: string): ScoreWords => ({
  ...{ name, by: "detect_head", unit: "", least: 0.3 },
  means: `share of the head’s whole attention that lies ${cells}: Σ (A ∘ D) / Σ A`,
});
const diagonal = (name: string, offset: string): ScoreWords => ({
  ...{ name, by: "mean diagonal", unit: "", least: 0.5 },
  means: `mean weight ${offset} tokens back, over every query that has such a key`,
});
const mean = (name: string, means: string, unit = "", least = 0): ScoreWords => ({
  ...{ name, by: null, means, unit, least },
});

export const SCORE_WORDS: Record<ScoreName, ScoreWords> = {
  inductionDiagonal: diagonal("induction", "n − 1"),
  previousDiagonal: diagonal("previous token", "1"),
  duplicateDiagonal: diagonal("duplicate token", "n"),
  induction: detect("induction", "on the tokens after earlier copies of the query’s token"),
  previous: detect("previous token", "on the token before the query"),
  duplicate: detect("duplicate token", "on earlier copies of the query’s token"),
  first: mean("first token", "mean weight on the first token, over queries after it", "", 0.5),
  current: mean(
    "itself",
    "mean weight of a token on itself, over queries after the first",
    "",
    0.5,
  ),
  entropy: mean("entropy", "mean of −Σ A log₂ A over queries after the first", "bits"),
  distance: mean("distance", "mean of Σ A·(q − k) over queries after the first", "tokens"),
};

/** "induction (mean diagonal)" */
export const scoreTitle = (score: ScoreName): string => {
  const { name, by } = SCORE_WORDS[score];
  return by === null ? name : `${name} (${by})`;
};

/** In the order in which they are offered. */
export const REPEAT_SCORE_NAMES: readonly ScoreName[] = [
  ...DIAGONAL_SCORES.toReversed(),
  ...PATTERN_SCORES,
];

/** "0.848", "1.41 bits"; null: that it cannot be said. */
export function formatScore(score: ScoreName, value: number | null, signed = false): string {
  if (value === null) return "–";
  const { unit } = SCORE_WORDS[score];
  if (unit === "") return signed ? formatSigned(value, 3) : formatWeight(value);
  return `${signed ? formatSigned(value) : value.toFixed(2)} ${unit}`;
}

/** ".848", "1.41": the same under a thumbnail, where there is little room. */
export const shortScore = (score: ScoreName, value: number | null, signed = false): string =>
  formatScore(score, value, signed)
    .split(" ")[0]!
    .replace(/^([+−]?)0\./, "$1.");

/** The heads, largest score first; those without one at the end, equal ones in reading order. */
export const byScore = (scores: ScoreList): number[] =>
  [...scores.keys()].sort((a, b) => {
    const [x, y] = [scores[a] ?? null, scores[b] ?? null];
    if (x === null || y === null) return Number(x === null) - Number(y === null) || a - b;
    return y - x || a - b;
  });

/** b − a; null where either cannot be said. */
export const scoreDifference = (a: ScoreList, b: ScoreList): ScoreList =>
  a.map((x, i) => {
    const y = b[i] ?? null;
    return x === null || y === null ? null : y - x;
  });

/** What of a table of repeats a head is told about: its name, value and definition. */
export const repeatFacts = ({ scores, heads }: RepeatHeadScores, layer: number, head: number) =>
  REPEAT_SCORE_NAMES.map((score) => ({
    score,
    title: scoreTitle(score),
    means: SCORE_WORDS[score].means,
    text: formatScore(score, scores[score][layer * heads + head] ?? null),
  }));
