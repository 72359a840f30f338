/** The score that heads are ordered and found by, on this prompt or on random repeats; asked for only when one is chosen. */
import {
  REPEAT_SCORE_NAMES,
  scoreDifference,
  type ScoreName,
} from "../../../charts/head-score-words.ts";
import {
  PATTERN_SCORES,
  type PatternScore,
  type RepeatOptions,
  type ScoreList,
} from "../../../core/head-scores.ts";
import type { LabError } from "../../../core/lab-error.ts";
import { useFigure, useStudy } from "../../../state/figures-slice.ts";
import { useChoice, useRead, wholeIn } from "../../../state/options-slice.ts";
import type { Drawing } from "../../../charts/attention-drawing.ts";

type Choice = "none" | `repeats.${ScoreName}` | `prompt.${PatternScore}`;
const CHOICES: readonly [Choice, ...Choice[]] = [
  "none",
  ...REPEAT_SCORE_NAMES.map((name) => `repeats.${name}` as const),
  ...PATTERN_SCORES.map((name) => `prompt.${name}` as const),
];
export const FIRST_SCORE: Choice = "repeats.inductionDiagonal";

export interface HeadScores {
  choice: Choice;
  choose: (choice: Choice) => void;
  choices: typeof CHOICES;
  /** null: none is chosen. */
  score: ScoreName | null;
  on: "repeats" | "prompt";
  /** One a head; null while they are not known. Repeats have no sides. */
  list: (side: Drawing["id"]) => ScoreList | null;
  running: boolean;
  progress: { done: number; total: number } | null;
  error: LabError | null;
  /** n of the repeats on show. */
  length: number | null;
}

/** How the scores are taken; texts in the address. */
export function useScoreOptions() {
  // 0: as long as the model and the prompt make it.
  const [length, setLength] = useRead("heads.length", wholeIn(1, 999_999), 0, (n) =>
    n === 0 ? "" : String(n),
  );
  const [rows, setRows] = useRead("heads.rows", wholeIn(1, 64), 2);
  const [seed, setSeed] = useRead("heads.seed", wholeIn(0, 999_999), 0);
  const [bos, setBos] = useChoice("heads.bos", ["no", "yes"]);
  const [first, setFirst] = useChoice("heads.excludeFirst", ["no", "yes"]);
  const [current, setCurrent] = useChoice("heads.excludeCurrent", ["no", "yes"]);
  const options: RepeatOptions = {
    length: length === 0 ? null : length,
    rows,
    seed,
    prependBos: bos === "yes",
    excludeFirst: first === "yes",
    excludeCurrent: current === "yes",
  };
  const yes = (on: boolean) => (on ? ("yes" as const) : ("no" as const));
  return {
    options,
    ...{ setLength, setRows, setSeed },
    setPrependBos: (on: boolean) => setBos(yes(on)),
    setExcludeFirst: (on: boolean) => setFirst(yes(on)),
    setExcludeCurrent: (on: boolean) => setCurrent(yes(on)),
  };
}

export function useHeadScores(): HeadScores {
  const [choice, choose] = useChoice<Choice>("heads.score", CHOICES);
  const { options } = useScoreOptions();
  const [on, score] = choice === "none" ? [null, null] : choice.split(".");
  const { excludeFirst, excludeCurrent } = options;
  const repeats = useStudy("headScores", on === "repeats" ? options : null);
  const prompt = useFigure("headScores", on === "prompt" ? { excludeFirst, excludeCurrent } : null);
  const common = { choice, choose, choices: CHOICES, score: score as ScoreName | null };
  if (on === "prompt") {
    const { shown, running, error } = prompt;
    const name = score as PatternScore;
    return {
      ...common,
      ...{ on, running, error, progress: null, length: null },
      list: (side) => {
        const [a, b] = [shown?.a.scores[name], shown?.b?.scores[name]];
        if (!a) return null;
        if (side === "a") return a;
        return b ? (side === "b" ? b : scoreDifference(a, b)) : null;
      },
    };
  }
  const { shown, running, error, progress } = repeats;
  return {
    ...common,
    ...{ on: "repeats", running, error, progress, length: shown?.length ?? null },
    list: () => (score ? shown?.scores[score as ScoreName] : null) ?? null,
  };
}
