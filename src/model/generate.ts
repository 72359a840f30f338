/**
 * Continues a prompt token by token: KV cache, edits at every step, seeded sampling. The n-th draw depends on the seed
 * and n alone, so two runs from one seed (steered and not) are given the same luck.
 */
import { quoted } from "../core/quoted.ts";
import type { DirectEdit } from "../core/edits.ts";
import type { GeneratedToken, Generation, SamplingOptions } from "../core/generation.ts";
import type { Gpt2Config, Prediction } from "../core/types.ts";
import { rankOf } from "../math/distribution.ts";
import { keyedRandom } from "../math/keyed-random.ts";
import { checkSampling, penalised, sample } from "../math/sampling.ts";
import { softmax, topIndices } from "../math/softmax.ts";
import { LabError } from "../core/lab-error.ts";
import type { KvCache } from "./kv-cache.ts";
import type { LoadedModel } from "./loaded-model.ts";
import type { Tokenizer } from "../text/tokenizer.ts";
import { createTextStream } from "./text-stream.ts";

/** One step: `ids` are new, `past` holds those before. */
export interface Step {
  ids: readonly number[];
  past: KvCache | undefined;
}
export interface GenerateRequest {
  ids: readonly number[];
  /**
   * Tokens of the text that are there already: it goes on after them as if they had been drawn here, with the draws of
   * their places. @default none
   */
  begun?: readonly number[];
  sampling: SamplingOptions;
  /** The same at every step, or each step's own, where they depend on its activations. */
  edits: readonly DirectEdit[] | ((step: Step) => Promise<readonly DirectEdit[]>);
  /** How many positions the edits of a step refer to. @default those of the prompt */
  editLength?: ((step: Step) => number) | null;
  /** Ends after any of these token ids, or after the token that completes any of these texts; they stay part of the text. */
  stop?: string | readonly (string | number)[];
  /** How many of the likeliest tokens to tell at each step. @default 0 */
  alternatives?: number;
  onToken: (token: GeneratedToken) => void;
  signal: AbortSignal;
}

type Model = Pick<LoadedModel, "run" | "tokenizer"> & { info: Pick<LoadedModel["info"], "config"> };

/** Ends by itself at `maxNewTokens`, at `<|endoftext|>` (which is not part of the text), or when the context is full. */
export async function generate(model: Model, request: GenerateRequest): Promise<Generation> {
  const { ids, begun = [], sampling, edits, stop: ends = [], onToken, signal } = request;
  const { alternatives = 0, editLength } = request;
  checkSampling(sampling);
  const { maxNewTokens, seed, repetitionPenalty } = sampling;
  if (!Number.isInteger(maxNewTokens) || maxNewTokens < 1) {
    throw new LabError("bad-input", `maxNewTokens must be 1 or more, got ${maxNewTokens}`);
  }
  if (!Number.isInteger(alternatives) || alternatives < 0) {
    throw new LabError("bad-input", `alternatives must be 0 or more, got ${alternatives}`);
  }
  const { n_positions, bos_token_id } = model.info.config;
  const stop = readStop(ends, model.info.config);
  const tokens: number[] = [];
  const soFar = () => [...begun, ...tokens];
  const stream = createTextStream(model.tokenizer);
  const before = stream(begun).length;
  const answer = (
    stopped: Generation["stopped"],
    end: GeneratedToken | null = null,
  ): Generation => ({
    text: model.tokenizer.decode(soFar()).slice(before),
    tokens,
    end,
    stopped,
  });
  const told = toldBy(model.tokenizer, alternatives);
  let past: KvCache | undefined;
  try {
    for (let step = [...ids, ...begun]; ;) {
      if (ids.length + begun.length + tokens.length >= n_positions) return answer("context-full");
      const result = await model.run({
        ids: [step],
        names: [],
        edits: typeof edits === "function" ? await edits({ ids: step, past }) : edits,
        logits: "last",
        ...(past && { past }),
        keepPast: true,
        editLength: editLength?.({ ids: step, past }) ?? ids.length,
        signal,
      });
      past?.dispose();
      past = result.past ?? undefined;
      const logits = result.logits!.data;
      const scores = penalised(logits, [...ids, ...soFar()], repetitionPenalty);
      const draw = keyedRandom(seed, begun.length + tokens.length);
      const id = sample(scores, sampling, draw());
      const facts = told(logits, id);
      if (id === bos_token_id) return answer("end-of-text", { ...facts, text: "" });
      tokens.push(id);
      const last = tokens.length === maxNewTokens;
      onToken({ ...facts, text: stream(soFar(), last) });
      const text = () => model.tokenizer.decode(soFar()).slice(before);
      const done = stop.some((end) =>
        typeof end === "number" ? end === id : text().includes(end),
      );
      if (done) return answer("stop");
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

/** What is told of a drawn token, apart from the text that it adds. */
function toldBy(tokenizer: Pick<Tokenizer, "strings">, count: number) {
  return (logits: Float32Array, id: number): Omit<GeneratedToken, "text"> => {
    const p = softmax(logits);
    const ids = topIndices(logits, count);
    const alternatives: Prediction | null =
      count > 0
        ? {
            ids,
            strings: tokenizer.strings(ids),
            logits: ids.map((i) => logits[i]!),
            probabilities: ids.map((i) => p[i]!),
          }
        : null;
    const [string] = tokenizer.strings([id]);
    return { id, string: string!, probability: p[id]!, rank: rankOf(logits, id), alternatives };
  };
}

/** One text alone is a list of one. @throws LabError "bad-input" for what a text can never end with */
function readStop(
  ends: GenerateRequest["stop"],
  { vocab_size }: Pick<Gpt2Config, "vocab_size">,
): readonly (string | number)[] {
  const list: unknown = typeof ends === "string" ? [ends] : ends;
  const wrong = (end: unknown) =>
    new LabError(
      "bad-input",
      `a generation stops at a text, or at a token id of 0 … ${vocab_size - 1}, not at ${quoted(end)}`,
    );
  if (!Array.isArray(list)) throw wrong(list);
  for (const end of list as unknown[]) {
    const isId = Number.isInteger(end) && (end as number) >= 0 && (end as number) < vocab_size;
    if (!isId && (typeof end !== "string" || end === "")) throw wrong(end);
  }
  return list as (string | number)[];
}
