/** LayerNorm as TransformerLens divides it: the scale √(var + ε) and the normalised vector are hook points of their own. */
import type { Site, Stage } from "../core/hooks.ts";
import type { Value } from "./graph-builder.ts";
import { type GraphContext, site } from "./graph-sites.ts";

/**
 * (x − mean) / scale · weight + bias over d_model.
 * The runtime's own operator divides by the true scale; a scale that was edited comes in as true ÷ edited, which is
 * exactly 1 where nothing was.
 * @param name of the tensors in the checkpoint: `h.0.ln_1`, `ln_f`; `hook` as in `ln1`, `ln_final`
 */
export function layerNorm(
  c: GraphContext,
  stage: Stage,
  x: Value,
  name: string,
  hook: string,
): Value {
  const { g, config, weight } = c;
  const [normalized, , inverse] = g.ops("LayerNormalization", [x, weight(`${name}.weight`)], 3, {
    ints: { axis: -1 },
    floats: { epsilon: config.layer_norm_epsilon },
  });
  const scale = g.op("Reciprocal", [inverse!]);
  const edited = site(c, stage, `${hook}.hook_scale` as Site, scale);
  const rescaled = g.op("Mul", [normalized!, g.op("Div", [scale, edited])]);
  const shifted = g.op("Add", [rescaled, weight(`${name}.bias`)]);
  return site(c, stage, `${hook}.hook_normalized` as Site, shifted);
}
