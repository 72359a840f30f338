/**
 * What a report card says of features one by one: how often they fire, on how few tokens they are strongest, and how well a few
 * of them tell simple classes of tokens. The first position of each context (BOS) is left out.
 */
import { breathe } from "../core/breathe.ts";
import { LabError } from "../core/lab-error.ts";
import { type FeaturesReport, type ProbeReport, TOKEN_CLASSES } from "../core/sae-report.ts";
import { densityHistogram } from "../math/density.ts";
import { keyedRandom, permutation } from "../math/keyed-random.ts";
import { type ProbeCase, type SparseRow, sparseProbe } from "../math/sparse-probe.ts";
import { StrongestTokens } from "../math/token-entropy.ts";
import type { LoadedModel } from "../model/loaded-model.ts";
import { isOfClass } from "./token-classes.ts";

export interface JudgeFeaturesInput {
  model: Pick<LoadedModel, "run">;
  hook: string;
  dSae: number;
  contexts: readonly (readonly number[])[];
  /** @returns f [B, F] */
  encode: (x_BD: Float32Array) => Promise<Float32Array>;
  /** A token's text. */
  textOf: (id: number) => string;
  /** Statistics over the corpus, if it was measured there: share of its tokens, [F]. */
  corpus: { densities: Float64Array; tokens: number } | null;
  labels: FeaturesReport["labels"];
  signal: AbortSignal;
  onProgress: (progress: { done: number; total: number }) => void;
}

/** Share of the contexts that probes are trained on; the rest judges them. */
const TRAIN_SHARE = 0.8;
/** Members, and as many others, that a probe is trained on and judged by: at most, and at least. */
const TRAIN_CASES = { most: 1000, least: 40 };
const TEST_CASES = { most: 500, least: 10 };
const SEED = 11;

interface ReadToken {
  id: number;
  row: SparseRow;
  /** The activation itself, as if its numbers were features. */
  numbers: SparseRow;
  train: boolean;
}

export async function judgeFeatures(input: JudgeFeaturesInput): Promise<FeaturesReport> {
  const { contexts, dSae, corpus } = input;
  const tokens: ReadToken[] = [];
  const fires = new Float64Array(dSae);
  const strongest = new StrongestTokens(dSae);
  for (const [c, ids] of contexts.entries()) {
    for (const token of await readContext(input, ids, c < TRAIN_SHARE * contexts.length)) {
      tokens.push(token);
      const { features, values } = token.row;
      features.forEach((feature, i) => {
        fires[feature]! += 1;
        strongest.add(feature, values[i]!, token.id);
      });
    }
    input.onProgress({ done: c + 1, total: contexts.length });
    await breathe();
    input.signal.throwIfAborted();
  }
  if (tokens.length === 0) {
    throw new LabError("bad-file", "the held-out part of the corpus fills no context");
  }
  const densities = corpus?.densities ?? fires.map((n) => n / tokens.length);
  const entropies = strongest.entropies().sort((a, b) => a - b);
  const n = entropies.length;
  const width = tokens[0]!.numbers.values.length;
  const probes: ProbeReport[] = [];
  for (const name of TOKEN_CLASSES) {
    probes.push(probe(tokens, name, { dSae, width, textOf: input.textOf }));
    await breathe();
    input.signal.throwIfAborted();
  }
  return {
    aliveShare: densities.filter((d) => d > 0).length / dSae,
    densities: densityHistogram(densities),
    tokens: corpus?.tokens ?? tokens.length,
    overCorpus: corpus !== null,
    entropy: {
      median: n === 0 ? null : (entropies[(n - 1) >> 1]! + entropies[n >> 1]!) / 2,
      focusedShare: n === 0 ? null : entropies.filter((bits) => bits < 1).length / n,
      features: n,
    },
    probes,
    probeTokens: tokens.length,
    labels: input.labels,
  };
}

async function readContext(
  { model, hook, encode, dSae, signal }: JudgeFeaturesInput,
  ids: readonly number[],
  train: boolean,
): Promise<ReadToken[]> {
  const { cache } = await model.run({
    ids: [ids],
    names: [hook],
    edits: [],
    logits: "none",
    signal,
  });
  const x_TD = cache.get(hook)!.data;
  const D = x_TD.length / ids.length;
  const x_BD = x_TD.subarray(D);
  const f_BF = await encode(x_BD);
  const all = Int32Array.from({ length: D }, (_, d) => d);
  return ids.slice(1).map((id, b) => ({
    id,
    row: activeOf(f_BF.subarray(b * dSae, (b + 1) * dSae)),
    numbers: { features: all, values: x_BD.slice(b * D, (b + 1) * D) },
    train,
  }));
}

function activeOf(f_F: Float32Array): SparseRow {
  const features: number[] = [];
  f_F.forEach((value, feature) => value > 0 && features.push(feature));
  const values = Float32Array.from(features, (feature) => f_F[feature]!);
  return { features: Int32Array.from(features), values };
}

function probe(
  tokens: readonly ReadToken[],
  name: ProbeReport["class"],
  { dSae, width, textOf }: { dSae: number; width: number; textOf: (id: number) => string },
): ProbeReport {
  const member = tokens.map(({ id }) => isOfClass(textOf(id), name));
  const members = member.filter(Boolean).length;
  const sample = (train: boolean, { most, least }: typeof TRAIN_CASES) => {
    const of = (wanted: boolean) => {
      const at = [...tokens.keys()].filter(
        (t) => tokens[t]!.train === train && member[t] === wanted,
      );
      return [...permutation(at.length, keyedRandom(SEED))].map((i) => at[i]!);
    };
    const [inside, outside] = [of(true), of(false)];
    const each = Math.min(inside.length, outside.length, most);
    return each < least ? null : [...inside.slice(0, each), ...outside.slice(0, each)];
  };
  const train = sample(true, TRAIN_CASES);
  const test = sample(false, TEST_CASES);
  const none = { k1: null, k5: null };
  if (!train || !test) return { class: name, members, features: none, numbers: none, best: null };
  const by = (what: "row" | "numbers", size: number, k: number) => {
    const cases = (at: readonly number[]): ProbeCase[] =>
      at.map((t) => ({ row: tokens[t]![what], member: member[t]! }));
    return sparseProbe(cases(train), cases(test), size, k);
  };
  const one = by("row", dSae, 1);
  return {
    ...{ class: name, members },
    features: { k1: one.accuracy, k5: by("row", dSae, 5).accuracy },
    numbers: { k1: by("numbers", width, 1).accuracy, k5: by("numbers", width, 5).accuracy },
    best: one.features[0] ?? null,
  };
}
