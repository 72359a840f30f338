/** Logits → what they say of given tokens, and of each position's own next token. */
import { LabError } from "../core/lab-error.ts";
import type { ActualNext, TokenChances, TrackedToken } from "../core/prediction.ts";
import type { Gpt2Config } from "../core/types.ts";
import { distributionOf, rankOf, ranksOf } from "../math/distribution.ts";
import { singleToken } from "../text/single-token.ts";
import type { Tokenizer } from "../text/tokenizer.ts";

/** The row of [T, V] at a position. */
export const logitsAt = (logits: Float32Array, V: number, position: number): Float32Array =>
  logits.subarray(position * V, (position + 1) * V);

/** @param logits [T, V]; `ids` of the T tokens */
export function actualNext(
  logits: Float32Array,
  ids: readonly number[],
  temperature = 1,
): ActualNext {
  const V = logits.length / ids.length;
  const n = ids.length - 1;
  const actual: ActualNext = {
    loss: new Float32Array(n),
    rank: new Int32Array(n),
    logit: new Float32Array(n),
    probability: new Float32Array(n),
  };
  for (let t = 0; t < n; t++) {
    const z = logitsAt(logits, V, t);
    const id = ids[t + 1]!;
    const { logSum } = distributionOf(z);
    actual.loss[t] = logSum - z[id]!;
    actual.rank[t] = rankOf(z, id);
    actual.logit[t] = z[id]!;
    const shift = temperature === 1 ? logSum : distributionOf(z, temperature).logSum;
    actual.probability[t] = Math.exp(z[id]! / temperature - shift);
  }
  return actual;
}

/**
 * Writes what the logits z of one cell say of each token.
 * @param logSum ln Σ e^z
 */
export function putChances(
  z: Float32Array,
  logSum: number,
  tokens: readonly TokenChances[],
  cell: number,
): void {
  const ranks = ranksOf(
    z,
    tokens.map(({ id }) => id),
  );
  tokens.forEach(({ id, logit, probability, rank }, i) => {
    logit[cell] = z[id]!;
    probability[cell] = Math.exp(z[id]! - logSum);
    rank[cell] = ranks[i]!;
  });
}

interface Reader {
  tokenizer: Pick<Tokenizer, "encode" | "strings">;
  info: { config: Pick<Gpt2Config, "vocab_size"> };
}

/** @throws LabError "bad-input" for a text that is not one token, or an id that there is not */
export function trackedIds({ tokenizer, info }: Reader, track: readonly TrackedToken[]): number[] {
  const V = info.config.vocab_size;
  const ids = track.map((token) => {
    if (typeof token === "string") return singleToken(tokenizer, token);
    if (Number.isInteger(token) && token >= 0 && token < V) return token;
    throw new LabError("bad-input", `${token} is no token id; this model has 0 … ${V - 1}`);
  });
  return [...new Set(ids)];
}

/** @throws LabError "bad-input" for a temperature that softmax has not */
export function checkTemperature(temperature: number): number {
  if (Number.isFinite(temperature) && temperature > 0) return temperature;
  throw new LabError("bad-input", `a temperature is a number above 0, not ${temperature}`);
}

/** @throws LabError "bad-input" */
export function checkCount(k: number, V: number): number {
  if (Number.isInteger(k) && k >= 1) return Math.min(k, V);
  throw new LabError("bad-input", `how many tokens: a whole number from 1, not ${k}`);
}
