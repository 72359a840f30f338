/** The JSON of a safetensors header, checked entry by entry, and the entries against each other. */
import type { LabError } from "../core/lab-error.ts";
import { quoted } from "../core/quoted.ts";
import { type Dtype, DTYPE_BITS, isDtype } from "./dtypes.ts";
import { duplicateKey } from "./json-keys.ts";

type Refuse = (why: string, cause?: unknown) => LabError;

/**
 * @param text the header's JSON
 * @param dataBegin byte of the file at which offset 0 lies
 * @param refuse makes the error to throw out of a reason
 */
export function readEntries(
  text: string,
  dataBegin: number,
  fileSize: number,
  refuse: Refuse,
): Omit<SafetensorsHeader, "dataBegin"> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw refuse(`its header is no JSON (${quoted(text)})`, cause);
  }
  if (!isObject(json)) throw refuse("its header is no JSON object");
  const twice = duplicateKey(text);
  if (twice !== null) throw refuse(`its header names ${quoted(twice)} twice`);
  let metadata: Record<string, string> = {};
  const entries: TensorEntry[] = [];
  for (const [name, value] of Object.entries(json)) {
    if (name === "__metadata__") metadata = readMetadata(value, refuse);
    else entries.push(readEntry(name, value, dataBegin, refuse));
  }
  entries.sort((a, b) => a.begin - b.begin || a.end - b.end);
  checkLayout(entries, dataBegin, fileSize, refuse);
  return { tensors: new Map(entries.map((entry) => [entry.name, entry])), metadata };
}

function readMetadata(value: unknown, refuse: Refuse): Record<string, string> {
  if (isObject(value) && Object.values(value).every((v) => typeof v === "string")) {
    return value as Record<string, string>;
  }
  throw refuse(`its "__metadata__" is ${quoted(value)}, not an object of texts`);
}

function readEntry(name: string, value: unknown, dataBegin: number, refuse: Refuse): TensorEntry {
  const tensor = `tensor ${quoted(name)}`;
  if (!isObject(value)) throw refuse(`${tensor} is ${quoted(value)}, not an object`);
  const { dtype, shape, data_offsets: offsets } = value;
  if (!isDtype(dtype)) {
    throw refuse(
      `${tensor} has dtype ${quoted(dtype)}; known are ${Object.keys(DTYPE_BITS).join(", ")}`,
    );
  }
  if (!isCounts(shape)) throw refuse(`${tensor} has shape ${quoted(shape)}`);
  if (!isCounts(offsets) || offsets.length !== 2) {
    throw refuse(`${tensor} has data_offsets ${quoted(offsets)}`);
  }
  const [begin, end] = offsets as [number, number];
  const bytes = (shape.reduce((n, size) => n * size, 1) * DTYPE_BITS[dtype]) / 8;
  if (!Number.isSafeInteger(bytes) || end - begin !== bytes) {
    throw refuse(
      `${tensor} of shape ${quoted(shape)} and dtype ${dtype} takes ${bytes} bytes, ` +
        `but its data_offsets [${begin}, ${end}] hold ${end - begin}`,
    );
  }
  return { name, dtype, shape, begin: dataBegin + begin, end: dataBegin + end };
}

/** Sorted entries must follow each other without overlap or hole, from `dataBegin` to the end of the file. */
function checkLayout(entries: TensorEntry[], dataBegin: number, fileSize: number, refuse: Refuse) {
  let at = dataBegin;
  let before = "the header";
  for (const { name, begin, end } of entries) {
    if (begin < at) {
      throw refuse(`tensor ${quoted(name)} begins at byte ${begin}, inside ${before}`);
    }
    if (begin > at) {
      throw refuse(
        `bytes ${at} to ${begin} between ${before} and tensor ${quoted(name)} belong to nothing`,
      );
    }
    at = end;
    before = `tensor ${quoted(name)}`;
  }
  if (at > fileSize) {
    throw refuse(`${before} ends at byte ${at}, but the file has only ${fileSize}: it is cut off`);
  }
  if (at < fileSize) {
    throw refuse(`${before} ends at byte ${at}, but the file goes on to ${fileSize}`);
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const isCounts = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((n) => Number.isSafeInteger(n) && (n as number) >= 0);

/** Where one tensor lies: `begin` and `end` are absolute bytes in the file. */
export interface TensorEntry {
  name: string;
  dtype: Dtype;
  shape: number[];
  begin: number;
  end: number;
}

export interface SafetensorsHeader {
  /** In the order of their bytes. */
  tensors: Map<string, TensorEntry>;
  metadata: Record<string, string>;
  /** Where the tensors' bytes begin. */
  dataBegin: number;
}
