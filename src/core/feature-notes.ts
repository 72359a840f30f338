/**
 * What people and programs say of an SAE's features: labels with their scores, notes, stars, tests of a hypothesis, and named
 * lists of features. Plain data; kept by `storage/notes-store.ts`, exported by `formats/feature-notes.ts`.
 */

/** When a rule says that a feature is active: on one of the tokens, on the token after one, on the token before one. */
export interface TokenRule {
  place: "on" | "after" | "before";
  /** Token strings, exactly: " Paris" is not "Paris". */
  tokens: readonly string[];
  /** Share of the activation on the strongest examples that the rule covers; `math/label-rule.ts`. */
  coverage: number;
  /** Share of all tokens of the corpus that the rule names. */
  base: number;
}

/** How a label came about. */
export type LabelSource =
  | { by: "user" }
  /** Automatic: from the tokens of its strongest examples. */
  | { by: "tokens"; rule: TokenRule }
  /** Automatic: from the tokens whose logits it raises most. */
  | { by: "logits" }
  /** Written by a language model, told by its name. */
  | { by: "model"; model: string };

/** How often the two answers went together: positive cases are those where the feature is active. */
export interface Confusion {
  hits: number;
  misses: number;
  falseAlarms: number;
  rejections: number;
}

/** How well a label tells when its feature is active; formulas and sources in `math/detection.ts`. */
export type LabelScore = {
  /** Who judged: a language model's name; "rule" where a token rule was applied to text without any model. */
  judge: string;
  /** ISO 8601 */
  at: string;
} & (
  | {
      /** `rule`: of tokens, by the label's own rule. The others: of texts, answered by a language model. */
      kind: "rule" | "detection" | "fuzzing";
      counts: Confusion;
      /** Cases whose answer could not be read, and that are not counted. */
      unread: number;
    }
  | {
      /** Correlation of predicted with true activations; null where it is 0/0. */
      kind: "simulation";
      correlation: number | null;
      texts: number;
      tokens: number;
      unread: number;
    }
);

export interface FeatureLabel {
  text: string;
  source: LabelSource;
  scores: readonly LabelScore[];
  /** ISO 8601 */
  at: string;
}

/** The activation above which a text counts as one that the feature is active on. */
export interface TestThreshold {
  /** `share`: of the feature's largest activation in the corpus. */
  kind: "activation" | "share";
  value: number;
}
export interface TestedText {
  text: string;
  /** Largest activation on its tokens, the first token of the context (BOS) left out. */
  value: number;
}
export interface TestResult {
  should: readonly TestedText[];
  shouldNot: readonly TestedText[];
  /** The activation that the threshold stood for. */
  threshold: number;
  /** The model that read them. */
  modelId: string;
  at: string;
}
/** What a feature is said to mean, with texts that should and should not make it active. */
export interface HypothesisTest {
  id: string;
  statement: string;
  should: readonly string[];
  shouldNot: readonly string[];
  threshold: TestThreshold;
  /** Of these very texts; null until it was run, and again when they change. */
  result: TestResult | null;
  at: string;
}

export interface FeatureNote {
  label: FeatureLabel | null;
  /** Labels beside it: those that an import brought, and those that were replaced by hand. */
  others: readonly FeatureLabel[];
  note: string;
  starred: boolean;
  tests: readonly HypothesisTest[];
}
/** A named list of features, in the user's own order. */
export interface FeatureList {
  id: string;
  name: string;
  features: readonly number[];
  at: string;
}
export interface SaeNotes {
  /** Features without anything said of them are not there. */
  features: ReadonlyMap<number, FeatureNote>;
  lists: readonly FeatureList[];
}

export const NO_NOTE: FeatureNote = {
  ...{ label: null, others: [], note: "", starred: false, tests: [] },
};
export const NO_NOTES: SaeNotes = { features: new Map(), lists: [] };

export const isEmptyNote = ({ label, others, note, starred, tests }: FeatureNote): boolean =>
  label === null && others.length === 0 && note === "" && !starred && tests.length === 0;

/** Whether any answer of the judge could be read: a score of none says nothing. */
const isRead = (score: LabelScore): boolean =>
  score.kind === "simulation"
    ? score.texts > 0
    : Object.values(score.counts).some((cases: number) => cases > 0);
export const isScored = ({ scores }: Pick<FeatureLabel, "scores">): boolean => scores.some(isRead);

/** What of it a score, or a test of the very same statement, has looked at; without one a label is unverified. */
export const isVerified = ({ label, tests }: FeatureNote): boolean =>
  label !== null &&
  (isScored(label) ||
    tests.some(({ statement, result }) => result !== null && statement === label.text));

/** Lengths beyond which a text is no label, note, list … but something that went astray. */
export const NOTE_LIMITS = {
  label: 400,
  note: 20_000,
  name: 120,
  text: 4_000,
  texts: 400,
} as const;
