/** The texts of a request with the labels of their tokens, or of each as a whole: by rule, of a task, or of a table. */
import { breathe } from "../core/breathe.ts";
import type { LabelledText, ProbeRequest, ProbeSource } from "../core/probe.ts";
import { readLabelled } from "../core/probe-table.ts";
import { LIBRARY } from "../core/task-library.ts";
import { keyedRandom, permutation } from "../math/keyed-random.ts";
import type { LoadedModel } from "../model/loaded-model.ts";
import type { Corpus } from "./corpus.ts";
import { isNumberRule, labelsByRule, RULE_CLASSES } from "./probe-rules.ts";
import { makeTask } from "./task-generate.ts";
import { markedTokens, readPair } from "./task-read.ts";

type Model = Pick<LoadedModel, "info" | "tokenizer">;
export type ProbeCorpus = Pick<Corpus, "shards" | "contextSize" | "contexts">;
/** All cases there are, before any are left out. */
export interface Labelled {
  unit: "token" | "text";
  /** null: whatever labels there are. */
  names: readonly string[] | null;
  texts: { ids: readonly number[]; labels: (readonly [at: number | null, label: Label])[] }[];
  notes: string[];
}
/** Text is a class by name; a number is itself, or a class by its index where classes have names. */
export type Label = string | number;

/** Of the random numbers: another purpose's draws are others. */
export const TEXT_STREAM = 33;

/** @throws LabError "bad-input", "network" */
export async function labelledTexts(
  model: Model,
  request: ProbeRequest,
  corpus: (model: Model) => Promise<ProbeCorpus>,
): Promise<Labelled> {
  const { source } = request;
  switch (source.kind) {
    case "rule":
      return byRule(model, source, request, await corpus(model));
    case "task":
      return ofTask(model, source, request);
    case "own":
      return ofTable(model, readLabelled(source.text), request.seed);
  }
}

/** Contexts evenly from the whole corpus. */
async function byRule(
  { tokenizer }: Model,
  { rule }: Extract<ProbeSource, { kind: "rule" }>,
  { texts: wanted, seed }: ProbeRequest,
  corpus: ProbeCorpus,
): Promise<Labelled> {
  const T = corpus.contextSize;
  const texts: Labelled["texts"] = [];
  const perShard = Math.ceil(wanted / corpus.shards);
  for (const shard of permutation(corpus.shards, keyedRandom(seed, TEXT_STREAM))) {
    const all = await corpus.contexts(shard);
    for (let c = 0; c < perShard && (c + 1) * T <= all.length && texts.length < wanted; c++) {
      const ids = [...all.subarray(c * T, (c + 1) * T)];
      const found = labelsByRule(rule, ids, tokenizer.strings(ids));
      const labels = found.flatMap((label, at) => (label === null ? [] : [[at, label] as const]));
      texts.push({ ids, labels });
    }
    if (texts.length >= wanted) break;
    await breathe();
  }
  const notes =
    texts.length < wanted ? [`The corpus gave ${texts.length} of ${wanted} contexts.`] : [];
  const names = isNumberRule(rule) ? null : RULE_CLASSES[rule];
  return { unit: "token", names, texts, notes };
}

function ofTask(
  model: Model,
  { task, by }: Extract<ProbeSource, { kind: "task" }>,
  { texts, seed }: ProbeRequest,
): Labelled {
  const made = makeTask(model, { recipe: LIBRARY[task].recipe, count: texts, seed });
  const read = made.task.pairs.map((pair) => ({ pair, read: readPair(model, pair, true) }));
  const notes = made.shortage === null ? [] : [`${made.shortage}.`];
  return {
    ...{ unit: by === "role" ? "token" : "text", names: null, notes },
    texts: read.map(({ pair, read: { clean, roles } }) => {
      const { ids } = clean;
      if (by === "answer") return { ids, labels: [[null, pair.answers[0]!.trim()]] };
      const taken = new Set<number>();
      const labels = roles.flatMap(({ role, at }) =>
        at.flatMap((position) => {
          if (taken.has(position)) return []; // a token has one role: the first
          taken.add(position);
          return [[position, role] as const];
        }),
      );
      return { ids, labels };
    }),
  };
}

/** Of a longer table so many texts are drawn: more than cases that can be used. */
const MOST_READ = 40_000;
const AT_ONCE = 1000; // texts between two looks at the messages

async function ofTable(
  { tokenizer, info }: Model,
  all: readonly LabelledText[],
  seed: number,
): Promise<Labelled> {
  const { n_positions } = info.config;
  const rows =
    all.length <= MOST_READ
      ? all
      : [...permutation(all.length, keyedRandom(seed, TEXT_STREAM, 2)).subarray(0, MOST_READ)]
          .sort((a, b) => a - b)
          .map((row) => all[row]!);
  const byToken = rows.some(({ marks }) => marks.length > 0);
  let [long, empty] = [0, 0];
  const texts: Labelled["texts"] = [];
  for (const [i, { text, label, marks }] of rows.entries()) {
    if (i % AT_ONCE === AT_ONCE - 1) await breathe();
    const { ids } = tokenizer.encode(text, true);
    if (ids.length > n_positions) long++;
    else if (ids.length < 2) empty++;
    else if (!byToken) texts.push({ ids, labels: [[null, label!]] });
    else {
      const places = markedTokens(
        marks.map((mark) => ({ role: mark.label, start: mark.start, end: mark.end })),
        { strings: tokenizer.strings(ids) },
        true,
      );
      const of = new Map([...places].flatMap(([name, at]) => [...at].map((t) => [t, name])));
      const labels = ids.flatMap((_, t) => {
        const own = t === 0 ? null : (of.get(t) ?? label);
        return own === null ? [] : [[t, own] as const];
      });
      texts.push({ ids, labels });
    }
  }
  const count = (n: number) => n.toLocaleString("en-US");
  const notes = [
    ...(rows.length < all.length
      ? [`${count(rows.length)} of the table’s ${count(all.length)} texts, drawn by the seed.`]
      : []),
    ...(long > 0 ? [`${long} texts have more tokens than the model reads (${n_positions}).`] : []),
    ...(empty > 0 ? [`${empty} texts have no token.`] : []),
  ];
  return { unit: byToken ? "token" : "text", names: null, texts, notes };
}

/** Equal texts are one: its two halves of the data could not be kept apart. Where their labels differ the first is kept. */
export function onceEach({ texts, notes }: Labelled) {
  const seen = new Map<string, Labelled["texts"][number]>();
  let [repeated, other] = [0, 0];
  for (const text of texts) {
    const key = text.ids.join(" ");
    const first = seen.get(key);
    if (!first) seen.set(key, text);
    else if (JSON.stringify(first.labels) === JSON.stringify(text.labels)) repeated++;
    else other++;
  }
  return {
    texts: [...seen.values()].filter(({ labels }) => labels.length > 0),
    notes: [
      ...notes,
      ...(repeated > 0 ? [`${repeated} texts were there before and are counted once.`] : []),
      ...(other > 0
        ? [`${other} texts were there before with another label: their first one is kept.`]
        : []),
    ],
  };
}
