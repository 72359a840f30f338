/** One transformer block of GPT-2: the residual stream before it → after it. */
import { attention } from "./graph-attention.ts";
import type { Value } from "./graph-builder.ts";
import { headSenders, withLayer } from "./graph-edges.ts";
import { mlp } from "./graph-mlp.ts";
import { type GraphContext, pickRows, site, type Traced } from "./graph-sites.ts";

export interface Block extends Traced {
  /** All that has written into the stream after it; null in a graph whose edges cannot be cut. */
  senders: Value | null;
}

/**
 * @param all the context of what is computed at all positions, as keys and values are; `c` that of what follows
 * @param before all that wrote into the stream before it, null as above
 */
export function block(
  all: GraphContext,
  c: GraphContext,
  layer: number,
  x: Value,
  before: Value | null,
): Block {
  const entering = site(all, layer, "hook_resid_pre", pickRows(c.g, layer, x));
  const senders = before === null ? null : pickRows(c.g, layer, before);
  const attended = attention(all, c, layer, entering.out, senders);
  const cut = senders === null ? null : { senders, heads: headSenders(c, layer) };
  const after = mlp(c, layer, attended.out, cut);
  return {
    out: after.out,
    senders: cut && withLayer(c, layer, cut.senders, cut.heads),
    back: (grad) => entering.back(attended.back(after.back(grad))),
  };
}
