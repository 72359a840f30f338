/**
 * Drawing the next token. The order is Hugging Face's: repetition penalty, temperature, top-k, top-p, then the draw.
 * @see Holtzman et al. 2020, "The Curious Case of Neural Text Degeneration", for top-p
 * @see Keskar et al. 2019, "CTRL", section 4.1, for the repetition penalty
 */
import { LabError } from "../core/lab-error.ts";
import type { SamplingOptions } from "../core/generation.ts";
import { softmax, topIndices } from "./softmax.ts";

export type SamplingRule = Pick<SamplingOptions, "temperature" | "topK" | "topP">;

/** @throws LabError "bad-input" naming what is out of range */
export function checkSampling({
  temperature,
  topK,
  topP,
  repetitionPenalty,
}: SamplingRule & Pick<SamplingOptions, "repetitionPenalty">): void {
  const wrong = (what: string) => new LabError("bad-input", what);
  if (!(temperature >= 0 && temperature < Infinity)) {
    throw wrong(`temperature must be 0 (greedy) or more, got ${temperature}`);
  }
  if (!Number.isInteger(topK) || topK < 0) {
    throw wrong(`topK must be a whole number, 0 for all tokens, got ${topK}`);
  }
  if (!(topP > 0 && topP <= 1)) throw wrong(`topP must be above 0 and at most 1, got ${topP}`);
  if (!(repetitionPenalty > 0 && repetitionPenalty < Infinity)) {
    throw wrong(`repetitionPenalty must be above 0, 1 for none, got ${repetitionPenalty}`);
  }
}

/**
 * The repetition penalty θ on every token that has been there, once however often: z/θ where its logit z is positive, z·θ
 * where it is negative, so that θ > 1 makes it less likely either way. (Keskar et al. divide in both cases, which would
 * make a token of negative logit likelier; this is what Hugging Face makes of it.)
 * @param logits [V]; `seen` ids of prompt and text so far
 * @returns [V], the same array for θ = 1
 */
export function penalised(
  logits: Float32Array,
  seen: Iterable<number>,
  penalty: number,
): Float32Array {
  if (penalty === 1) return logits;
  const out = logits.slice();
  for (const id of new Set(seen)) {
    const z = logits[id]!;
    out[id] = z > 0 ? z / penalty : z * penalty;
  }
  return out;
}

/**
 * The tokens that may be drawn, likeliest first, with their probabilities renormalised over those that are left.
 * Temperature 0 leaves the likeliest alone (the lowest id, of equal ones).
 * @param logits [V]
 */
export function candidates(
  logits: Float32Array,
  { temperature, topK, topP }: SamplingRule,
): { ids: number[]; probabilities: number[] } {
  if (temperature === 0) {
    softmax(logits); // refuses logits that are no numbers
    return { ids: topIndices(logits, 1), probabilities: [1] };
  }
  const p = softmax(logits, temperature);
  const limit = topK === 0 ? p.length : Math.min(topK, p.length);
  let ids =
    limit < p.length ? topIndices(p, limit) : [...p.keys()].sort((a, b) => p[b]! - p[a]! || a - b);
  const kept = ids.reduce((sum, id) => sum + p[id]!, 0);
  let mass = kept;
  if (topP < 1) {
    mass = 0;
    const end = ids.findIndex((id) => (mass += p[id]!) >= topP * kept);
    if (end >= 0) ids = ids.slice(0, end + 1);
  }
  return { ids, probabilities: ids.map((id) => p[id]! / mass) };
}

/**
 * The token whose share of [0, 1) holds `u`, with the candidates side by side, likeliest first.
 * @param u uniform in [0, 1)
 */
export function sample(logits: Float32Array, rule: SamplingRule, u: number): number {
  const { ids, probabilities } = candidates(logits, rule);
  let rest = u;
  for (let i = 0; i < ids.length; i++) {
    rest -= probabilities[i]!;
    if (rest < 0) return ids[i]!;
  }
  return ids.findLast((_, i) => probabilities[i]! > 0)!; // rounding left a little over
}
