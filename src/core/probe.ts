/**
 * Probes: what labels can be read off activations by a linear map. Plain data: labelled texts, what is probed where, and what was
 * found. The definitions are in `math/probe-fit.ts` and `math/probe-scores.ts`.
 */
import { blockHook, type BlockSite } from "./hooks.ts";
import { TOKEN_CLASSES } from "./sae-report.ts";
import type { TokenEffect } from "./sae.ts";
import type { LibraryId } from "./task-library.ts";

/** A part of a text that has a label. */
export interface Mark {
  /** Characters: from the first to after the last. */
  start: number;
  end: number;
  label: string;
}
/** A labelled text: as a whole, or by its marks; then `label`, if there is one, is that of all other tokens. */
export interface LabelledText {
  text: string;
  label: string | null;
  marks: readonly Mark[];
}

/** What a rule says of each token of a text. The first class is that of the tokens it does not hold for. */
export const TOKEN_RULES = [
  ...TOKEN_CLASSES,
  "next is capitalised",
  "next is punctuation",
  "seen before",
  "pair seen before",
  "praise or blame",
  "odd position",
] as const;
/** Numbers by rule. */
export const NUMBER_RULES = ["position", "characters", "since punctuation"] as const;
export type TokenRule = (typeof TOKEN_RULES)[number];
export type NumberRule = (typeof NUMBER_RULES)[number];
export type ProbeRule = TokenRule | NumberRule;

export type ProbeSource =
  /** Texts of the corpus that comes with the app, each token labelled by a rule. */
  | { kind: "rule"; rule: ProbeRule }
  /** Clean prompts of a task: their tokens by role, or the prompts by their (first) answer. */
  | { kind: "task"; task: LibraryId; by: "role" | "answer" }
  /** A table of the user's. */
  | { kind: "own"; name: string; text: string };

export interface ProbeRequest {
  source: ProbeSource;
  /** Contexts of the corpus, or pairs of the task; of a table all is read. */
  texts: number;
  /** Cases at most: a seeded part of those there are. */
  most: number;
  /** Whether the larger classes are cut to the size of the smallest. */
  balanced: boolean;
  seed: number;
}

/** A case as people look at it. */
export interface ProbeExample {
  /** Token strings; BOS is left out. */
  tokens: readonly string[];
  /** Of the case in `tokens`; null for the whole text. */
  at: number | null;
  label: string;
}
export type LabelSummary =
  | {
      kind: "classes";
      /** By class, in its order: cases that are used, cases that there are, and the texts with any. */
      classes: readonly { name: string; used: number; all: number; texts: number }[];
    }
  | { kind: "numbers"; used: number; all: number; least: number; most: number; mean: number };
/** What a request comes to. */
export interface ProbeView {
  unit: "token" | "text";
  labels: LabelSummary;
  /** Different texts, by their tokens. */
  texts: number;
  /** Of texts that were left out, and anything else that should be known. */
  notes: readonly string[];
  examples: readonly ProbeExample[];
}

/** Where there is one vector a token. Of attention's scores and pattern there is none of fixed length. */
export const PROBE_SITES = [
  "hook_resid_pre",
  "ln1.hook_normalized",
  "attn.hook_q",
  "attn.hook_k",
  "attn.hook_v",
  "attn.hook_z",
  "hook_attn_out",
  "hook_resid_mid",
  "ln2.hook_normalized",
  "mlp.hook_pre",
  "mlp.hook_post",
  "hook_mlp_out",
  "hook_resid_post",
] as const satisfies readonly BlockSite[];
export type ProbeSite = (typeof PROBE_SITES)[number];
/** Of each head one. */
export const HEAD_SITES: readonly ProbeSite[] = [
  "attn.hook_q",
  "attn.hook_k",
  "attn.hook_v",
  "attn.hook_z",
];
/** Of labelled texts: what is read of each. */
export const PROBE_READS = ["last", "mean"] as const;
export type ProbeRead = (typeof PROBE_READS)[number];
export const PROBE_LOSSES = ["logistic", "linear"] as const;

/** Where a probe reads: a hook point, all of it or one head's part. */
export interface ProbePlace {
  site: ProbeSite;
  layer: number;
  head: number | null;
}
export const placeHook = ({ layer, site }: Pick<ProbePlace, "layer" | "site">): string =>
  blockHook(layer, site);

export interface ProbeQuestion {
  request: ProbeRequest;
  places: readonly ProbePlace[];
  read: ProbeRead;
  loss: (typeof PROBE_LOSSES)[number];
  /** One: a part is held out. Five: each part once, and the scores are over all. */
  folds: 1 | 5;
  /** Times that labels are shuffled. */
  shuffles: number;
}

/** Parts of the data that share no text: one is held out, the next chooses λ, the others are fitted on. */
export const PARTS = 5;
/** λ's that are tried, the strongest first. */
export const LAMBDAS = [10, 1, 0.1, 0.01, 0.001] as const;

export interface FoundDirection {
  /** The class that it points to; "more" for numbers. */
  to: string;
  unit: Float32Array;
  /** The probe's score s rises by so much for a step of 1 along it. */
  slope: number;
  /** Of x·unit over the cases fitted on: mean, standard deviation. */
  mean: number;
  deviation: number;
}
export interface WrongCase extends ProbeExample {
  told: string;
  /** How far off: of classes s of what was told less s of the truth; of numbers |told − truth|. */
  by: number;
}
export interface ClassScores {
  kind: "classes";
  /** By index, in the order of the confusion's rows. */
  classes: readonly string[];
  accuracy: number;
  balanced: number;
  /** Of two classes. */
  auc: number | null;
  /** Accuracy of the most frequent class of the fitted part. */
  majority: number;
  /** [K, K], rows the truth. */
  confusion: Float64Array;
  /** Accuracy on shuffled labels, by seed. */
  shuffled: readonly number[];
}
export interface NumberScores {
  kind: "numbers";
  /** R² on the held-out cases; 0 is what the mean of all of them would have. */
  r2: number;
  /** Of the fitted part's mean. */
  majority: number;
  shuffled: readonly number[];
}
export interface ProbeResult {
  place: ProbePlace;
  width: number;
  /** By fold. */
  lambdas: readonly number[];
  /** Whether every fit came to its end. */
  converged: boolean;
  held: number;
  fitted: number;
  scores: ClassScores | NumberScores;
  /** Of the first fold's probe. */
  directions: readonly FoundDirection[];
  wrong: readonly WrongCase[];
}
/** The score that is drawn: accuracy or R². */
export const mainScore = ({ scores }: Pick<ProbeResult, "scores">): number =>
  scores.kind === "classes" ? scores.accuracy : scores.r2;
export const meanOf = (values: readonly number[]): number | null =>
  values.length === 0 ? null : values.reduce((a, b) => a + b, 0) / values.length;
/** Score less the mean score on shuffled labels; null where none were shuffled. */
export function selectivity(result: Pick<ProbeResult, "scores">): number | null {
  const mean = meanOf(result.scores.shuffled);
  return mean === null ? null : mainScore(result) - mean;
}

export interface ProbeProgress {
  stage: "reading" | "fitting";
  done: number;
  total: number;
  secondsLeft: number | null;
  result: ProbeResult | null;
}
export interface ProbeAnswer {
  view: ProbeView;
  seconds: number;
}
/** What a direction is in the residual stream, and what it does to the logits from there (final LayerNorm's scale left out). */
export interface WrittenDirection {
  /** The direction itself, or what W_O or W_out makes of it, [d_model]. Raw basis. */
  vector: Float32Array;
  /** Where it arrives. */
  hook: string;
  promoted: readonly TokenEffect[];
  suppressed: readonly TokenEffect[];
}

/** What is kept between visits. */
export interface KeptProbes {
  own: { name: string; text: string } | null;
  last: { key: string; modelId: string; question: ProbeQuestion; results: ProbeResult[] } | null;
}
