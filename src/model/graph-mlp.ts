/** The MLP of a block: resid_mid → resid_post, x + W_out · act(W_in · LN(x)). */
import type { BlockSite } from "../core/hooks.ts";
import type { GraphBuilder, Value } from "./graph-builder.ts";
import { readBy } from "./graph-edges.ts";
import { linear } from "./graph-linear.ts";
import { layerNorm } from "./graph-norm.ts";
import { type GraphContext, kept, site, type Traced } from "./graph-sites.ts";

/** @param cut where edges can be cut, all that wrote into the stream before this layer, and its own heads */
export function mlp(
  c: GraphContext,
  layer: number,
  x: Value,
  cut: { senders: Value; heads: Value } | null,
): Traced {
  const { g, config } = c;
  const { n_embd: d, n_inner: m } = config;
  const hook = (name: BlockSite, value: Value) => site(c, layer, name, value);
  const read = cut ? readBy(c, layer, x, cut.senders, cut.heads) : x;
  const normalized = layerNorm(c, layer, read, `h.${layer}.ln_2`, "ln2");
  const into = linear(c, layer, normalized.out, `h.${layer}.mlp.c_fc`, [d, m]);
  const pre = hook("mlp.hook_pre", into.out);
  const activated = activation(c, layer, pre.out);
  const post = hook("mlp.hook_post", activated.out);
  const outOf = linear(c, layer, post.out, `h.${layer}.mlp.c_proj`, [m, d]);
  const written = hook("hook_mlp_out", outOf.out);
  const after = hook("hook_resid_post", g.op("Add", [x, written.out]));
  return {
    out: after.out,
    back: (grad) => {
      const sum = after.back(grad);
      const toPost = post.back(outOf.back(written.back(sum)));
      const toNormalized = into.back(pre.back(activated.back(toPost)));
      return g.op("Add", [sum, normalized.back(toNormalized)]);
    },
  };
}

/** `gelu_new` is the tanh approximation, `gelu` the exact one with erf. */
function activation({ g, config }: GraphContext, layer: number, x: Value): Traced {
  const name = config.activation_function;
  const slopes = { relu: reluSlope, gelu: geluSlope, gelu_new: tanhGeluSlope };
  const out =
    name === "relu"
      ? g.op("Relu", [x])
      : g.op(name === "gelu" ? "Gelu" : "FastGelu", [x], { domain: "com.microsoft" });
  return { out, back: (grad) => g.op("Mul", [grad, slopes[name](g, kept(g, layer, x))]) };
}

/** 1 where x > 0, else 0 (also at 0, as PyTorch has it). */
const reluSlope = (g: GraphBuilder, x: Value): Value =>
  g.op("Where", [g.op("Greater", [x, g.float(0)]), g.float(1), g.float(0)]);

/** d/dx x·Φ(x) = Φ(x) + x·φ(x), with Φ(x) = (1 + erf(x/√2)) / 2 and φ(x) = e^(−x²/2) / √(2π). */
function geluSlope(g: GraphBuilder, x: Value): Value {
  const [add, mul] = arithmetic(g);
  const erf = g.op("Erf", [mul(x, g.float(Math.SQRT1_2))]);
  const density = g.op("Exp", [mul(mul(x, x), g.float(-0.5))]);
  const bulk = mul(add(erf, g.float(1)), g.float(0.5));
  return add(bulk, mul(mul(x, density), g.float(1 / Math.sqrt(2 * Math.PI))));
}

/** d/dx x/2·(1 + t) = (1 + t)/2 + x/2·(1 − t²)·u', with t = tanh u, u = √(2/π)·(x + 0.044715x³). */
function tanhGeluSlope(g: GraphBuilder, x: Value): Value {
  const [add, mul] = arithmetic(g);
  const k = Math.sqrt(2 / Math.PI);
  const square = mul(x, x);
  const u = mul(x, add(mul(square, g.float(k * 0.044715)), g.float(k)));
  const t = g.op("Tanh", [u]);
  const slope = add(mul(square, g.float(3 * k * 0.044715)), g.float(k));
  const rest = g.op("Sub", [g.float(1), mul(t, t)]);
  const half = g.float(0.5);
  return add(mul(add(t, g.float(1)), half), mul(mul(mul(x, half), rest), slope));
}

const arithmetic = (g: GraphBuilder) =>
  [
    (a: Value, b: Value) => g.op("Add", [a, b]),
    (a: Value, b: Value) => g.op("Mul", [a, b]),
  ] as const;
