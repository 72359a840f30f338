/**
 * A checkpoint with some of its tensors changed: the base's files as they are, and the changed tensors in a file of their
 * own, in the dtype that the base stores them in. So it is, number by number, what is written out of it.
 */
import { LabError } from "../core/lab-error.ts";
import type { EditedFacts } from "../core/model-info.ts";
import { firstNonFinite, type FloatDtype } from "../formats/finite.ts";
import { f32ToBf16, f32ToF16 } from "../formats/half.ts";
import { toFloats } from "../formats/safetensors.ts";
import type { Checkpoint, WeightFile } from "./checkpoint.ts";
import type { WeightEntry } from "./layout.ts";

const EDITED = "edited weights";
const aligned = (bytes: number) => Math.ceil(bytes / 8) * 8;

/** The numbers as a file of that dtype has them. @throws LabError "degenerate" naming one that it cannot hold */
export function storedBytes(
  values: Float32Array,
  dtype: FloatDtype,
  name: string,
): Uint8Array<ArrayBuffer> {
  const bits =
    dtype === "F32" ? values.slice() : dtype === "F16" ? f32ToF16(values) : f32ToBf16(values);
  const bytes = new Uint8Array(bits.buffer as ArrayBuffer);
  const at = firstNonFinite(bytes, dtype);
  if (at === null) return bytes;
  throw new LabError(
    "degenerate",
    `element ${at} of "${name}" has become ${values[at]}, which ${dtype} cannot hold; take back the edit that made it so`,
  );
}

/** The numbers as they come back from there. */
export const asStored = (values: Float32Array, dtype: FloatDtype, name: string): Float32Array =>
  toFloats(storedBytes(values, dtype, name), dtype, name);

/** @param changed float32 by name; @param name of the edited model @throws LabError "degenerate", "shape" */
export function editedCheckpoint(
  base: Checkpoint,
  changed: ReadonlyMap<string, Float32Array>,
  name: string,
  edited: EditedFacts,
): Checkpoint {
  const stored = [...changed].map(([tensor, values]) => {
    const { dtype, shape } = entryOf(base, tensor, values);
    return { tensor, dtype, shape, bytes: storedBytes(values, dtype, tensor) };
  });
  const room = stored.reduce((sum, { bytes }) => sum + aligned(bytes.length), 0);
  const file: WeightFile = { name: EDITED, data: new Uint8Array(room) };
  const tensors = new Map(base.tensors);
  const own = new Map<string, WeightEntry>();
  let at = 0;
  for (const { tensor, dtype, shape, bytes } of stored) {
    file.data.set(bytes, at);
    own.set(tensor, { dtype, shape, file: EDITED, begin: at, end: at + bytes.length });
    at += aligned(bytes.length);
  }
  own.forEach((entry, tensor) => tensors.set(tensor, entry));
  const { source, revision, commit, hub, rounded, config, configJson, tokenizer } = base;
  const { tiedHead, parameters, weightBytes, warnings } = base;
  return {
    ...{ id: name, source, revision, commit, hub, rounded, edited },
    ...{ config, configJson, tokenizer, tiedHead, parameters, weightBytes, warnings, tensors },
    get weights() {
      return file.data.length > 0 ? [...base.weights, file] : base.weights;
    },
    release: () => base.release(),
    readTensor: async (tensor, signal) => {
      const entry = own.get(tensor);
      if (!entry) return base.readTensor(tensor, signal);
      const { begin, end, dtype, shape } = entry;
      return { data: toFloats(file.data.subarray(begin, end), dtype, tensor), dims: [...shape] };
    },
  };
}

function entryOf(base: Checkpoint, tensor: string, values: Float32Array): WeightEntry {
  const entry = base.tensors.get(tensor);
  if (!entry) throw new LabError("bad-input", `${base.id} has no tensor "${tensor}"`);
  const count = entry.shape.reduce((n, size) => n * size, 1);
  if (values.length === count) return entry;
  throw new LabError("shape", `"${tensor}" has ${values.length} numbers, in ${base.id} ${count}`);
}
