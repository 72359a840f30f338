/** One transformer block of GPT-2 as graph nodes. Shapes: B rows, T positions, S keys (past and T), H heads. */
import { type BlockSite } from "../core/hooks.ts";
import type { Gpt2Config } from "../core/types.ts";
import type { GraphBuilder, Value } from "./graph-builder.ts";
import { layerNorm } from "./graph-norm.ts";
import {
  addName,
  type GraphContext,
  hookAt,
  hookDims,
  mulName,
  pickRows,
  resultRowsName,
  resultSlotsName,
  site,
  slotOf,
  weightAs,
} from "./graph-sites.ts";

/** Stands for −∞ before the softmax: e^x is 0 in float32, and no NaN can come of it. */
export const MASKED = Math.fround(-3.4e38);

/** x · W + b; GPT-2's "Conv1D" stores W as [in, out]. */
function linear({ g, weight }: GraphContext, x: Value, name: string): Value {
  return g.op("Add", [g.op("MatMul", [x, weight(`${name}.weight`)]), weight(`${name}.bias`)]);
}

/** resid_pre → resid_mid: x + W_O · Σ_S softmax(q·k / √d_head) v. */
function attention(c: GraphContext, layer: number, x: Value): Value {
  const { g, config } = c;
  const h = `h.${layer}`;
  const { n_embd: d, n_head: H } = config;
  const hook = (name: BlockSite, value: Value) => site(c, layer, name, value);

  const normalized = layerNorm(c, layer, x, `${h}.ln_1`, "ln1");
  const qkv = linear(c, normalized, `${h}.attn.c_attn`);
  const parts = g.ops("Split", [qkv, g.ints([d, d, d])], 3, { ints: { axis: -1 } });
  const split = parts.map((part) => g.op("Reshape", [part, g.ints([0, 0, H, d / H])])); // [B, T, H, h]
  const q_BTHh = hook("attn.hook_q", split[0]!);
  const k_BTHh = hook("attn.hook_k", split[1]!);
  const v_BTHh = hook("attn.hook_v", split[2]!);

  const withPast = (part: "key" | "value", value: Value) => {
    const past = g.input(`past_key_values.${layer}.${part}`, "float", [
      `R.${layer}`,
      H,
      "P",
      d / H,
    ]);
    const as = `present.${layer}.${part}`;
    const dims = [`R.${layer}`, H, "S", d / H];
    return g.output(g.op("Concat", [past, byHead(g, value)], { as, ints: { axis: 2 } }), dims);
  };
  const k_BHSh = withPast("key", k_BTHh);
  const v_BHSh = withPast("value", v_BTHh);

  const k_BHhS = g.op("Transpose", [k_BHSh], { ints: { perm: [0, 1, 3, 2] } });
  const products = g.op("MatMul", [byHead(g, q_BTHh), k_BHhS]);
  const scaled = g.op("Mul", [products, g.float(attentionScale(config, layer))]);
  const pattern = hook("attn.hook_pattern", softmaxOfVisible(c, layer, scaled));
  const z_BTHh = hook("attn.hook_z", byHead(g, g.op("MatMul", [pattern, v_BHSh])));
  const out = hook("hook_attn_out", headsTogether(c, layer, z_BTHh));
  return hook("hook_resid_mid", g.op("Add", [x, out]));
}

/** [B, T, H, h] ↔ [B, H, T, h] */
const byHead = (g: GraphBuilder, value: Value): Value =>
  g.op("Transpose", [value], { ints: { perm: [0, 2, 1, 3] } });

/** Scores are edited, then masked: what a query cannot see stays out of its reach. */
function softmaxOfVisible(
  { g, config, visible }: GraphContext,
  layer: number,
  scaled: Value,
): Value {
  const name = "attn.hook_attn_scores";
  const multiplied = g.op("Mul", [scaled, slotOf(g, layer, mulName(name))]);
  const edited = g.op("Add", [multiplied, slotOf(g, layer, addName(name))]);
  const as = hookAt(layer, name);
  const scores = g.op("Where", [visible, edited, g.float(MASKED)], { as });
  g.output(scores, hookDims(name, layer, config));
  return g.op("Softmax", [scores], { ints: { axis: -1 } });
}

/**
 * z of all heads → attn_out = Σ_H result_H + b_O, where result_H = z_H · W_O[H] is the hook point `attn.hook_result`.
 * The heads' own results are computed only for the rows in `result_rows`. Their edits are carried out on z (a factor
 * does not vary along d_model) and on the sum.
 */
function headsTogether(c: GraphContext, layer: number, z_BTHh: Value): Value {
  const { g, config, weight } = c;
  const { n_embd: d, n_head: H } = config;
  const name = "attn.hook_result";
  const scaled = g.op("Mul", [z_BTHh, slotOf(g, layer, mulName(name))]);
  const merged = g.op("Reshape", [scaled, g.ints([0, 0, d])]);
  const added = g.op("ReduceSum", [slotOf(g, layer, addName(name)), g.ints([2])], {
    ints: { keepdims: 0 },
  });
  const out = g.op("Add", [linear(c, merged, `h.${layer}.attn.c_proj`), added]);

  const rows = g.input(resultRowsName(layer), "int64", [`Q.${layer}`]);
  const slots = g.input(resultSlotsName(layer), "int64", [`slots of Q.${layer}`]);
  const z_QTHh = g.op("Gather", [scaled, rows], { ints: { axis: 0 } });
  const result = perHead(c, z_QTHh, weight(`h.${layer}.attn.c_proj.weight`));
  const edited = g.op("Add", [result, slotOf(g, layer, addName(name), slots)], {
    as: hookAt(layer, name),
  });
  g.output(edited, [`Q.${layer}`, "T", H, d]);
  return out;
}

/** z_H · W_O[H] of every head, [Q, T, H, h] → [Q, T, H, d]. Heads go first: a product of no rows needs them to be the batch. */
function perHead(c: GraphContext, z_QTHh: Value, W_O: Value): Value {
  const { g, config } = c;
  const { n_embd: d, n_head: H } = config;
  const z_HQTh = g.op("Transpose", [z_QTHh], { ints: { perm: [2, 0, 1, 3] } });
  const rows = g.op("Reshape", [z_HQTh, g.ints([H, -1, d / H])]);
  const products = g.op("MatMul", [rows, weightAs(c, W_O, [H, d / H, d])]);
  const sizes = g.op("Gather", [g.op("Shape", [z_QTHh]), g.ints([2, 0, 1])]);
  const result_HQTd = g.op("Reshape", [
    products,
    g.op("Concat", [sizes, g.ints([d])], { ints: { axis: 0 } }),
  ]);
  return g.op("Transpose", [result_HQTd], { ints: { perm: [1, 2, 0, 3] } });
}

/** 1/√d_head, and for some checkpoints also 1/(layer + 1). */
const attentionScale = (config: Gpt2Config, layer: number) =>
  (config.scale_attn_weights ? 1 / Math.sqrt(config.n_embd / config.n_head) : 1) /
  (config.scale_attn_by_inverse_layer_idx ? layer + 1 : 1);

/** resid_mid → resid_post: x + W_out · act(W_in · LN(x)). */
function mlp(c: GraphContext, layer: number, x: Value): Value {
  const { g, config } = c;
  const hook = (name: BlockSite, value: Value) => site(c, layer, name, value);
  const normalized = layerNorm(c, layer, x, `h.${layer}.ln_2`, "ln2");
  const pre = hook("mlp.hook_pre", linear(c, normalized, `h.${layer}.mlp.c_fc`));
  const post = hook("mlp.hook_post", activation(g, config.activation_function, pre));
  const out = hook("hook_mlp_out", linear(c, post, `h.${layer}.mlp.c_proj`));
  return hook("hook_resid_post", g.op("Add", [x, out]));
}

/** `gelu_new` is the tanh approximation, `gelu` the exact one with erf. */
function activation(g: GraphBuilder, name: Gpt2Config["activation_function"], x: Value): Value {
  if (name === "relu") return g.op("Relu", [x]);
  return g.op(name === "gelu" ? "Gelu" : "FastGelu", [x], { domain: "com.microsoft" });
}

/** The residual stream before the block → after it. */
export const block = (c: GraphContext, layer: number, x: Value): Value =>
  mlp(c, layer, attention(c, layer, site(c, layer, "hook_resid_pre", pickRows(c.g, layer, x))));
