/**
 * `runWithCache`: one forward pass over one or several prompts, every wanted activation in the wanted basis.
 * The engine runs the checkpoint's own weights; values in TransformerLens's basis are computed from that run, and edits in
 * it are rewritten first. Beyond a prompt's own length there is NaN.
 */
import type { Basis } from "../core/basis.ts";
import { type HookPoint, hookNames, parseHook } from "../core/hooks.ts";
import { LabError } from "../core/lab-error.ts";
import type { Edit, TensorData, Tokens } from "../core/types.ts";
import { basisKind, logitsToTl, normalizedToTl, resultToTl, valueToTl } from "../math/basis.ts";
import { divideByScale, normScale } from "../math/layer-norm.ts";
import { markPadding } from "../math/padding.ts";
import { streamAt } from "../math/residual-stack.ts";
import { centred } from "../math/rows.ts";
import type { LoadedModel } from "../model/loaded-model.ts";
import type { PromptInput } from "../rpc/contract.ts";
import { layerBasis, normParameters, rawEdits } from "./basis-parameters.ts";
import { readPrompt } from "./read-prompt.ts";

type Model = Pick<LoadedModel, "run" | "weight" | "info" | "tokenizer">;
interface CacheRequest {
  prompts: readonly PromptInput[];
  names: readonly string[];
  edits: readonly Edit[];
  basis: Basis;
}
interface CacheAnswer {
  tokens: Tokens[];
  /** [B, T, V], T of the longest prompt */
  logits: TensorData;
  cache: [string, TensorData][];
}

/** @throws LabError "bad-input" for names, edits or prompts that cannot be */
export async function runWithCache(
  model: Model,
  { prompts, names, edits, basis }: CacheRequest,
  signal: AbortSignal,
): Promise<CacheAnswer> {
  if (prompts.length === 0) throw new LabError("bad-input", "there is no prompt to run");
  const { config } = model.info;
  const points = [...new Set(names)].map((name) => parseHook(name, config));
  const tokens = prompts.map((prompt) => readPrompt(model, prompt));
  const raw = await rawEdits(model, edits, basis);
  const sources = basis === "tl" ? points.flatMap((point) => sourcesOf(point, model)) : [];
  const result = await model.run({
    ids: tokens.map(({ ids }) => ids),
    names: [...new Set([...points.map(({ name }) => name), ...sources])],
    edits: raw.edits,
    logits: "all",
    signal,
  });
  const cache: [string, TensorData][] = [];
  for (const point of points) {
    const value =
      basis === "raw"
        ? result.cache.get(point.name)!
        : await toTl(model, point, result.cache, edits, raw.biasFree);
    cache.push([point.name, value]);
  }
  const { data, dims } = result.logits!;
  const logits = { data: basis === "tl" ? logitsToTl(data, config.vocab_size) : data, dims };
  const lengths = tokens.map(({ ids }) => ids.length);
  points.forEach(({ axes }, i) => {
    markPadding(cache[i]![1], axes[0] === "T" ? 1 : 2, lengths);
  });
  markPadding(logits, 1, lengths);
  return { tokens, logits, cache };
}

/** The other hook points that a value in TransformerLens's basis is computed from. */
function sourcesOf(point: HookPoint, { info }: Model): string[] {
  if (basisKind(point.site) !== "normalized") return [];
  const { stream, scale } = normSources(point, info.config.n_layer);
  return hookNames(info.config).includes(scale) ? [stream, scale] : [stream];
}

/** What a `hook_normalized` is computed from: the residual stream, and its scale. */
function normSources({ name, layer, site }: HookPoint, nLayer: number) {
  return {
    stream: streamAt(layer ?? nLayer, nLayer, site === "ln2.hook_normalized"),
    scale: name.replace("hook_normalized", "hook_scale"),
  };
}

async function toTl(
  model: Model,
  point: HookPoint,
  raw: ReadonlyMap<string, TensorData>,
  edits: readonly Edit[],
  biasFree: ReadonlySet<number>,
): Promise<TensorData> {
  const { n_embd: D, n_layer, layer_norm_epsilon } = model.info.config;
  const { name, site, layer } = point;
  const { data, dims } = raw.get(name)!;
  switch (basisKind(site)) {
    case "same":
      return { data, dims };
    case "centred":
      return { data: centred(data, D), dims };
    case "value": {
      if (site === "attn.hook_v" && biasFree.has(layer!)) return { data, dims };
      return { data: valueToTl(data, (await layerBasis(model, layer!)).valueBias), dims };
    }
    case "result":
      return { data: resultToTl(data, (await layerBasis(model, layer!)).resultBias, D), dims };
    case "normalized": {
      if (edits.some(({ hook }) => hook === name)) {
        const { w, b } = await normParameters(model, name);
        return { data: normalizedToTl(data, w, b, name), dims };
      }
      const { stream, scale } = normSources(point, n_layer);
      const x = raw.get(stream)!.data;
      const s = raw.get(scale)?.data ?? normScale(x, D, layer_norm_epsilon);
      return { data: divideByScale(x, s, D), dims };
    }
  }
}
