/**
 * bfloat16 weights as float32, before the engine sees them: ONNX Runtime's builds for browsers cannot read bfloat16 (float16
 * they can, and widen it themselves). Exact, since bfloat16 is the upper half of a float32.
 */
import { toFloats } from "../formats/safetensors.ts";
import type { Checkpoint, WeightFile } from "./checkpoint.ts";
import type { WeightEntry } from "./layout.ts";

const WIDENED = "widened weights";

/** The same tensors, those in bfloat16 now in a file of their own; without any, what was given. */
export function widen({
  tensors,
  weights,
}: Pick<Checkpoint, "tensors" | "weights">): Pick<Checkpoint, "tensors" | "weights"> {
  const narrow = [...tensors].filter(([, { dtype }]) => dtype === "BF16");
  if (narrow.length === 0) return { tensors, weights };
  const files = new Map(weights.map(({ name, data }) => [name, data]));
  const bytes = narrow.reduce((sum, [, { begin, end }]) => sum + 2 * (end - begin), 0);
  const wide: WeightFile = { name: WIDENED, data: new Uint8Array(bytes) };
  const all = new Map<string, WeightEntry>(tensors);
  let at = 0;
  for (const [name, { shape, file, begin, end }] of narrow) {
    const floats = toFloats(files.get(file)!.subarray(begin, end), "BF16", name);
    wide.data.set(new Uint8Array(floats.buffer, floats.byteOffset, floats.byteLength), at);
    all.set(name, { dtype: "F32", shape, file: WIDENED, begin: at, end: at + floats.byteLength });
    at += floats.byteLength;
  }
  return { tensors: all, weights: [...weights, wide] };
}
