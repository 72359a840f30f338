/**
 * Attention of a block: resid_pre → resid_mid, x + W_O · Σ_S softmax(q·k / √d_head) v.
 * Shapes: B rows, T positions, S keys (past and T), H heads.
 */
import { type BlockSite, fromZ } from "../core/hooks.ts";
import type { Gpt2Config } from "../core/types.ts";
import type { GraphBuilder, Value } from "./graph-builder.ts";
import { separateQkv } from "./graph-edges.ts";
import { linear } from "./graph-linear.ts";
import { layerNorm } from "./graph-norm.ts";
import { headsTogether } from "./graph-result.ts";
import { softmax } from "./graph-softmax.ts";
import {
  addName,
  backFromLast,
  END,
  type GraphContext,
  hookAt,
  hookDims,
  kept,
  mulName,
  onlyLast,
  pickRows,
  site,
  siteBack,
  slotOf,
  type Traced,
} from "./graph-sites.ts";

/** Stands for −∞ before the softmax: e^x is 0 in float32, and no NaN can come of it. */
export const MASKED = Math.fround(-3.4e38);

/**
 * @param before the context of what comes before keys and values; `c` that of all else
 * @param senders all that wrote into the stream before, where edges can be cut (`graph-edges.ts`)
 */
export function attention(
  before: GraphContext,
  c: GraphContext,
  layer: number,
  x: Value,
  senders: Value | null,
): Traced {
  const { g, config } = c;
  const { n_embd: d, n_head: H } = config;
  const into = (name: BlockSite, value: Value) => site(before, layer, name, value);
  const hook = (name: BlockSite, value: Value) => site(c, layer, name, value);

  const qkv = senders ? separateQkv(before, layer, x, senders) : sharedQkv(before, layer, x);
  const parts = g.ops("Split", [qkv.out, g.ints([d, d, d])], 3, { ints: { axis: -1 } });
  const split = parts.map((part) => g.op("Reshape", [part, g.ints([0, 0, H, d / H])])); // [B, T, H, h]
  const q = into("attn.hook_q", split[0]!);
  const k = into("attn.hook_k", split[1]!);
  const v = into("attn.hook_v", split[2]!);
  const mixed = mixing(c, layer, byHead(g, onlyLast(c, q.out, 1)), k.out, v.out);
  const go = (value: Value) => pickRows(g, fromZ(layer), value);
  const z = hook("attn.hook_z", go(byHead(g, mixed.out)));
  const merged = headsTogether(c, layer, z.out);
  const written = hook("hook_attn_out", merged.out);
  const after = hook("hook_resid_mid", g.op("Add", [go(onlyLast(c, x, 1)), written.out]));
  return {
    out: after.out,
    back: (grad) => {
      const sum = after.back(grad);
      const toZ = z.back(merged.back(written.back(sum)));
      const [toQ, toK, toV] = mixed.backTo(byHead(g, toZ));
      const toAllQ = backFromLast(c, layer, q.out, toQ, 1);
      const together = [q.back(toAllQ), k.back(toK), v.back(toV)].map((part) =>
        g.op("Reshape", [part, g.ints([0, 0, d])]),
      );
      const toQkv = g.op("Concat", together, { ints: { axis: 2 } });
      return g.op("Add", [backFromLast(c, layer, x, sum, 1), qkv.back(toQkv)]);
    },
  };
}

/** q, k and v of all heads, [B, T, 3d], of one stream. */
function sharedQkv(c: GraphContext, layer: number, x: Value): Traced {
  const { n_embd: d } = c.config;
  const normalized = layerNorm(c, layer, x, `h.${layer}.ln_1`, "ln1");
  const qkv = linear(c, layer, normalized.out, `h.${layer}.attn.c_attn`, [d, 3 * d]);
  return { out: qkv.out, back: (grad) => normalized.back(qkv.back(grad)) };
}

/** [B, T, H, h] ↔ [B, H, T, h] */
const byHead = (g: GraphBuilder, value: Value): Value =>
  g.op("Transpose", [value], { ints: { perm: [0, 2, 1, 3] } });

/** The last two axes changed round. */
const turned = (g: GraphBuilder, value: Value): Value =>
  g.op("Transpose", [value], { ints: { perm: [0, 1, 3, 2] } });

interface Mixed {
  /** [B, H, T, h] */
  out: Value;
  /** Gradients with respect to q, k and v, each [B, T, H, h]. Needs a run without past tokens. */
  backTo: (grad: Value) => [q: Value, k: Value, v: Value];
}

/** Σ_S pattern · v, where pattern = softmax(q·k · scale) over the keys that a query may see. */
function mixing(
  c: GraphContext,
  layer: number,
  q_BHTh: Value,
  k_BTHh: Value,
  v_BTHh: Value,
): Mixed {
  const { g, config } = c;
  const pastOf = (part: "key" | "value") => `past_key_values.${layer}.${part}`;
  const withPast = (part: "key" | "value", value: Value) => {
    const dims = (length: string) => [
      `R.${layer}`,
      config.n_head,
      length,
      config.n_embd / config.n_head,
    ];
    const past = g.input(pastOf(part), "float", dims("P"));
    const as = `present.${layer}.${part}`;
    return g.output(g.op("Concat", [past, byHead(g, value)], { as, ints: { axis: 2 } }), dims("S"));
  };
  const k_BHSh = withPast("key", k_BTHh);
  const v_BHSh = withPast("value", v_BTHh);
  /** [B, H, S, h] → [B, H, T, h]: without those of the cache. The shapes must fit also where no gradient is asked for. */
  const ofThisRun = (value: Value) => {
    const P = g.op("Shape", [pastOf("key")], { ints: { start: 2, end: 3 } });
    return g.op("Slice", [value, P, g.ints([END]), g.ints([2])]);
  };
  const scale = g.float(attentionScale(config, layer));
  const scores = g.op("Mul", [g.op("MatMul", [q_BHTh, turned(g, k_BHSh)]), scale]);
  const soft = softmaxOfVisible(c, layer, scores);
  const pattern = site(c, layer, "attn.hook_pattern", soft.out);
  return {
    out: g.op("MatMul", [pattern.out, v_BHSh]),
    backTo: (grad) => {
      const toPattern = g.op("MatMul", [grad, turned(g, kept(g, layer, v_BHSh))]);
      const toV = g.op("MatMul", [turned(g, kept(g, layer, pattern.out)), grad]);
      const toProducts = g.op("Mul", [soft.back(pattern.back(toPattern)), scale]);
      const toQ = g.op("MatMul", [toProducts, kept(g, layer, k_BHSh)]);
      const toK = g.op("MatMul", [turned(g, toProducts), kept(g, layer, q_BHTh)]);
      return [byHead(g, toQ), byHead(g, ofThisRun(toK)), byHead(g, ofThisRun(toV))];
    },
  };
}

/** Scores are edited, then masked: what a query cannot see stays out of its reach, and has no gradient. */
function softmaxOfVisible(c: GraphContext, layer: number, scores: Value): Traced {
  const { g } = c;
  const visible = onlyLast(c, c.visible, 0);
  const name = "attn.hook_attn_scores";
  const multiplied = g.op("Mul", [scores, slotOf(c, layer, name, mulName(name))]);
  const edited = g.op("Add", [multiplied, slotOf(c, layer, name, addName(name))]);
  const as = hookAt(layer, name);
  g.output(g.op("Where", [visible, edited, g.float(MASKED)], { as }), hookDims(name, layer, c));
  const out = softmax(g, as);
  return {
    out,
    back: (grad) => {
      const p = kept(g, layer, out);
      const weighted = g.op("Mul", [grad, p]);
      const mean = g.op("ReduceSum", [weighted, g.ints([-1])]);
      return siteBack(c, layer, name, g.op("Sub", [weighted, g.op("Mul", [p, mean])]));
    },
  };
}

/** 1/√d_head, and for some checkpoints also 1/(layer + 1). */
const attentionScale = (config: Gpt2Config, layer: number) =>
  (config.scale_attn_weights ? 1 / Math.sqrt(config.n_embd / config.n_head) : 1) /
  (config.scale_attn_by_inverse_layer_idx ? layer + 1 : 1);
