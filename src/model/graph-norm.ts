/** LayerNorm as TransformerLens divides it: the scale √(var + ε) and the normalised vector are hook points of their own. */
import type { Site } from "../core/hooks.ts";
import type { Value } from "./graph-builder.ts";
import { gradName, type GraphContext, kept, type Place, site, type Traced } from "./graph-sites.ts";

/**
 * (x − mean) / scale · weight + bias over d_model.
 * The runtime's own operator divides by the true scale; a scale that was edited comes in as true ÷ edited, which is
 * exactly 1 where nothing was.
 *
 * Backwards, with c = x − mean, s the true and s' the edited scale, and u = grad · weight, over D = d_model:
 *   d/ds' = −Σ u·c / s'²,  d/dc = u / s' + d/ds · c / (D·s),  d/dx = d/dc − mean(d/dc).
 * @param name of the tensors in the checkpoint: `h.0.ln_1`, `ln_f`; `hook` as in `ln1`, `ln_final`
 */
export function layerNorm(
  c: GraphContext,
  place: Place,
  x: Value,
  name: string,
  hook: string,
): Traced {
  const { g, config, weight } = c;
  const W = weight(`${name}.weight`);
  const [normalized, , inverse] = g.ops("LayerNormalization", [x, W], 3, {
    ints: { axis: -1 },
    floats: { epsilon: config.layer_norm_epsilon },
  });
  const s = g.op("Reciprocal", [inverse!]);
  const scale = site(c, place, `${hook}.hook_scale` as Site, s);
  const rescaled = g.op("Mul", [normalized!, g.op("Div", [s, scale.out])]);
  const shifted = g.op("Add", [rescaled, weight(`${name}.bias`)]);
  const whole = site(c, place, `${hook}.hook_normalized` as Site, shifted);
  return {
    out: whole.out,
    back: (grad) => {
      const mean = (value: Value) => g.op("ReduceMean", [value], { ints: { axes: [-1] } });
      const xs = kept(g, place, x);
      const centred = g.op("Sub", [xs, mean(xs)]);
      const toShifted = whole.back(grad);
      const byScale = g.op("Div", [g.op("Mul", [toShifted, W]), kept(g, place, scale.out)]); // u / s'
      const unscaled = g.op("Div", [centred, kept(g, place, scale.out)]);
      toWeights(c, `${name}.weight`, g.op("Mul", [toShifted, unscaled]));
      toWeights(c, `${name}.bias`, toShifted);
      const toScale = g.op("ReduceSum", [g.op("Mul", [byScale, unscaled]), g.ints([-1])]);
      const throughScale = scale.back(g.op("Neg", [toScale]));
      const perUnit = g.op("Div", [
        throughScale,
        g.op("Mul", [kept(g, place, s), g.float(config.n_embd)]),
      ]);
      const toCentred = g.op("Add", [byScale, g.op("Mul", [centred, perUnit])]);
      return g.op("Sub", [toCentred, mean(toCentred)]);
    },
  };
}

/** d/dweight = Σ grad · c / s' and d/dbias = Σ grad over all rows and positions, where they are fed. */
function toWeights({ g, config, fed }: GraphContext, name: string, each: Value): void {
  if (!fed.has(name)) return;
  const as = gradName(name);
  const sum = g.op("ReduceSum", [each, g.ints([0, 1])], { as, ints: { keepdims: 0 } });
  g.output(sum, [config.n_embd]);
}
