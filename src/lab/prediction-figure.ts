/** Worker methods of the prediction figures: what the model expected at every position, and the chances of given tokens. */
import { breathe } from "../core/breathe.ts";
import type { PredictionFacts, TokenChances, TrackedFacts } from "../core/prediction.ts";
import type { Prediction } from "../core/types.ts";
import { distributionOf, ranksOf } from "../math/distribution.ts";
import { topIndices } from "../math/softmax.ts";
import type { Handlers } from "../rpc/serve.ts";
import { bench } from "./bench.ts";
import { logitsOf } from "./kept-logits.ts";
import { actualNext, checkCount, checkTemperature, logitsAt, trackedIds } from "./token-chances.ts";

const ROWS_AT_ONCE = 16; // some 50 ms of GPT-2's vocabulary between two breaths

export const predictionHandlers: Pick<Handlers, "figure.prediction" | "figure.tracked"> = {
  "figure.prediction": async (input, { signal }) => {
    const { tokenizer, info } = bench.require();
    const V = info.config.vocab_size;
    const k = checkCount(input.k ?? 10, V);
    const temperature = checkTemperature(input.temperature ?? 1);
    const { tokens, logits } = await logitsOf(input, signal);
    const T = tokens.ids.length;
    const actual = actualNext(logits, tokens.ids, temperature);
    const entropy = new Float32Array(T);
    const top: Prediction[] = [];
    for (let t = 0; t < T; t++) {
      const z = logitsAt(logits, V, t);
      const { logSum, entropy: nats } = distributionOf(z, temperature);
      entropy[t] = nats / Math.LN2;
      const ids = topIndices(z, k);
      top.push({
        ids,
        strings: tokenizer.strings(ids),
        logits: ids.map((id) => z[id]!),
        probabilities: ids.map((id) => Math.exp(z[id]! / temperature - logSum)),
      });
      await pause(t, signal);
    }
    const meanLoss = T > 1 ? actual.loss.reduce((a, b) => a + b, 0) / (T - 1) : null;
    const perplexity = meanLoss === null ? null : Math.exp(meanLoss);
    const value: PredictionFacts = {
      ...{ tokens, temperature, actual, meanLoss, perplexity, entropy, top },
    };
    return { value };
  },

  "figure.tracked": async (input, { signal }) => {
    const model = bench.require();
    const V = model.info.config.vocab_size;
    const temperature = checkTemperature(input.temperature ?? 1);
    const ids = trackedIds(model, input.track);
    const strings = model.tokenizer.strings(ids);
    const { tokens, logits } = await logitsOf(input, signal);
    const T = tokens.ids.length;
    const tracked = ids.map((id, i): TokenChances => ({
      ...{ id, string: strings[i]!, logit: new Float32Array(T) },
      ...{ probability: new Float32Array(T), rank: new Float32Array(T) },
    }));
    for (let t = 0; t < T; t++) {
      const z = logitsAt(logits, V, t);
      const { logSum } = distributionOf(z, temperature);
      const ranks = ranksOf(z, ids);
      tracked.forEach(({ id, logit, probability, rank }, i) => {
        logit[t] = z[id]!;
        probability[t] = Math.exp(z[id]! / temperature - logSum);
        rank[t] = ranks[i]!;
      });
      await pause(t, signal);
    }
    const value: TrackedFacts = { tokens, temperature, tracked };
    return { value };
  },
};

async function pause(t: number, signal: AbortSignal): Promise<void> {
  if (t % ROWS_AT_ONCE !== ROWS_AT_ONCE - 1) return;
  await breathe();
  signal.throwIfAborted();
}
