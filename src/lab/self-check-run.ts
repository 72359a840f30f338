/** The one run that the identities within a forward pass are read from, with the few parameters that they need. */
import { type Basis } from "../core/basis.ts";
import { hookNames } from "../core/hooks.ts";
import type { Gpt2Config, TensorData } from "../core/types.ts";
import { topIndices } from "../math/softmax.ts";
import type { LoadedModel } from "../model/loaded-model.ts";
import { normParameters, readParameter, readUnembeddingOf } from "./basis-parameters.ts";
import { runWithCache } from "./run-with-cache.ts";

const TEXT = "When Mary and John went to the store, John gave a drink to";
/** Enough for every kind of attention, and few enough that a large model's head results fit in memory. */
const TOKENS = 16;
/** Tokens whose logits are put together from their components. */
const LIKELIEST = 8;

/** The values of one basis. */
export interface BasisEvidence {
  /** Every hook point, [1, …]. */
  cache: ReadonlyMap<string, TensorData>;
  /** [T, V] */
  logits: Float32Array;
  /** b_O of each layer, [d_model]. */
  outputBias: Float32Array[];
  /** What gives the logits of `tokens` after the final LayerNorm's scale: [N, d_model], [N]. */
  unembedding: { directions: Float32Array; bias: Float32Array };
}
export interface RunEvidence {
  config: Gpt2Config;
  ids: number[];
  raw: BasisEvidence;
  tl: BasisEvidence;
  /** Likeliest after the last token. */
  tokens: number[];
  /** Weight and bias of each LayerNorm, by the name of its `hook_normalized`. */
  norms: ReadonlyMap<string, { w: Float32Array; b: Float32Array }>;
}

/** Token ids to run: a sentence if the tokenizer can read it, else the first of the vocabulary. */
export function selfCheckIds({
  tokenizer,
  info,
}: Pick<LoadedModel, "tokenizer" | "info">): number[] {
  const { n_positions, vocab_size } = info.config;
  const { ids } = tokenizer.encode(TEXT, true);
  const usable = ids.length >= 4 && ids.every((id) => id < vocab_size);
  const some = usable ? ids : Array.from({ length: TOKENS }, (_, i) => (i * 7) % vocab_size);
  return some.slice(0, Math.min(TOKENS, n_positions));
}

export async function gatherRun(
  model: LoadedModel,
  ids: number[],
  signal: AbortSignal,
): Promise<RunEvidence> {
  const { config } = model.info;
  const [raw, tl] = [
    await inBasis(model, ids, "raw", signal),
    await inBasis(model, ids, "tl", signal),
  ];
  const last = raw.logits.subarray(-config.vocab_size);
  const tokens = topIndices(last, Math.min(LIKELIEST, config.vocab_size));
  const norms = new Map<string, { w: Float32Array; b: Float32Array }>();
  for (const name of hookNames(config).filter((hook) => hook.endsWith("hook_normalized"))) {
    norms.set(name, await normParameters(model, name));
  }
  const unembed = async (values: Omit<BasisEvidence, "unembedding">, basis: Basis) => ({
    ...values,
    unembedding: await readUnembeddingOf(model, tokens, basis),
  });
  return {
    config,
    ids,
    tokens,
    norms,
    raw: await unembed(raw, "raw"),
    tl: await unembed(tl, "tl"),
  };
}

async function inBasis(model: LoadedModel, ids: number[], basis: Basis, signal: AbortSignal) {
  const { config } = model.info;
  const request = { prompts: [{ ids }], names: hookNames(config), edits: [], basis };
  const { logits, cache } = await runWithCache(model, request, signal);
  const outputBias: Float32Array[] = [];
  for (let layer = 0; layer < config.n_layer; layer++) {
    outputBias.push((await readParameter(model, `blocks.${layer}.attn.b_O`, basis)).data);
  }
  return { cache: new Map(cache), logits: logits.data, outputBias };
}
