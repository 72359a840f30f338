/**
 * z of all heads → attn_out = Σ_H result_H + b_O, where result_H = z_H · W_O[H] is the hook point `attn.hook_result`.
 * The heads' own results are as large as all heads' residuals together, so they are computed only for the rows in
 * `result_rows`. Their edits are carried out on z (a factor does not vary along d_model) and on the sum.
 */
import { fromZ } from "../core/hooks.ts";
import type { Value } from "./graph-builder.ts";
import { linear } from "./graph-linear.ts";
import {
  addName,
  gradName,
  gradSlotsName,
  type GraphContext,
  hookAt,
  hookDims,
  mulName,
  resultRowsName,
  resultSlotsName,
  slotOf,
  type Traced,
  weightAs,
} from "./graph-sites.ts";

const NAME = "attn.hook_result";

/** The gradient, `grad.…hook_result` [G, T, d], is the same for every head's result: it is that of their sum. */
export function headsTogether(c: GraphContext, layer: number, z_BTHh: Value): Traced {
  const { g, config } = c;
  const { n_embd: d, n_head: H } = config;
  const scaled = g.op("Mul", [z_BTHh, slotOf(c, layer, NAME, mulName(NAME))]);
  const merged = g.op("Reshape", [scaled, g.ints([0, 0, d])]);
  const projected = linear(c, layer, merged, `h.${layer}.attn.c_proj`, [d, d]);
  const added = g.op("ReduceSum", [slotOf(c, layer, NAME, addName(NAME)), g.ints([2])], {
    ints: { keepdims: 0 },
  });
  eachHead(c, layer, scaled);
  return {
    out: g.op("Add", [projected.out, added]),
    back: (grad) => {
      const as = gradName(hookAt(layer, NAME));
      const dims = hookDims(NAME, layer, c);
      g.output(g.op("Identity", [grad], { as }), [`G.${layer}`, dims[1]!, d]);
      const toScaled = g.op("Reshape", [projected.back(as), g.ints([0, 0, H, d / H])]);
      return g.op("Mul", [
        toScaled,
        slotOf(c, layer, NAME, mulName(NAME), gradSlotsName(fromZ(layer))),
      ]);
    },
  };
}

/** z_H · W_O[H] of every head, [Q, T, H, d]. Heads go first: a product of no rows needs them to be the batch. */
function eachHead(c: GraphContext, layer: number, z_BTHh: Value): void {
  const { g, config, weight } = c;
  const { n_embd: d, n_head: H } = config;
  const rows = g.input(resultRowsName(layer), "int64", [`Q.${layer}`]);
  const slots = g.input(resultSlotsName(layer), "int64", [`slots of Q.${layer}`]);
  const z_QTHh = g.op("Gather", [z_BTHh, rows], { ints: { axis: 0 } });
  const z_HQTh = g.op("Transpose", [z_QTHh], { ints: { perm: [2, 0, 1, 3] } });
  const z_HNh = g.op("Reshape", [z_HQTh, g.ints([H, -1, d / H])]);
  const W_Hhd = weightAs(c, weight(`h.${layer}.attn.c_proj.weight`), [H, d / H, d]);
  const result_HNd = g.op("MatMul", [z_HNh, W_Hhd]);
  const sizes = g.op("Gather", [g.op("Shape", [z_QTHh]), g.ints([2, 0, 1])]);
  const shape = g.op("Concat", [sizes, g.ints([d])], { ints: { axis: 0 } });
  const result_HQTd = g.op("Reshape", [result_HNd, shape]);
  const result_QTHd = g.op("Transpose", [result_HQTd], { ints: { perm: [1, 2, 0, 3] } });
  const as = hookAt(layer, NAME);
  g.op("Add", [result_QTHd, slotOf(c, layer, NAME, addName(NAME), slots)], { as });
  g.output(as, [`Q.${layer}`, ...hookDims(NAME, layer, c).slice(1)]);
}
