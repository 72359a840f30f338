/** What probes are tested on: a small model that reads letters, texts drawn at random, and requests for sets of cases. */
import type { ProbeRequest } from "../../src/core/probe.ts";
import { keyedRandom } from "../../src/math/keyed-random.ts";
import type { LoadedModel } from "../../src/model/loaded-model.ts";
import type { Tokenizer } from "../../src/text/tokenizer.ts";
import { integer } from "../model/random-models.ts";
import { nodeEngine } from "../model/node-engine.ts";
import { tinyCheckpoint } from "../model/tiny-checkpoint.ts";
import { engineAsModel } from "./engine-model.ts";

export const { signal } = new AbortController();
const BOS = 30;
const made = tinyCheckpoint(
  {
    ...{ n_layer: 2, n_head: 3, n_embd: 12, n_inner: 20, n_positions: 24, vocab_size: 31 },
    ...{ bos_token_id: BOS, layer_norm_epsilon: 1e-5, activation_function: "gelu_new" },
    ...{ scale_attn_weights: true, scale_attn_by_inverse_layer_idx: false },
    tie_word_embeddings: true,
  },
  { seed: 4, dtype: "F32", prefix: "" },
);
/** A letter a token, a … z; anything else is 26. */
const letters: Tokenizer = {
  encode: (text, prependBos) => ({
    ids: [
      ...(prependBos ? [BOS] : []),
      ...Array.from(text, (c) => {
        const id = c.charCodeAt(0) - 97;
        return id >= 0 && id < 26 ? id : 26;
      }),
    ],
    warnings: [],
  }),
  strings: (ids) =>
    ids.map((id) => (id < 26 ? String.fromCharCode(97 + id) : id === BOS ? "<|endoftext|>" : " ")),
  decode: (ids) => letters.strings(ids).join(""),
};
export const engine = await nodeEngine(made.config, made.weights);
export const model: LoadedModel = engineAsModel(engine, {}, letters);

const random = keyedRandom(9);
export const texts = Array.from({ length: 60 }, () => [
  BOS,
  ...Array.from({ length: integer(random, 2, 12) }, () => integer(random, 0, 25)),
]);
export const request = (patch: Partial<ProbeRequest>): ProbeRequest => ({
  ...{ source: { kind: "rule", rule: "odd position" }, texts: 40, most: 5000 },
  ...{ balanced: false, seed: 1, ...patch },
});
export const table = (rows: readonly (readonly [string, string])[]): ProbeRequest =>
  request({
    source: { kind: "own", name: "t", text: rows.map((row) => row.join("\t")).join("\n") },
  });
export const corpus = () =>
  Promise.resolve({
    ...{ shards: 3, contextSize: 8 },
    contexts: (shard: number) => {
      const draw = keyedRandom(5, shard);
      return Promise.resolve(
        Int32Array.from({ length: 20 * 8 }, (_, i) => (i % 8 === 0 ? BOS : integer(draw, 0, 26))),
      );
    },
  });
