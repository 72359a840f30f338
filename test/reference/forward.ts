/**
 * GPT-2 in float64 on a tape: every hook point by TransformerLens's name and shape, edits where TransformerLens would
 * apply a hook, and gradients at every hook point. Written from the papers and the description of Hugging Face's config.
 */
import { causal, headResults, mix, scores, softmax, sumHeads, third } from "./attention-ops.ts";
import { Tape, accumulate, type Node } from "./tape.ts";
import { activate, add, affine, normScale, normalize } from "./token-ops.ts";
import type { NormWeights, ReferenceModel } from "./weights.ts";

/** What is done to a hook's value. `pullback` takes a gradient back through it; without it none goes further back. */
export interface ReferenceEdit {
  apply: (name: string, value: Float64Array, dims: readonly number[]) => Float64Array;
  pullback?: (name: string, grad: Float64Array, dims: readonly number[]) => Float64Array;
}

/** The value and the gradient of a metric: d metric / d value at the hook points it reads ("logits" among them). */
export type Metric = (read: (name: string) => { value: Float64Array; dims: number[] }) => {
  value: number;
  seeds: Map<string, Float64Array>;
};

export interface ReferenceRun {
  /** In forward order, "logits" last. */
  names: string[];
  get: (name: string) => { value: Float64Array; dims: number[] };
  measure: (metric: Metric) => number;
  /** d metric / d value, with the value as it was after edits. Each call forgets the last. */
  gradients: (metric: Metric) => (name: string) => Float64Array;
}

/**
 * One forward pass over rows of equal length.
 * Scores are edited after scaling and before the causal mask: masked cells stay −∞ whatever an edit says.
 */
export function referenceRun(
  model: ReferenceModel,
  rows: readonly (readonly number[])[],
  edits: readonly ReferenceEdit[] = [],
): ReferenceRun {
  const { config: c, blocks } = model;
  const [B, T, D] = [rows.length, rows[0]!.length, c.n_embd];
  const tape = new Tape();
  const kept = new Map<string, Node>();

  const pass = (x: Node) => tape.node(x.value, x.dims, (grad) => accumulate(x.grad, grad));
  const edited = (name: string, x: Node): Node =>
    edits.reduce(
      (node, { apply, pullback }) =>
        tape.node(apply(name, node.value, node.dims), node.dims, (grad) => {
          if (pullback) accumulate(node.grad, pullback(name, grad, node.dims));
        }),
      x,
    );
  /** Keeps a node of its own for each name: a metric that reads one hook does not pull at the next of the same value. */
  const keep = (name: string, x: Node): Node => {
    const node = pass(x);
    kept.set(name, node);
    return node;
  };
  const hook = (name: string, x: Node) => keep(name, edited(name, x));
  const norm = (at: string, x: Node, weights: NormWeights) => {
    const scale = hook(`${at}.hook_scale`, normScale(tape, x, c.layer_norm_epsilon));
    return hook(`${at}.hook_normalized`, normalize(tape, x, scale, weights));
  };
  const lookUp = (table: Float64Array, indices: readonly number[]) => {
    const value = new Float64Array(B * T * D);
    indices.forEach((row, n) => value.set(table.subarray(row * D, (row + 1) * D), n * D));
    return tape.node(value, [B, T, D]);
  };

  const positions = rows.flatMap((row) => row.map((_, t) => t));
  let x = add(
    tape,
    hook("hook_embed", lookUp(model.W_E, rows.flat())),
    hook("hook_pos_embed", lookUp(model.W_pos, positions)),
  );
  for (const [l, w] of blocks.entries()) {
    const at = (site: string) => `blocks.${l}.${site}`;
    x = hook(at("hook_resid_pre"), x);
    const qkv = affine(tape, norm(at("ln1"), x, w.ln1), w.qkv);
    const q = hook(at("attn.hook_q"), third(tape, qkv, 0, c.n_head));
    const k = hook(at("attn.hook_k"), third(tape, qkv, 1, c.n_head));
    const v = hook(at("attn.hook_v"), third(tape, qkv, 2, c.n_head));
    const scale =
      (c.scale_attn_weights ? Math.sqrt(D / c.n_head) : 1) *
      (c.scale_attn_by_inverse_layer_idx ? l + 1 : 1);
    const unmasked = edited(at("attn.hook_attn_scores"), scores(tape, q, k, scale));
    const masked = keep(at("attn.hook_attn_scores"), causal(tape, unmasked));
    const pattern = hook(at("attn.hook_pattern"), softmax(tape, masked));
    const z = hook(at("attn.hook_z"), mix(tape, pattern, v));
    const result = hook(at("attn.hook_result"), headResults(tape, z, w.out.W));
    const attnOut = hook(at("hook_attn_out"), sumHeads(tape, result, w.out.b));
    x = hook(at("hook_resid_mid"), add(tape, x, attnOut));
    const pre = hook(at("mlp.hook_pre"), affine(tape, norm(at("ln2"), x, w.ln2), w.mlpIn));
    const post = hook(at("mlp.hook_post"), activate(tape, pre, c.activation_function));
    const mlpOut = hook(at("hook_mlp_out"), affine(tape, post, w.mlpOut));
    x = hook(at("hook_resid_post"), add(tape, x, mlpOut));
  }
  keep("logits", affine(tape, norm("ln_final", x, model.lnFinal), model.unembed));

  const get = (name: string): Node => {
    const node = kept.get(name);
    if (!node) throw new Error(`the reference has no hook point "${name}"`);
    return node;
  };
  return {
    names: [...kept.keys()],
    get,
    measure: (metric) => metric(get).value,
    gradients(metric) {
      tape.backward([...metric(get).seeds].map(([name, seed]) => [get(name), seed] as const));
      return (name) => get(name).grad.slice();
    },
  };
}
