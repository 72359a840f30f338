/**
 * GPT-2 in float64 as the graph that circuits are cut from: each receiver adds up for itself what the senders before it wrote,
 * and to one edge something can be added. One forward pass for each question, slow and without gradients.
 */
import { circuitGraph, edgeEnds } from "../../src/core/circuit.ts";
import { causal, headResults, mix, scores, softmax, third } from "./attention-ops.ts";
import { Tape, type Node } from "./tape.ts";
import { activate, affine, normScale, normalize } from "./token-ops.ts";
import type { NormWeights, ReferenceModel } from "./weights.ts";

export interface EdgeRun {
  /** What each sender wrote, [T, D]. */
  sent: Float64Array[];
  /** [T, V] */
  logits: Float64Array;
}
export interface EdgeQuestion {
  /** In place of the token embeddings, [T, D]. */
  embeddings?: Float64Array;
  /** What an edge carries beside what its sender wrote. */
  added?: { edge: number; value: Float64Array };
}

export function edgeRun(
  model: ReferenceModel,
  ids: readonly number[],
  { embeddings, added }: EdgeQuestion = {},
): EdgeRun {
  const { config: c, blocks } = model;
  const [T, D, H] = [ids.length, c.n_embd, c.n_head];
  const graph = circuitGraph(c);
  const tape = new Tape();
  const node = (value: Float64Array, dims: number[]) => tape.node(value, dims, () => {});
  const norm = (x: Node, w: NormWeights) =>
    normalize(tape, x, normScale(tape, x, c.layer_norm_epsilon), w);
  /** Positions and biases, which every receiver reads. */
  const rest = new Float64Array(T * D);
  const sent: Float64Array[] = [];
  const target = added && edgeEnds(graph, added.edge);
  let receiver = 0;
  const read = (): Node => {
    const sum = rest.slice();
    const own = receiver++;
    sent.slice(0, graph.receivers[own]!.reads).forEach((written, sender) => {
      written.forEach((v, i) => (sum[i]! += v));
      if (target?.receiver === own && target.sender === sender) {
        added!.value.forEach((v, i) => (sum[i]! += v));
      }
    });
    return node(sum, [1, T, D]);
  };

  const embed = new Float64Array(T * D);
  ids.forEach((id, t) => embed.set(model.W_E.subarray(id * D, (id + 1) * D), t * D));
  sent.push(embeddings ?? embed);
  rest.set(model.W_pos.subarray(0, T * D));
  for (const [l, w] of blocks.entries()) {
    const heads = Array.from({ length: H }, (_, head) => {
      const [q, k, v] = ([0, 1, 2] as const).map((part) =>
        third(tape, affine(tape, norm(read(), w.ln1), w.qkv), part, H),
      ) as [Node, Node, Node];
      const scale =
        (c.scale_attn_weights ? Math.sqrt(D / H) : 1) *
        (c.scale_attn_by_inverse_layer_idx ? l + 1 : 1);
      const pattern = softmax(tape, causal(tape, scores(tape, q, k, scale)));
      const results = headResults(tape, mix(tape, pattern, v), w.out.W).value; // [1, T, H, D]
      return Float64Array.from(
        { length: T * D },
        (_, i) => results[(Math.floor(i / D) * H + head) * D + (i % D)]!,
      );
    });
    sent.push(...heads);
    rest.forEach((_, i) => (rest[i]! += w.out.b[i % D]!));
    const pre = affine(tape, norm(read(), w.ln2), w.mlpIn);
    sent.push(affine(tape, activate(tape, pre, c.activation_function), w.mlpOut).value);
  }
  return { sent, logits: affine(tape, norm(read(), model.lnFinal), model.unembed).value };
}
