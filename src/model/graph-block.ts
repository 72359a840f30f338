/** One transformer block of GPT-2: the residual stream before it → after it. */
import { attention } from "./graph-attention.ts";
import type { Value } from "./graph-builder.ts";
import { mlp } from "./graph-mlp.ts";
import { type GraphContext, pickRows, site, type Traced } from "./graph-sites.ts";

export function block(c: GraphContext, layer: number, x: Value): Traced {
  const before = site(c, layer, "hook_resid_pre", pickRows(c.g, layer, x));
  const attended = attention(c, layer, before.out);
  const after = mlp(c, layer, attended.out);
  return { out: after.out, back: (grad) => before.back(attended.back(after.back(grad))) };
}
