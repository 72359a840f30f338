/** x · W + b and its gradient. GPT-2's "Conv1D" stores W as [in, out]. */
import type { Value } from "./graph-builder.ts";
import { gradName, type GraphContext, kept, type Place, type Traced } from "./graph-sites.ts";

/** @param sizes of W */
export function linear(
  c: GraphContext,
  place: Place,
  x: Value,
  name: string,
  [inputs, outputs]: readonly [number, number],
): Traced {
  const { g, weight } = c;
  const W = weight(`${name}.weight`);
  const out = g.op("Add", [g.op("MatMul", [x, W]), weight(`${name}.bias`)]);
  return {
    out,
    back: (grad) => {
      const rows = g.op("Reshape", [grad, g.ints([-1, outputs])]);
      toWeights(c, place, x, rows, name, [inputs, outputs]);
      const back = g.op("Gemm", [rows, W], { ints: { transB: 1 } });
      const batch = g.op("Gather", [g.op("Shape", [grad]), g.ints([0, 1])]);
      const shape = g.op("Concat", [batch, g.ints([inputs])], { ints: { axis: 0 } });
      return g.op("Reshape", [back, shape]);
    },
  };
}

/** d/dW = xᵀ · grad and d/db = Σ grad over all rows and positions, where W and b are fed. */
function toWeights(
  { g, fed }: GraphContext,
  place: Place,
  x: Value,
  grad: Value,
  name: string,
  [inputs, outputs]: readonly [number, number],
): void {
  const [W, b] = [`${name}.weight`, `${name}.bias`];
  if (fed.has(W)) {
    const rows = g.op("Reshape", [kept(g, place, x), g.ints([-1, inputs])]);
    const as = gradName(W);
    g.output(g.op("Gemm", [rows, grad], { as, ints: { transA: 1 } }), [inputs, outputs]);
  }
  if (fed.has(b)) {
    const as = gradName(b);
    g.output(g.op("ReduceSum", [grad, g.ints([0])], { as, ints: { keepdims: 0 } }), [outputs]);
  }
}
