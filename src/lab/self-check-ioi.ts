/**
 * The indirect-object task in numbers, for any model that knows its names as single tokens: the mean logit difference, the
 * heads' direct attributions to it, and the head that looks most at the token before.
 * Prompts: TransformerLens's "Exploratory Analysis" demo; task: Wang et al. 2022.
 */
import { blockHook } from "../core/hooks.ts";
import { LabError } from "../core/lab-error.ts";
import type { DirectEdit } from "../core/edits.ts";
import { meanDiagonal } from "../math/head-scores.ts";
import { attributed } from "../math/identity-parts.ts";
import type { LoadedModel } from "../model/loaded-model.ts";
import { rawEdits, readUnembeddingOf } from "./basis-parameters.ts";
import { runWithCache } from "./run-with-cache.ts";

export interface IoiPrompt {
  ids: number[];
  /** The name that is right, and the one that is repeated. */
  right: number;
  wrong: number;
}

const SENTENCES: readonly (readonly [string, string, string])[] = [
  ["When John and Mary went to the shops,{} gave the bag to", " Mary", " John"],
  ["When Tom and James went to the park,{} gave the ball to", " Tom", " James"],
  ["When Dan and Sid went to the shops,{} gave an apple to", " Dan", " Sid"],
  ["After Martin and Amy went to the park,{} gave a drink to", " Martin", " Amy"],
];

/** Each sentence twice: either name can be the one that is repeated. With BOS. */
export const IOI_TEXTS: readonly { text: string; right: string; wrong: string }[] =
  SENTENCES.flatMap(([sentence, a, b]) => [
    { text: sentence.replace("{}", b), right: a, wrong: b },
    { text: sentence.replace("{}", a), right: b, wrong: a },
  ]);

/** @throws LabError "unsupported" for a tokenizer that takes a name apart */
export function ioiPrompts({ tokenizer }: Pick<LoadedModel, "tokenizer">): IoiPrompt[] {
  const single = (name: string): number => {
    const { ids } = tokenizer.encode(name, false);
    if (ids.length === 1) return ids[0]!;
    throw new LabError("unsupported", `"${name}" is ${ids.length} tokens of this model, not one`);
  };
  return IOI_TEXTS.map(({ text, right, wrong }) => ({
    ids: tokenizer.encode(text, true).ids,
    right: single(right),
    wrong: single(wrong),
  }));
}

/** Mean over the prompts of logit(right) − logit(wrong) after the last token. Edits are in TransformerLens's basis. */
export async function meanLogitDifference(
  model: LoadedModel,
  prompts: readonly IoiPrompt[],
  edits: readonly DirectEdit[],
  signal: AbortSignal,
): Promise<number> {
  const raw = await rawEdits(model, edits, "tl");
  const ids = prompts.map((prompt) => prompt.ids);
  const request = { ids, names: [], edits: raw.edits, logits: "last", signal } as const;
  const { data } = (await model.run(request)).logits!;
  const V = data.length / prompts.length;
  const differences = prompts.map(
    ({ right, wrong }, row) => data[row * V + right]! - data[row * V + wrong]!,
  );
  return mean(differences);
}

export interface HeadValue {
  layer: number;
  head: number;
  value: number;
}

/**
 * Direct logit attribution of each head, in TransformerLens's basis, mean over the prompts: what the head writes at the
 * last position, over the cached scale of the final LayerNorm, along W_U[right] − W_U[wrong].
 */
export async function headAttributions(
  model: LoadedModel,
  prompts: readonly IoiPrompt[],
  signal: AbortSignal,
): Promise<HeadValue[]> {
  const { n_layer, n_head, n_embd: D } = model.info.config;
  const hook = (layer: number) => blockHook(layer, "attn.hook_result");
  const sums = new Float64Array(n_layer * n_head);
  for (const { ids, right, wrong } of prompts) {
    const names = Array.from({ length: n_layer }, (_, layer) => hook(layer));
    const request = { prompts: [{ ids }], names: [...names, "ln_final.hook_scale"], edits: [] };
    const run = await runWithCache(model, { ...request, basis: "tl" }, signal);
    const cache = new Map(run.cache);
    const scale = cache.get("ln_final.hook_scale")!.data.at(-1)!;
    const { directions } = await readUnembeddingOf(model, [right, wrong], "tl");
    for (let layer = 0; layer < n_layer; layer++) {
      const last = cache.get(hook(layer))!.data.subarray(-n_head * D);
      for (let head = 0; head < n_head; head++) {
        const written = last.subarray(head * D, (head + 1) * D);
        const { logits } = attributed([written], scale, directions, new Float32Array(2));
        sums[layer * n_head + head]! += (logits[0]! - logits[1]!) / prompts.length;
      }
    }
  }
  return Array.from(sums, (value, i) => ({
    layer: Math.floor(i / n_head),
    head: i % n_head,
    value,
  }));
}

/** Each head's mean attention to the token before, mean over the prompts. */
export async function previousTokenShares(
  model: LoadedModel,
  prompts: readonly IoiPrompt[],
  signal: AbortSignal,
): Promise<HeadValue[]> {
  const { n_layer, n_head } = model.info.config;
  const layers = Array.from({ length: n_layer }, (_, layer) => layer);
  const names = layers.map((layer) => blockHook(layer, "attn.hook_pattern"));
  const shares: number[][] = layers.flatMap(() => Array.from({ length: n_head }, () => []));
  for (const { ids } of prompts) {
    const { cache } = await model.run({ ids: [ids], names, edits: [], logits: "none", signal });
    const TT = ids.length ** 2;
    for (const layer of layers) {
      const { data } = cache.get(names[layer]!)!;
      for (let head = 0; head < n_head; head++) {
        const A_QK = data.subarray(head * TT, (head + 1) * TT);
        shares[layer * n_head + head]!.push(meanDiagonal(A_QK, ids.length, 1));
      }
    }
  }
  return shares.map((of, i) => ({
    layer: Math.floor(i / n_head),
    head: i % n_head,
    value: mean(of),
  }));
}

/** "L9H9" */
export const headName = ({ layer, head }: Pick<HeadValue, "layer" | "head">) => `L${layer}H${head}`;

/** The n heads of largest value, or of smallest (`sign` −1), largest magnitude first. */
export const strongest = (heads: readonly HeadValue[], n: number, sign: 1 | -1 = 1): HeadValue[] =>
  [...heads].sort((a, b) => sign * (b.value - a.value)).slice(0, n);

const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
