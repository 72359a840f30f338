/** Softmax in the graph. */
import type { GraphBuilder, Value } from "./graph-builder.ts";

/**
 * Softmax along the last axis of [R, …], R being 0 where a run ends early or no gradient is asked for. ONNX Runtime's
 * WebGPU kernels for Softmax and ReduceMax refuse to run over nothing (all others that the graph uses do not), so an
 * empty tensor is given a row of zeros, which is taken off again. Others pass as they are.
 */
export function softmax(g: GraphBuilder, x: Value): Value {
  const rows = g.op("Shape", [x], { ints: { start: 0, end: 1 } });
  const others = g.op("Shape", [x], { ints: { start: 1 } });
  const spare = g.op("Sub", [g.ints([1]), g.op("Min", [rows, g.ints([1])])]); // 1 if R is 0, else 0
  const shape = g.op("Concat", [spare, others], { ints: { axis: 0 } });
  const zeros = g.op("Expand", [g.float(0), shape]);
  const some = g.op("Concat", [x, zeros], { ints: { axis: 0 } });
  const p = g.op("Softmax", [some], { ints: { axis: -1 } });
  return g.op("Slice", [p, g.ints([0]), rows, g.ints([0])]);
}
