/**
 * A task: prompts in pairs, each clean one beside a corrupted one of as many tokens, with the answers that a metric reads at
 * the last token. Plain data that knows no tokenizer; `lab/task-read.ts` reads it with the model's.
 */
import { FORMULA_NAMES } from "./metric-formula.ts";

/** A word of the clean prompt with a part to play: "IO", "S1". The corrupted prompt has it at the same tokens. */
export interface RoleMark {
  role: string;
  /** Characters of the clean prompt: from the first to after the last. */
  start: number;
  end: number;
}

export interface TaskPair {
  clean: string;
  corrupted: string;
  /** Right next tokens of the clean prompt, as they are written in a text: " Mary". One or more. */
  answers: readonly string[];
  /** Wrong ones to compare with; none for metrics that need none. */
  wrong: readonly string[];
  roles: readonly RoleMark[];
}

export interface Task {
  name: string;
  prependBos: boolean;
  pairs: readonly TaskPair[];
}

/**
 * What is read off the logits at the last token; a ∈ answers, w ∈ wrong.
 * logitDiff: mean logit[a] − mean logit[w]. logProb: ln Σ p(a), nats. prob: Σ p(a). probDiff: Σ p(a) − Σ p(w).
 * rank: 1 + how many tokens are likelier than the likeliest answer. kl: Σ q·ln(q / p) in nats, q of the clean prompt.
 * formula: what the user has written of these (`core/metric-formula.ts`).
 */
export const TASK_METRICS = [...FORMULA_NAMES, "formula"] as const;
export type TaskMetric = (typeof TASK_METRICS)[number];

export const needsWrong = (metric: TaskMetric): boolean =>
  metric === "logitDiff" || metric === "probDiff";
/** Ranks have no slope: nothing can be attributed by gradients. */
export const hasGradient = (metric: TaskMetric): boolean => metric !== "rank";

/** The last token's role, which every pair has. */
export const END = "END";

/** One prompt of a pair as the model reads it. */
export interface ReadPrompt {
  ids: readonly number[];
  /** Token strings that keep their bytes. */
  strings: readonly string[];
}
export interface ReadPair {
  clean: ReadPrompt;
  corrupted: ReadPrompt;
  answers: readonly number[];
  wrong: readonly number[];
  /** Positions of each role's tokens, `END` among them, by where they stand. */
  roles: readonly { role: string; at: readonly number[] }[];
  /** Why the pair cannot be run, and what to do; null if it can. */
  problem: string | null;
  /** Of the metric "formula", where one is written. */
  formula?: string;
}

/** A pair that can be run: token ids. */
export interface RunPair {
  clean: readonly number[];
  corrupted: readonly number[];
  answers: readonly number[];
  wrong: readonly number[];
  /** Of the metric "formula"; not there where none is written. */
  formula?: string;
}

/** All metrics of one run; null where the task has no wrong answers for it. */
export type MetricValues = Record<TaskMetric, number | null>;
export interface RunReading {
  values: MetricValues;
  /** The likeliest next tokens. */
  top: readonly { string: string; probability: number }[];
}
export interface PairBaseline {
  clean: RunReading;
  corrupted: RunReading;
}

/** Pairs that are made from a recipe: the same for the same model's tokenizer and seed. */
export interface TaskRequest {
  recipe: TaskRecipe;
  count: number;
  seed: number;
}
/**
 * Texts with slots in braces. `{A}` is a row of the list that the slot draws from; `{A.2}` the row's second word. Slots of
 * one list draw different rows. `corrupted` is filled by the same draw. A prompt may begin with a space.
 */
export interface TaskTemplate {
  clean: string;
  corrupted: string;
  answers: readonly string[];
  wrong: readonly string[];
}
export interface TaskRecipe {
  name: string;
  templates: readonly TaskTemplate[];
  /** By slot: the name of the list. */
  slots: Readonly<Record<string, string>>;
  /** Rows of words, as many in each row of a list. */
  lists: Readonly<Record<string, readonly (readonly string[])[]>>;
  /** Lists whose words may be several tokens. @default none */
  free?: readonly string[];
  /** Roles by what stands in the template: "{S}" first, second … → names. A slot without its own is called by its name. */
  roles?: Readonly<Record<string, readonly string[]>>;
  /** Roles whose next token is a role too: "S1" makes "S1+1". */
  next?: readonly string[];
  /** Whole tokens of the vocabulary that are a space and lower-case letters are the rows of this list. */
  vocabulary?: string;
  /** Two-digit numbers: the answers are those above `{slot}`, the wrong ones the others. */
  above?: string;
}
export interface MadeTask {
  task: Task;
  /** What this tokenizer has no single token for, by list. */
  leftOut: readonly { list: string; words: readonly string[] }[];
  /** Fewer pairs than were asked for, and why; null otherwise. */
  shortage: string | null;
}
