/** Fine-tuning of chosen components: what is asked, what is told on the way, and what is measured of an edited model. */
import type { RunPair } from "./task.ts";
import type { TuneComponent, TunedWeights, WeightEdit } from "./model-edit.ts";

/** A text and what is to come after it. Where `wanted` begins with a word it begins with a space. */
export interface TuneExample {
  prompt: string;
  wanted: string;
}
export interface TuneRecipe {
  components: readonly TuneComponent[];
  examples: readonly TuneExample[];
  /** Pairs of the task: after the clean prompt its first answer is wanted. */
  pairs: readonly RunPair[];
  prependBos: boolean;
  learningRate: number;
  steps: number;
  /** Examples of a step. */
  batch: number;
  /** Share of the way back to the base in a step, for each unit of learning rate. */
  decay: number;
  /** The longest gradient; 0 for no limit. */
  clip: number;
  /** Share of the examples that is not trained on, 0 … 0.5. */
  heldOut: number;
  seed: number;
}
export const TUNE_DEFAULTS = {
  ...{ learningRate: 1e-3, steps: 60, batch: 16, decay: 0.01, clip: 1, heldOut: 0.25, seed: 1 },
} as const;
export const MOST_TUNE_STEPS = 5000;

/** Losses are means of −ln p over the wanted tokens, in nats. */
export interface TunePoint {
  step: number;
  /** Of the step's batch before it was made; null at points that are only measured. */
  batch: number | null;
  /** Of all that is trained on, and of what is held out; null where it was not measured, or there is none. */
  train: number | null;
  heldOut: number | null;
  /** Length of the gradient before it was cut. */
  norm: number | null;
}
export type TuneProgress =
  | { kind: "opening" }
  | { kind: "begun"; parameters: number; train: number; heldOut: number }
  | { kind: "point"; point: TunePoint; stepsPerSecond: number };

export interface TuneOutcome {
  /** null where no step was better than none. */
  edit: TunedWeights | null;
  /** Whether the user ended it before its last step. */
  stopped: boolean;
  steps: number;
}

/** On text that has nothing to do with the edits. */
export interface DriftText {
  /** Tokens that were predicted. */
  tokens: number;
  /** Mean −ln p of the next token, nats; perplexity is e to that. */
  loss: number;
  perplexity: number;
  /** Mean KL(base ‖ this) of the next token, nats. */
  kl: number;
  /** Share of the places where the likeliest next token is the base's. */
  sameTop: number;
}
/** Means over the task's clean prompts. */
export interface DriftTask {
  pairs: number;
  /** null without wrong answers */
  logitDiff: number | null;
  /** Σ p(answers) */
  prob: number;
  /** Share whose likeliest token is an answer. */
  first: number;
}
export interface DriftRow {
  text: DriftText;
  /** null where no pairs were given */
  task: DriftTask | null;
}
export interface DriftQuestion {
  /** Each is compared with the base. */
  variants: readonly (readonly WeightEdit[])[];
  /** Of the lab's corpus, of its held-out part. */
  contexts: number;
  pairs: readonly RunPair[];
}
/** The base first, then each variant. */
export type DriftAnswer = DriftRow[];

/** A drift check with what was checked. */
export interface DriftCheck {
  /** What each row of the answer is; the base first. */
  names: readonly string[];
  answer: DriftAnswer;
  contexts: number;
  /** The list as it was then. */
  edits: readonly WeightEdit[];
}
/** A fine-tuning that came to its end, or was stopped. */
export interface TuneCurve {
  recipe: TuneRecipe;
  points: readonly TunePoint[];
  parameters: number;
  /** Examples trained on, and held out. */
  train: number;
  heldOut: number;
  outcome: TuneOutcome;
}

/** Examples as lines "prompt => wanted"; what stands after "=>" is wanted as it is, its space first. Empty lines are passed over. */
export function readTuneText(text: string): { examples: TuneExample[]; problem: string | null } {
  const examples: TuneExample[] = [];
  let problem: string | null = null;
  for (const [i, line] of text.split("\n").entries()) {
    if (line.trim() === "") continue;
    const at = line.lastIndexOf("=>");
    const example = {
      prompt: line.slice(0, Math.max(0, at)).trimEnd(),
      wanted: line.slice(at + 2).trimEnd(),
    };
    if (at > 0 && example.prompt !== "" && example.wanted !== "") examples.push(example);
    else problem ??= `line ${i + 1} has no “prompt => wanted”: ${line.slice(0, 40)}`;
  }
  return { examples, problem };
}

/** "h1.2_m0_b1_n0_f": components for a link. */
export const encodeComponents = (components: readonly TuneComponent[]): string =>
  components
    .map((c) => {
      if (c.kind === "finalNorm") return "f";
      if (c.kind === "head") return `h${c.layer}.${c.head}`;
      return `${{ mlp: "m", attnBias: "b", norms: "n" }[c.kind]}${c.layer}`;
    })
    .join("_");
/** Of those there are, what a link names. */
export function decodeComponents(text: string, all: readonly TuneComponent[]): TuneComponent[] {
  const named = new Set(text.split("_"));
  return all.filter((component) => named.has(encodeComponents([component])));
}
