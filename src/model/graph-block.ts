/** One transformer block of GPT-2 as graph nodes. Shapes: B rows, T positions, S keys (past and T), H heads. */
import { blockHook } from "../core/hooks.ts";
import type { Gpt2Config } from "../core/types.ts";
import type { GraphBuilder, Value } from "./graph-builder.ts";
import { editable, readable } from "./graph-sites.ts";

/** What the blocks share. */
export interface BlockContext {
  g: GraphBuilder;
  config: Gpt2Config;
  /** A tensor of the checkpoint by GPT-2's name. */
  weight: (name: string) => Value;
  /** bool [T, S]: whether a query may see a key. */
  visible: Value;
}

/** Stands for −∞ before the softmax: e^x is 0 in float32, and no NaN can come of it. */
export const MASKED = Math.fround(-3.4e38);

/** LN(x) = (x − mean) / √(var + ε) · weight + bias over d_model. */
export function layerNorm(c: BlockContext, x: Value, name: string, as: Value): Value {
  const inputs = [x, c.weight(`${name}.weight`), c.weight(`${name}.bias`)];
  return c.g.op("LayerNormalization", inputs, {
    as,
    ints: { axis: -1 },
    floats: { epsilon: c.config.layer_norm_epsilon },
  });
}

/** x · W + b; GPT-2's "Conv1D" stores W as [in, out]. */
function linear({ g, weight }: BlockContext, x: Value, name: string): Value {
  return g.op("Add", [g.op("MatMul", [x, weight(`${name}.weight`)]), weight(`${name}.bias`)]);
}

/** resid_pre → resid_mid: x + W_O · Σ_S softmax(q·k / √d_head) v. */
function attention(c: BlockContext, layer: number, x: Value): Value {
  const { g, config } = c;
  const h = `h.${layer}`;
  const { n_embd: d, n_head: H } = config;
  const hook = (site: Parameters<typeof editable>[3], value: Value) =>
    editable(g, config, layer, site, value);

  const normalized = layerNorm(c, x, `${h}.ln_1`, blockHook(layer, "ln1.hook_normalized"));
  readable(g, config, "ln1.hook_normalized", normalized);
  const qkv = linear(c, normalized, `${h}.attn.c_attn`);
  const parts = g.ops("Split", [qkv, g.ints([d, d, d])], 3, { ints: { axis: -1 } });
  const split = parts.map((part) => g.op("Reshape", [part, g.ints([0, 0, H, d / H])])); // [B, T, H, h]
  const q_BTHh = hook("attn.hook_q", split[0]!);
  const k_BTHh = hook("attn.hook_k", split[1]!);
  const v_BTHh = hook("attn.hook_v", split[2]!);

  const byHead = (value: Value) => g.op("Transpose", [value], { ints: { perm: [0, 2, 1, 3] } });
  const withPast = (part: "key" | "value", value: Value) => {
    const past = g.input(`past_key_values.${layer}.${part}`, "float", ["B", H, "P", d / H]);
    const as = `present.${layer}.${part}`;
    return g.output(g.op("Concat", [past, byHead(value)], { as, ints: { axis: 2 } }), [
      "B",
      H,
      "S",
      d / H,
    ]);
  };
  const k_BHSh = withPast("key", k_BTHh);
  const v_BHSh = withPast("value", v_BTHh);

  const k_BHhS = g.op("Transpose", [k_BHSh], { ints: { perm: [0, 1, 3, 2] } });
  const products = g.op("MatMul", [byHead(q_BTHh), k_BHhS]);
  const scaled = g.op("Mul", [products, g.float(attentionScale(config, layer))]);
  const scores = g.op("Where", [c.visible, scaled, g.float(MASKED)], {
    as: blockHook(layer, "attn.hook_attn_scores"),
  });
  readable(g, config, "attn.hook_attn_scores", scores);
  const pattern = hook("attn.hook_pattern", g.op("Softmax", [scores], { ints: { axis: -1 } }));
  const z_BTHh = hook("attn.hook_z", byHead(g.op("MatMul", [pattern, v_BHSh])));
  const merged = g.op("Reshape", [z_BTHh, g.ints([0, 0, d])]);
  const out = hook("hook_attn_out", linear(c, merged, `${h}.attn.c_proj`));
  return hook("hook_resid_mid", g.op("Add", [x, out]));
}

/** 1/√d_head, and for some checkpoints also 1/(layer + 1). */
const attentionScale = (config: Gpt2Config, layer: number) =>
  (config.scale_attn_weights ? 1 / Math.sqrt(config.n_embd / config.n_head) : 1) /
  (config.scale_attn_by_inverse_layer_idx ? layer + 1 : 1);

/** resid_mid → resid_post: x + W_out · act(W_in · LN(x)). */
function mlp(c: BlockContext, layer: number, x: Value): Value {
  const { g, config } = c;
  const hook = (site: Parameters<typeof editable>[3], value: Value) =>
    editable(g, config, layer, site, value);
  const normalized = layerNorm(c, x, `h.${layer}.ln_2`, blockHook(layer, "ln2.hook_normalized"));
  readable(g, config, "ln2.hook_normalized", normalized);
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

/** resid_pre as it comes in → resid_post. */
export const block = (c: BlockContext, layer: number, x: Value): Value =>
  mlp(c, layer, attention(c, layer, editable(c.g, c.config, layer, "hook_resid_pre", x)));
