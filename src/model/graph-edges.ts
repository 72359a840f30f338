/**
 * A graph in which edges can be cut: each reader of the residual stream (a head's q, k and v, an MLP, the logits) has a sum of
 * senders of its own. Reader r of the stream x reads
 *   x − Σ_s cut[r, s] · (out_s − base_s),
 * s the senders before it: the embeddings, each head, each MLP (`core/circuit.ts`); base_s what a cut edge brings. LayerNorm and
 * the head's own W_Q, W_K, W_V follow.
 *
 * It is a graph apart from the one that all else runs in, which would lose some 10 % of its speed on a small model to operations
 * that have nothing to do. It has no backward pass, and is run to its end: every stage has rows.
 * Shapes: R rows of a stage, n = 3H receivers, S senders so far, N = T·d.
 */
import { LabError } from "../core/lab-error.ts";
import type { Stage } from "../core/hooks.ts";
import type { GraphBuilder, Value } from "./graph-builder.ts";
import { type GraphContext, hookAt, type Traced, weightAs } from "./graph-sites.ts";

/** 1 where the edge is cut: [R, n, S]; of an MLP, or the logits, [R, 1, S]; from the heads of an MLP's own layer [R, 1, H]. */
export const cutHeadsName = (layer: number) => `edge_cut.${layer}.heads`;
export const cutReaderName = (stage: Stage) => `edge_cut.${stage}.reader`;
export const cutOwnName = (layer: number) => `edge_cut.${layer}.own`;
/** What a cut edge brings: [1 or R, senders, N], or a single number. */
export const BASE_INPUT = "edge_base.input";
export const baseHeadsName = (layer: number) => `edge_base.${layer}.heads`;
export const baseMlpName = (layer: number) => `edge_base.${layer}.mlp`;

/** The embeddings, as the first sender: [R, 1, N], what it wrote less what a cut edge brings, as all that follow. */
export const firstSender = ({ g }: GraphContext, x: Value): Value =>
  written(g, g.op("Reshape", [x, g.ints([0, 1, -1])]), BASE_INPUT);

function written(g: GraphBuilder, out: Value, base: string): Value {
  return g.op("Sub", [
    out,
    g.input(
      base,
      "float",
      ["B", "S", "N"].map((axis) => `${axis} of ${base}`),
    ),
  ]);
}

/** The heads of a layer as senders, [R, H, N]. */
export function headSenders({ g }: GraphContext, layer: number): Value {
  const results_RTHd = hookAt(layer, "attn.hook_result");
  const byHead = g.op("Transpose", [results_RTHd], { ints: { perm: [0, 2, 1, 3] } });
  return written(g, g.op("Reshape", [byHead, g.ints([0, 0, -1])]), baseHeadsName(layer));
}

/** All senders after a layer. */
export function withLayer({ g }: GraphContext, layer: number, before: Value, heads: Value): Value {
  const out = g.op("Reshape", [hookAt(layer, "hook_mlp_out"), g.ints([0, 1, -1])]);
  const mlp = written(g, out, baseMlpName(layer));
  return g.op("Concat", [before, heads, mlp], { ints: { axis: 1 } });
}

/**
 * The stream as an MLP or the logits read it, [R, T, d].
 * @param heads of the MLP's own layer, which come after the other senders
 */
export function readBy(
  { g, config }: GraphContext,
  stage: Stage,
  x: Value,
  senders: Value,
  heads: Value | null = null,
): Value {
  const cut = (name: string, of: Value) =>
    g.op("MatMul", [g.input(name, "float", [`R.${stage}`, 1, `S of ${name}`]), of]);
  const before = cut(cutReaderName(stage), senders);
  const all = heads ? g.op("Add", [before, cut(cutOwnName(stage as number), heads)]) : before;
  return g.op("Sub", [x, g.op("Reshape", [all, g.ints([0, -1, config.n_embd])])]);
}

/**
 * q, k and v, [R, T, 3d] as c_attn gives them: each head's q, k and v of a stream of its own.
 * The columns of c_attn's matrix that belong to a head are copied together for the product, and let go after it.
 */
export function separateQkv(c: GraphContext, layer: number, x: Value, senders: Value): Traced {
  const { g, config, weight } = c;
  const { n_embd: d, n_head: H } = config;
  const [n, h] = [3 * H, d / H];
  const block = `h.${layer}`;
  const cut = g.input(cutHeadsName(layer), "float", [`R.${layer}`, n, `S.${layer}`]);
  const apart = g.op("Reshape", [g.op("MatMul", [cut, senders]), g.ints([0, 0, -1, d])]);
  const read = g.op("Sub", [g.op("Unsqueeze", [x, g.ints([1])]), apart]); // [R, n, T, d]
  const scaled = g.op("LayerNormalization", [read, weight(`${block}.ln_1.weight`)], {
    ints: { axis: -1 },
    floats: { epsilon: config.layer_norm_epsilon },
  });
  const normalized = g.op("Add", [scaled, weight(`${block}.ln_1.bias`)]);
  const byReceiver = g.op("Transpose", [normalized], { ints: { perm: [1, 0, 2, 3] } });
  const rows = g.op("Reshape", [byReceiver, g.ints([n, -1, d])]); // [n, R·T, d]
  const W_dnh = weightAs(c, weight(`${block}.attn.c_attn.weight`), [d, n, h]);
  const W_ndh = g.op("Transpose", [W_dnh], { ints: { perm: [1, 0, 2] } });
  const b_n1h = weightAs(c, weight(`${block}.attn.c_attn.bias`), [n, 1, h]);
  const qkv = g.op("Add", [g.op("MatMul", [rows, W_ndh]), b_n1h]);
  const byRow = g.op("Transpose", [qkv], { ints: { perm: [1, 0, 2] } }); // [R·T, n, h]
  const sizes = g.op("Shape", [x], { ints: { start: 0, end: 2 } });
  const joined = g.op("Concat", [sizes, g.ints([3 * d])], { ints: { axis: 0 } });
  return {
    out: g.op("Reshape", [byRow, joined]),
    back: () => {
      throw new LabError("internal", "a graph in which edges can be cut has no backward pass");
    },
  };
}
