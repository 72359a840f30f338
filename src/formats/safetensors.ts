/**
 * Reading safetensors: 8 bytes of header length (little-endian), a JSON header, then the tensors' bytes without gaps.
 * The format: https://github.com/huggingface/safetensors#format. Like its reference reader this one refuses any file
 * that leaves a doubt (overlaps, holes, duplicate names, sizes that do not fit), and says which value is wrong.
 */
import type { TensorEntry, SafetensorsHeader } from "./safetensors-entries.ts";
import { LabError } from "../core/lab-error.ts";
import { shortName } from "../core/quoted.ts";
import { type ArrayDtype, type ArrayOf, type Dtype, elements, hasArray } from "./dtypes.ts";
import { bf16ToF32, f16ToF32 } from "./half.ts";
import { readEntries } from "./safetensors-entries.ts";

/** The largest header that the reference reader accepts. */
export const MAX_HEADER_BYTES = 100_000_000;

/**
 * How many bytes from the start of the file the header takes, its 8 length bytes included.
 * @param start the file's first bytes, at least 8 of them
 * @param fileSize bytes of the whole file
 * @throws LabError "bad-file"
 */
export function headerEnd(start: Uint8Array, fileSize: number, file = "the safetensors file") {
  const length =
    start.length < 8
      ? null
      : new DataView(start.buffer, start.byteOffset, start.byteLength).getBigUint64(0, true);
  if (length === null || fileSize < 10) {
    throw bad(
      file,
      `it has ${Math.min(fileSize, start.length)} bytes, too few for a safetensors file`,
    );
  }
  if (length > BigInt(MAX_HEADER_BYTES)) {
    throw bad(
      file,
      `its header would be ${length} bytes long (at most ${MAX_HEADER_BYTES} are allowed), so it is no safetensors file`,
    );
  }
  const end = 8 + Number(length);
  if (end > fileSize) {
    throw bad(
      file,
      `its header should end at byte ${end}, but the file has only ${fileSize}: it is cut off`,
    );
  }
  return end;
}

/**
 * Reads and checks the header.
 * @param start the file's first bytes, at least `headerEnd` of them
 * @param fileSize bytes of the whole file
 * @throws LabError "bad-file"
 */
export function parseHeader(
  start: Uint8Array,
  fileSize: number,
  file = "the safetensors file",
): SafetensorsHeader {
  const dataBegin = headerEnd(start, fileSize, file);
  if (start.length < dataBegin) {
    throw bad(file, `only ${start.length} of its header's ${dataBegin} bytes are there`);
  }
  const json = start.subarray(8, dataBegin);
  if (json[0] !== 0x7b) throw bad(file, `its header begins with byte ${json[0]}, not with "{"`);
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(json);
  } catch (cause) {
    throw bad(file, "its header is no UTF-8 text", cause);
  }
  const { tensors, metadata } = readEntries(text, dataBegin, fileSize, (why, cause) =>
    bad(file, why, cause),
  );
  return { tensors, metadata, dataBegin };
}

/** `parseHeader` of a file that is here as a whole. @throws LabError "bad-file" */
export const parseSafetensors = (bytes: Uint8Array, file?: string): SafetensorsHeader =>
  parseHeader(bytes, bytes.length, file);

/** The tensor of that name. @throws LabError "bad-file" listing some of the names there are */
export function entryOf(header: SafetensorsHeader, name: string, file?: string): TensorEntry {
  const entry = header.tensors.get(name);
  if (entry) return entry;
  const names = [...header.tensors.keys()];
  const some = names.slice(0, 5).map(shortName).join(", ") + (names.length > 5 ? ", …" : "");
  throw new LabError(
    "bad-file",
    `${file ?? "the safetensors file"} has no tensor "${name}"; it has ${some || "none"}`,
  );
}

/** A tensor's elements as they are stored, copied out of the file's bytes. @throws LabError "bad-file" for another dtype */
export function readArray<D extends ArrayDtype>(
  fileBytes: Uint8Array,
  entry: TensorEntry,
  dtype: D,
): ArrayOf[D] {
  if (entry.dtype !== dtype) {
    throw new LabError(
      "bad-file",
      `tensor "${shortName(entry.name)}" is ${entry.dtype}, but ${dtype} was expected`,
    );
  }
  return elements(fileBytes.subarray(entry.begin, entry.end), dtype);
}

/** A tensor as float32 (from F32, F16, BF16 or F64), copied out of the file's bytes. */
export const readFloats = (fileBytes: Uint8Array, entry: TensorEntry): Float32Array =>
  toFloats(fileBytes.subarray(entry.begin, entry.end), entry.dtype, entry.name);

/** The bytes of one tensor as float32. @throws LabError "unsupported" if its dtype is no float that we read */
export function toFloats(bytes: Uint8Array, dtype: Dtype, name = "a tensor"): Float32Array {
  if (dtype === "F32") return elements(bytes, dtype);
  if (dtype === "F16") return f16ToF32(elements(bytes, dtype));
  if (dtype === "BF16") return bf16ToF32(elements(bytes, dtype));
  if (dtype === "F64") return Float32Array.from(elements(bytes, dtype));
  const kind = hasArray(dtype) ? "no floating-point type" : "a type Glassroom does not read";
  throw new LabError(
    "unsupported",
    `"${name}" is stored as ${dtype}, ${kind}; convert the file to F32, F16 or BF16`,
  );
}

function bad(file: string, why: string, cause?: unknown): LabError {
  return new LabError("bad-file", `${file} cannot be read: ${why}. Get the file again.`, { cause });
}
