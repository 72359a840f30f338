/**
 * A label by a language model, and its scores, over any way of asking one. Every question is made here, so that it can be
 * shown before it is sent. Tasks and sources: `text/label-questions.ts`; numbers: `math/detection.ts`, `math/correlation.ts`.
 */
import type { FeatureLabel, LabelScore } from "../core/feature-notes.ts";
import { CASE_TOKENS, type LabelCases } from "../core/label-work.ts";
import { LabError } from "../core/lab-error.ts";
import type { FeatureDashboard } from "../core/feature-dashboard.ts";
import type { FeatureExample } from "../core/sae.ts";
import type { Answer, Question } from "../core/writer.ts";
import { correlation } from "../math/correlation.ts";
import { confusionOf } from "../math/detection.ts";
import { keyedRandom, permutation } from "../math/keyed-random.ts";
import {
  detectionQuestion,
  fuzzingQuestion,
  labelQuestion,
  markedPositions,
  readActivations,
  readChoices,
  readLabel,
  simulationQuestion,
  TEXTS_A_QUESTION,
} from "../text/label-questions.ts";

export type Ask = (question: Question) => Promise<Answer>;
export type ScoreKind = "detection" | "fuzzing" | "simulation";
/** Texts of each kind that are simulated: Bills et al.'s five of the strongest and five at random. */
const SIMULATED = 5;

/** What a label is asked from: the strongest examples and the promoted tokens of the dashboard. */
export interface Evidence {
  examples: readonly FeatureExample[];
  promoted: FeatureDashboard["promoted"];
}
/** Examples of a question. */
const SHOWN = 12;

/** The tokens around the peak, as many as a case has. */
function aroundPeak({ tokens, activations, peak }: FeatureExample): FeatureExample {
  const from = Math.max(0, Math.min(peak - CASE_TOKENS / 2, tokens.length - CASE_TOKENS));
  return {
    tokens: tokens.slice(from, from + CASE_TOKENS),
    activations: activations.slice(from, from + CASE_TOKENS),
    peak: peak - from,
  };
}

/** The question for a label. */
export const questionOf = ({ examples, promoted }: Evidence) =>
  labelQuestion(
    examples.slice(0, SHOWN).map(aroundPeak),
    promoted.map(({ string }) => string),
  );

/** @throws LabError "degenerate" if the answer has no words */
export async function askLabel(ask: Ask, evidence: Evidence, model: string): Promise<FeatureLabel> {
  const { text } = await ask(questionOf(evidence));
  const words = readLabel(text);
  if (words === null) {
    throw new LabError(
      "degenerate",
      `${model} answered without any words for a label; ask again, or choose another model`,
    );
  }
  return { text: words, source: { by: "model", model }, scores: [], at: new Date().toISOString() };
}

interface Case {
  example: FeatureExample;
  active: boolean;
}
/** Active and inactive ones mixed, in an order that a seed decides: of their order nothing can be told. */
function mixed({ active, inactive }: LabelCases, seed: number): Case[] {
  const all: Case[] = [
    ...active.map((example) => ({ example, active: true })),
    ...inactive.map((example) => ({ example, active: false })),
  ];
  return Array.from(permutation(all.length, keyedRandom(seed)), (i) => all[i]!);
}
const inGroups = <T>(items: readonly T[]): T[][] =>
  Array.from({ length: Math.ceil(items.length / TEXTS_A_QUESTION) }, (_, i) =>
    items.slice(i * TEXTS_A_QUESTION, (i + 1) * TEXTS_A_QUESTION),
  );

interface Group {
  question: Question;
  truth: boolean[];
}

/** Detection: is the feature active on this text? */
export const detectionGroups = (label: string, cases: LabelCases, seed: number): Group[] =>
  inGroups(mixed(cases, seed)).map((group) => ({
    question: detectionQuestion(
      label,
      group.map(({ example }) => example),
    ),
    truth: group.map(({ active }) => active),
  }));

/**
 * Fuzzing: are the marked tokens those that it is active on? Of an active text its own are marked; an inactive text is marked
 * where one of the active texts is, drawn at random.
 */
export function fuzzingGroups(label: string, cases: LabelCases, seed: number): Group[] {
  const random = keyedRandom(seed, 1);
  const positions = cases.active.map(markedPositions);
  return inGroups(mixed(cases, seed + 1)).map((group) => ({
    question: fuzzingQuestion(
      label,
      group.map(({ example, active }) => {
        const drawn = positions[Math.floor(random() * positions.length)] ?? [];
        return { tokens: example.tokens, marked: active ? markedPositions(example) : drawn };
      }),
    ),
    truth: group.map(({ active }) => active),
  }));
}

/** The strongest active texts and some inactive ones. */
export const simulatedTexts = ({ active, inactive }: LabelCases): FeatureExample[] => [
  ...active.slice(-SIMULATED),
  ...inactive.slice(0, SIMULATED),
];

/** All questions of some scores, as they would be sent. */
export function scoreQuestions(
  kinds: readonly ScoreKind[],
  label: string,
  cases: LabelCases,
  seed: number,
): Question[] {
  const of: Record<ScoreKind, () => Question[]> = {
    detection: () => detectionGroups(label, cases, seed).map(({ question }) => question),
    fuzzing: () => fuzzingGroups(label, cases, seed).map(({ question }) => question),
    simulation: () => simulatedTexts(cases).map((text) => simulationQuestion(label, text)),
  };
  return kinds.flatMap((kind) => of[kind]());
}

export async function scoreLabel(
  ask: Ask,
  kind: ScoreKind,
  { label, cases, seed, judge }: { label: string; cases: LabelCases; seed: number; judge: string },
): Promise<LabelScore> {
  const at = () => new Date().toISOString();
  if (kind === "simulation") return simulate(ask, { label, cases, judge });
  const groups = (kind === "detection" ? detectionGroups : fuzzingGroups)(label, cases, seed);
  const truth: boolean[] = [];
  const told: (boolean | null)[] = [];
  for (const group of groups) {
    const { text } = await ask(group.question);
    truth.push(...group.truth);
    told.push(...readChoices(text, group.truth.length));
  }
  return { kind, judge, at: at(), ...confusionOf(truth, told) };
}

/** Correlation over all tokens of all texts that were answered. */
async function simulate(
  ask: Ask,
  { label, cases, judge }: { label: string; cases: LabelCases; judge: string },
): Promise<LabelScore> {
  const predicted: number[] = [];
  const actual: number[] = [];
  let [texts, unread] = [0, 0];
  for (const example of simulatedTexts(cases)) {
    const { text } = await ask(simulationQuestion(label, example));
    const answer = readActivations(text, example.tokens.length);
    if (answer === null) {
      unread += 1;
      continue;
    }
    texts += 1;
    predicted.push(...answer);
    actual.push(...example.activations);
  }
  return {
    ...{ kind: "simulation", judge, at: new Date().toISOString() },
    correlation: texts === 0 ? null : correlation(predicted, actual),
    ...{ texts, tokens: actual.length, unread },
  };
}
