/**
 * Runs of which edges are cut, in float64 and one receiver at a time: each reads its own sum of what the senders write, where a
 * cut edge brings what the sender wrote in another run (or nothing). Slow, and nothing in it is clever.
 */
import { circuitGraph, type EdgeMask } from "../../src/core/circuit.ts";
import { causal, headResults, mix, scores, softmax, third } from "./attention-ops.ts";
import { Tape, type Node } from "./tape.ts";
import { activate, affine, normScale, normalize } from "./token-ops.ts";
import type { NormWeights, ReferenceModel } from "./weights.ts";

/** What each sender writes, [T, D], in the order of the circuit's graph. */
export type SenderValues = readonly Float64Array[];
export interface EdgeRun {
  written: SenderValues;
  /** [T, V] */
  logits: Float64Array;
}

/** @param mask null: no edge is cut @param instead what a cut edge brings; null: nothing */
export function edgeRun(
  model: ReferenceModel,
  ids: readonly number[],
  mask: EdgeMask | null,
  instead: SenderValues | null,
): EdgeRun {
  const { config: c, blocks } = model;
  const [T, D, H] = [ids.length, c.n_embd, c.n_head];
  const { receivers } = circuitGraph(c);
  const tape = new Tape();
  const written: Float64Array[] = [];
  /** Attention's output bias belongs to no head: it is always there. */
  const biases = new Float64Array(T * D);

  const reading = (name: string, channel: string | null): Node => {
    const receiver = receivers.find((r) => r.node.name === name && r.channel === channel)!;
    const sum = Float64Array.from(biases);
    for (let s = 0; s < receiver.reads; s++) {
      const cut = mask !== null && mask[receiver.firstEdge + s] === 0;
      const value = cut ? (instead?.[s] ?? new Float64Array(T * D)) : written[s]!;
      value.forEach((v, i) => (sum[i] = sum[i]! + v));
    }
    return tape.node(sum, [1, T, D]);
  };
  const norm = (x: Node, weights: NormWeights) =>
    normalize(tape, x, normScale(tape, x, c.layer_norm_epsilon), weights);

  written.push(
    Float64Array.from({ length: T * D }, (_, i) => {
      const [t, d] = [Math.floor(i / D), i % D];
      return model.W_E[ids[t]! * D + d]! + model.W_pos[t * D + d]!;
    }),
  );
  for (const [l, w] of blocks.entries()) {
    const scale =
      (c.scale_attn_weights ? Math.sqrt(D / H) : 1) *
      (c.scale_attn_by_inverse_layer_idx ? l + 1 : 1);
    const results = Array.from({ length: H }, (_, h) => {
      const [q, k, v] = (["q", "k", "v"] as const).map((channel, part) => {
        const all = affine(tape, norm(reading(`a${l}.h${h}`, channel), w.ln1), w.qkv);
        return third(tape, all, part as 0 | 1 | 2, H);
      });
      const pattern = softmax(tape, causal(tape, scores(tape, q!, k!, scale)));
      const everyHead = headResults(tape, mix(tape, pattern, v!), w.out.W).value; // [1, T, H, D]
      return Float64Array.from({ length: T * D }, (_, i) => {
        const [t, d] = [Math.floor(i / D), i % D];
        return everyHead[(t * H + h) * D + d]!;
      });
    });
    written.push(...results);
    biases.forEach((b, i) => (biases[i] = b + w.out.b[i % D]!));
    const pre = affine(tape, norm(reading(`m${l}`, null), w.ln2), w.mlpIn);
    written.push(affine(tape, activate(tape, pre, c.activation_function), w.mlpOut).value);
  }
  const final = norm(reading("logits", null), model.lnFinal);
  return { written, logits: affine(tape, final, model.unembed).value };
}
