/** x · W + b and its gradient. GPT-2's "Conv1D" stores W as [in, out]. */
import type { Value } from "./graph-builder.ts";
import type { GraphContext, Traced } from "./graph-sites.ts";

/** @param sizes of W */
export function linear(
  { g, weight }: GraphContext,
  x: Value,
  name: string,
  [inputs, outputs]: readonly [number, number],
): Traced {
  const W = weight(`${name}.weight`);
  const out = g.op("Add", [g.op("MatMul", [x, W]), weight(`${name}.bias`)]);
  return {
    out,
    back: (grad) => {
      const rows = g.op("Reshape", [grad, g.ints([-1, outputs])]);
      const back = g.op("Gemm", [rows, W], { ints: { transB: 1 } });
      const batch = g.op("Gather", [g.op("Shape", [grad]), g.ints([0, 1])]);
      const shape = g.op("Concat", [batch, g.ints([inputs])], { ints: { axis: 0 } });
      return g.op("Reshape", [back, shape]);
    },
  };
}
