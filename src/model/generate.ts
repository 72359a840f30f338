/**
 * Continues a prompt token by token: KV cache, edits at every step, seeded sampling. The n-th draw depends on the seed
 * and n alone, so two runs from one seed (steered and not) are given the same luck.
 */
import type { Edit, GeneratedToken, Generation, SamplingOptions } from "../core/types.ts";
import { keyedRandom } from "../math/keyed-random.ts";
import { checkSampling, sample } from "../math/sampling.ts";
import { softmax } from "../math/softmax.ts";
import { LabError } from "../core/lab-error.ts";
import type { KvCache } from "./kv-cache.ts";
import type { LoadedModel } from "./loaded-model.ts";
import { createTextStream } from "./text-stream.ts";

/** One step: `ids` are new, `past` holds those before. */
export interface Step {
  ids: readonly number[];
  past: KvCache | undefined;
}
export interface GenerateRequest {
  ids: readonly number[];
  sampling: SamplingOptions;
  edits: readonly Edit[];
  /** More edits for one step, after `edits`, where they depend on the step's own activations. */
  editsFor?: (step: Step) => Promise<Edit[]>;
  onToken: (token: GeneratedToken) => void;
  signal: AbortSignal;
}

type Model = Pick<LoadedModel, "run" | "tokenizer"> & { info: Pick<LoadedModel["info"], "config"> };

/** Ends by itself at `maxNewTokens`, at `<|endoftext|>` (which is not part of the text), or when the context is full. */
export async function generate(
  model: Model,
  { ids, sampling, edits, editsFor, onToken, signal }: GenerateRequest,
): Promise<Generation> {
  checkSampling(sampling);
  const { maxNewTokens, seed } = sampling;
  if (!Number.isInteger(maxNewTokens) || maxNewTokens < 1) {
    throw new LabError("bad-input", `maxNewTokens must be 1 or more, got ${maxNewTokens}`);
  }
  const { n_positions, bos_token_id } = model.info.config;
  const tokens: number[] = [];
  const stream = createTextStream(model.tokenizer);
  const answer = (stopped: Generation["stopped"]): Generation => ({
    text: model.tokenizer.decode(tokens),
    tokens,
    stopped,
  });
  let past: KvCache | undefined;
  try {
    for (let step: readonly number[] = ids; ;) {
      if (ids.length + tokens.length >= n_positions) return answer("context-full");
      const more = (await editsFor?.({ ids: step, past })) ?? [];
      const result = await model.run({
        ids: [step],
        names: [],
        edits: [...edits, ...more],
        logits: "last",
        ...(past && { past }),
        keepPast: true,
        editLength: ids.length,
        signal,
      });
      past?.dispose();
      past = result.past ?? undefined;
      const logits = result.logits!.data;
      const id = sample(logits, sampling, keyedRandom(seed, tokens.length)());
      if (id === bos_token_id) return answer("end-of-text");
      tokens.push(id);
      const last = tokens.length === maxNewTokens;
      onToken({ id, text: stream(tokens, last), probability: softmax(logits)[id]! });
      if (last) return answer("length");
      step = [id];
    }
  } catch (e) {
    if (signal.aborted) return answer("cancelled");
    throw e;
  } finally {
    past?.dispose();
  }
}
