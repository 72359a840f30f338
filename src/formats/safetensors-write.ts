/** Writing safetensors: what we write, `safetensors.ts` and the reference reader accept, and every tensor is aligned. */
import { LabError } from "../core/lab-error.ts";
import { type ArrayDtype, type ArrayOf, DTYPE_BITS, hasArrayType } from "./dtypes.ts";
import { f32ToF16 } from "./half.ts";

/** `data` in row-major order: the dtype's own array; for F16 also float32, which is rounded to the nearest. */
export type TensorToWrite = {
  [D in ArrayDtype]: {
    name: string;
    dtype: D;
    shape: readonly number[];
    data: ArrayOf[D] | (D extends "F16" ? Float32Array : never);
  };
}[ArrayDtype];

/**
 * The bytes of a safetensors file.
 * Tensors are laid out by falling element size, then by name, as the reference writer does, so that each begins at a
 * multiple of its element size; the header is padded with spaces to a multiple of 8.
 * @param metadata texts for `__metadata__`
 * @throws LabError "shape" if a tensor's data does not fit its shape or dtype; "bad-input" for a name given twice
 */
export function writeSafetensors(
  tensors: readonly TensorToWrite[],
  metadata: Record<string, string> = {},
): Uint8Array<ArrayBuffer> {
  const ordered = [...tensors].sort(
    (a, b) =>
      DTYPE_BITS[b.dtype] - DTYPE_BITS[a.dtype] || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0),
  );
  const entries: [string, unknown][] = [];
  if (Object.keys(metadata).length > 0) entries.push(["__metadata__", metadata]);
  const names = new Set(["__metadata__"]);
  const parts: Uint8Array[] = [];
  let at = 0;
  for (const { name, dtype, shape, data } of ordered) {
    if (names.has(name)) throw new LabError("bad-input", `two tensors are named "${name}"`);
    names.add(name);
    const bits = dtype === "F16" && data instanceof Float32Array ? f32ToF16(data) : data;
    const count = shape.reduce((n, size) => n * size, 1);
    if (!hasArrayType(bits, dtype) || bits.length !== count) {
      throw new LabError(
        "shape",
        `tensor "${name}" of dtype ${dtype} and shape [${shape.join(", ")}] needs ${count} values, ` +
          `got a ${data.constructor.name} of ${data.length}`,
      );
    }
    const part = new Uint8Array(bits.buffer, bits.byteOffset, bits.byteLength);
    entries.push([name, { dtype, shape, data_offsets: [at, at + part.length] }]);
    parts.push(part);
    at += part.length;
  }
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries(entries)));
  const dataBegin = Math.ceil((8 + json.length) / 8) * 8;
  const file = new Uint8Array(dataBegin + at).fill(0x20, 8, dataBegin);
  new DataView(file.buffer).setBigUint64(0, BigInt(dataBegin - 8), true);
  file.set(json, 8);
  let offset = dataBegin;
  for (const part of parts) {
    file.set(part, offset);
    offset += part.length;
  }
  return file;
}
