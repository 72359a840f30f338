/**
 * Labelled cases out of a request: texts as token ids, each text once, and of each case its text, its token and its label. The
 * same request makes the same cases for the same tokenizer.
 */
import { LabError } from "../core/lab-error.ts";
import type { LabelSummary, ProbeExample, ProbeRequest, ProbeView } from "../core/probe.ts";
import { quoted } from "../core/quoted.ts";
import { keyedRandom, permutation } from "../math/keyed-random.ts";
import type { LoadedModel } from "../model/loaded-model.ts";
import { corpusOf } from "./model-corpus.ts";
import {
  type Label,
  type Labelled,
  labelledTexts,
  onceEach,
  type ProbeCorpus,
  TEXT_STREAM,
} from "./probe-texts.ts";

export interface ProbeCase {
  /** Of the set's texts. */
  text: number;
  /** Position; null: the text as a whole. */
  at: number | null;
}
export interface ProbeSet {
  unit: "token" | "text";
  /** BOS first. */
  texts: readonly (readonly number[])[];
  cases: readonly ProbeCase[];
  labels:
    | { kind: "classes"; names: readonly string[]; y: Int32Array }
    | { kind: "numbers"; y: Float64Array };
  view: ProbeView;
}

type Model = Pick<LoadedModel, "info" | "tokenizer">;
interface Context {
  signal: AbortSignal;
  /** For tests. @default the corpus of the app */
  corpus?: (model: Model) => Promise<ProbeCorpus>;
}
const MOST_CASES = 20_000;
const MOST_CONTEXTS = 2000;
const MOST_CLASSES = 20;
/** Distinct texts that each class must be in: one for each part of the data. */
const LEAST_TEXTS = 5;
const EXAMPLES = 3;

/** @throws LabError "bad-input" that says what the labels lack; "network" without the corpus */
export async function makeProbeSet(
  model: Model,
  request: ProbeRequest,
  { signal, corpus = corpusOf }: Context,
): Promise<ProbeSet> {
  check(request);
  const labelled = await labelledTexts(model, request, corpus);
  signal.throwIfAborted();
  const { texts, notes } = onceEach(labelled);
  const given = texts.flatMap(({ labels }, text) =>
    labels.map(([at, label]) => ({ text, at, label })),
  );
  const numbers = labelled.names === null && areNumbers(given.map(({ label }) => label));
  const { names, rare } = numbers ? { names: [], rare: [] } : classNames(labelled, given);
  const all = given.filter(({ label }) => !rare.includes(String(label)));
  if (rare.length > 0) {
    notes.push(
      `Left out, in fewer than ${LEAST_TEXTS} different texts: ${rare.map((name) => `“${name}”`).join(", ")}.`,
    );
  }
  const kept = take(all, numbers ? null : names, request);
  const cases = kept.map(({ text, at }) => ({ text, at }));
  const labels: ProbeSet["labels"] = numbers
    ? { kind: "numbers", y: Float64Array.from(kept, ({ label }) => Number(label)) }
    : { kind: "classes", names, y: Int32Array.from(kept, ({ label }) => indexOf(names, label)) };
  const summary = summaryOf(labels, kept, all);
  const set = { unit: labelled.unit, texts: texts.map(({ ids }) => ids), cases, labels };
  const examples = firstExamples(set).map((n) => exampleOf(model, set, n));
  const view = {
    ...{ unit: labelled.unit, labels: summary, texts: new Set(cases.map(({ text }) => text)).size },
    ...{ notes, examples },
  };
  return { ...set, view };
}

function check({ texts, most, seed }: ProbeRequest): void {
  const whole = (value: number, least: number, largest: number, what: string) => {
    if (Number.isInteger(value) && value >= least && value <= largest) return;
    throw new LabError("bad-input", `${what}: ${least} … ${largest}, not ${value}`);
  };
  whole(texts, 1, MOST_CONTEXTS, "texts");
  whole(most, 10, MOST_CASES, "cases at most");
  whole(seed, 0, 999_999, "the seed");
}

/** More than ten different numbers and nothing else. */
const FEW_NUMBERS = 10;
function areNumbers(labels: readonly Label[]): boolean {
  if (labels.length > 0 && labels.every((label) => typeof label === "number")) return true;
  const isNumber = (label: Label) =>
    typeof label === "number" || (label.trim() !== "" && Number.isFinite(Number(label)));
  return labels.every(isNumber) && new Set(labels.map(Number)).size > FEW_NUMBERS;
}

interface Case {
  text: number;
  at: number | null;
  label: Label;
}

/**
 * Classes in their order; where a rule does not name them, those that are in too few texts apart.
 * @throws LabError "bad-input" for labels that cannot be told apart
 */
function classNames(
  { names, unit }: Labelled,
  all: readonly Case[],
): { names: readonly string[]; rare: readonly string[] } {
  const texts = new Map<Label, Set<number>>();
  for (const { label, text } of all) {
    const of = texts.get(label) ?? new Set();
    texts.set(label, of.add(text));
  }
  const isRare = (label: Label) => (texts.get(label)?.size ?? 0) < LEAST_TEXTS;
  const found = [...texts.keys()].map(String).sort();
  const named = names ?? found.filter((name) => !isRare(name));
  if (found.length < 2) {
    throw new LabError(
      "bad-input",
      found.length === 0
        ? "no token has a label; use more texts or another rule"
        : `the only label is ${quoted(names?.[Number(found[0])] ?? found[0])}; a probe tells two or more apart: ${names ? "use more texts" : "add texts with another label"}`,
    );
  }
  const many = named.length < 2 ? found : named;
  if (many.length > MOST_CLASSES) {
    throw new LabError(
      "bad-input",
      `there are ${many.length} different labels (${many.slice(0, 3).map(quoted).join(", ")}, …); ${MOST_CLASSES} are the most: choose labels that several ${unit}s share`,
    );
  }
  const lacking = names
    ? names.filter((_, k) => isRare(k))
    : named.length < 2
      ? found.filter(isRare)
      : [];
  const [first] = lacking;
  if (first !== undefined) {
    const count = texts.get(names ? names.indexOf(first) : first)?.size ?? 0;
    throw new LabError(
      "bad-input",
      `the label ${quoted(first)} is in ${count} different ${count === 1 ? "text" : "texts"}; ${LEAST_TEXTS} are the least, so that it can be in each part of the data: use more texts`,
    );
  }
  return { names: named, rare: names ? [] : found.filter(isRare) };
}
const indexOf = (names: readonly string[], label: Label): number =>
  typeof label === "number" ? label : names.indexOf(label);

/** A seeded part of the cases; with `balanced` as many of each class as the rarest has. */
function take(
  all: readonly Case[],
  names: readonly string[] | null,
  { most, balanced, seed }: ProbeRequest,
): Case[] {
  const order = [...permutation(all.length, keyedRandom(seed, TEXT_STREAM, 1))];
  let kept = order;
  if (balanced && names) {
    const counts = names.map(
      (_, k) => all.filter(({ label }) => indexOf(names, label) === k).length,
    );
    const each = Math.min(Math.floor(most / names.length), ...counts);
    const left = names.map(() => each);
    kept = order.filter((n) => left[indexOf(names, all[n]!.label)]!-- > 0);
  }
  return kept
    .slice(0, most)
    .sort((a, b) => a - b)
    .map((n) => all[n]!);
}

function summaryOf(
  labels: ProbeSet["labels"],
  kept: readonly Case[],
  all: readonly Case[],
): LabelSummary {
  if (labels.kind === "numbers") {
    const { y } = labels;
    const ends = { least: Math.min(...y), most: Math.max(...y) };
    const mean = y.reduce((a, b) => a + b, 0) / y.length;
    return { kind: "numbers", used: kept.length, all: all.length, ...ends, mean };
  }
  const { names } = labels;
  return {
    kind: "classes",
    classes: names.map((name, k) => {
      const own = kept.filter(({ label }) => indexOf(names, label) === k);
      return {
        ...{ name, used: own.length, texts: new Set(own.map(({ text }) => text)).size },
        all: all.filter(({ label }) => indexOf(names, label) === k).length,
      };
    }),
  };
}

type Set0 = Omit<ProbeSet, "view">;

/** Some cases of each class, of different texts where there are. */
function firstExamples({ labels, cases }: Set0): number[] {
  const found = new Map<number, number[]>();
  const used = new Set<number>();
  cases.forEach(({ text }, n) => {
    const k = labels.kind === "classes" ? labels.y[n]! : 0;
    const own = found.get(k) ?? [];
    if (own.length >= EXAMPLES || used.has(text)) return;
    used.add(text);
    found.set(k, [...own, n]);
  });
  return [...found].sort(([a], [b]) => a - b).flatMap(([, own]) => own);
}

/** The label of case n as text. */
export const labelText = ({ labels }: Pick<ProbeSet, "labels">, n: number): string =>
  labels.kind === "classes" ? labels.names[labels.y[n]!]! : String(labels.y[n]!);

const AROUND = 12; // tokens before the case's

/** A case with the text around it. */
export function exampleOf(
  { tokenizer }: Pick<Model, "tokenizer">,
  set: Set0,
  n: number,
): ProbeExample {
  const { text, at } = set.cases[n]!;
  const ids = set.texts[text]!;
  const label = labelText(set, n);
  if (at === null) {
    return { tokens: tokenizer.strings(ids.slice(1, 1 + 4 * AROUND)), at: null, label };
  }
  const from = Math.max(1, at - AROUND);
  return { tokens: tokenizer.strings(ids.slice(from, at + 4)), at: at - from, label };
}
