/** The logit lens in float64: a state's vector through the final LayerNorm and the unembedding, as the formulas say. */
import { logSoftmax } from "./metrics.ts";
import type { ReferenceModel } from "./weights.ts";

/** @param x [D] @returns logits [V] */
export function unembedded(
  { config, lnFinal, unembed }: ReferenceModel,
  x: Float64Array,
): Float64Array {
  const D = config.n_embd;
  const mean = x.reduce((a, b) => a + b, 0) / D;
  const variance = x.reduce((sum, v) => sum + (v - mean) ** 2, 0) / D;
  const scale = Math.sqrt(variance + config.layer_norm_epsilon);
  const logits = unembed.b.slice();
  const V = logits.length;
  x.forEach((v, d) => {
    const n = ((v - mean) / scale) * lnFinal.w[d]! + lnFinal.b[d]!;
    for (let t = 0; t < V; t++) logits[t]! += n * unembed.W[d * V + t]!;
  });
  return logits;
}

const bits = (nats: number) => nats / Math.log(2);
export const entropyBits = (logits: Float64Array): number =>
  bits(logSoftmax(logits).reduce((sum, l) => sum - Math.exp(l) * l, 0));
/** KL(q ‖ p) */
export function klBits(q: Float64Array, p: Float64Array): number {
  const log = logSoftmax(p);
  return bits(logSoftmax(q).reduce((sum, l, i) => sum + Math.exp(l) * (l - log[i]!), 0));
}
export const rank = (logits: Float64Array, id: number): number =>
  1 + logits.filter((v) => v > logits[id]!).length;
