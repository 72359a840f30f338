/**
 * What `torch.save` wrote: dictionaries of tensors, numbers and texts, read without running anything. The archive holds a
 * pickle (`<name>/data.pkl`), which refers to storages beside it (`<name>/data/<key>`), little-endian.
 * Source: PyTorch, torch/serialization.py (zip format, since 1.6) and torch/_utils.py (_rebuild_tensor_v2).
 */
import { LabError } from "../../core/lab-error.ts";
import { quoted, quotedShape } from "../../core/quoted.ts";
import { type ArrayDtype, DTYPE_BITS, elements } from "../dtypes.ts";
import { bf16ToF32, f16ToF32 } from "../half.ts";
import { isZip, readStoredZip } from "./stored-zip.ts";
import { type Pickled, PythonName, unpickle } from "./unpickle.ts";

/** A view of a storage: element (i, j, …) is number offset + i·stride₀ + j·stride₁ + … of it. */
export class TorchTensor {
  readonly shape: readonly number[];
  readonly #stride: readonly number[];
  readonly #offset: number;
  readonly #storage: Storage;
  constructor(
    storage: Storage,
    offset: number,
    shape: readonly number[],
    stride: readonly number[],
  ) {
    this.#storage = storage;
    this.#offset = offset;
    this.shape = shape;
    this.#stride = stride;
  }

  /** Row-major float32 in an array of its own; whole numbers beyond 2²⁴ are rounded. */
  floats(): Float32Array {
    const all = floatsOf(this.#storage);
    const size = this.shape.reduce((product, n) => product * n, 1);
    if (isRowMajor(this.shape, this.#stride)) {
      return all.subarray(this.#offset, this.#offset + size);
    }
    const out = new Float32Array(size);
    const index = this.shape.map(() => 0);
    let at = this.#offset;
    for (let i = 0; i < size; i++) {
      out[i] = all[at]!;
      for (let d = index.length - 1; d >= 0; d--) {
        at += this.#stride[d]!;
        if (++index[d]! < this.shape[d]!) break;
        at -= this.#stride[d]! * this.shape[d]!;
        index[d] = 0;
      }
    }
    return out;
  }
}

class Storage {
  readonly bytes: Uint8Array;
  readonly dtype: ArrayDtype;
  readonly length: number;
  constructor(bytes: Uint8Array, dtype: ArrayDtype) {
    this.bytes = bytes;
    this.dtype = dtype;
    this.length = (bytes.length * 8) / DTYPE_BITS[dtype];
  }
}

const STORAGES: Readonly<Record<string, ArrayDtype>> = {
  "torch.FloatStorage": "F32",
  "torch.DoubleStorage": "F64",
  "torch.HalfStorage": "F16",
  "torch.BFloat16Storage": "BF16",
  "torch.LongStorage": "I64",
  "torch.IntStorage": "I32",
  "torch.ShortStorage": "I16",
  "torch.CharStorage": "I8",
  "torch.ByteStorage": "U8",
  "torch.BoolStorage": "BOOL",
};
const TENSOR = "torch._utils._rebuild_tensor_v2";
const PARAMETER = "torch._utils._rebuild_parameter";
const ORDERED = "collections.OrderedDict";

export type TorchValue = Pickled | TorchTensor;

/** @throws LabError "bad-file" for a damaged file; "unsupported" for one that holds more than data */
export function readTorchFile(bytes: Uint8Array, file: string): TorchValue {
  const bad = (why: string) => new LabError("bad-file", `${file} cannot be read: ${why}`);
  if (!isZip(bytes)) {
    throw bad(
      "it is not the archive that torch.save has written since PyTorch 1.6; load and save it again there",
    );
  }
  const entries = readStoredZip(bytes, file);
  const pickle = [...entries.keys()].find((name) => /^([^/]+\/)?data\.pkl$/.test(name));
  if (pickle === undefined) throw bad("there is no data.pkl in it, so torch.save did not write it");
  const folder = pickle.slice(0, -"data.pkl".length);
  const order = entries.get(`${folder}byteorder`);
  if (order && new TextDecoder().decode(order) !== "little") throw bad("it is not little-endian");

  const tensor = (args: Pickled[]): TorchTensor => {
    const [storage, offset, shape, stride] = args;
    const counts = (value: unknown): value is number[] =>
      Array.isArray(value) && value.length <= 8 && value.every(isCount);
    if (!(storage instanceof Storage) || !isCount(offset) || !counts(shape) || !counts(stride)) {
      throw bad("a tensor in it is damaged");
    }
    const last = shape.reduce((sum, n, d) => sum + (n - 1) * (stride[d] ?? NaN), offset);
    const size = shape.reduce((product, n) => product * n, 1);
    // More elements than the storage has: a repeated view, of which no saved weight is one.
    const outside = size > 0 && !(last < storage.length);
    if (stride.length !== shape.length || outside || size > storage.length) {
      throw bad(
        `a tensor of shape ${quotedShape(shape)} does not fit its ${storage.length} numbers`,
      );
    }
    return new TorchTensor(storage, offset, shape, stride);
  };

  return unpickle(entries.get(pickle)!, file, {
    isKnown: (path) =>
      path === TENSOR || path === PARAMETER || path === ORDERED || Object.hasOwn(STORAGES, path),
    call: (path, args) => {
      if (path === TENSOR) return tensor(args);
      if (path === PARAMETER && args[0] instanceof TorchTensor) return args[0];
      if (path === ORDERED && args.length === 0) return new Map<Pickled, Pickled>();
      throw bad(`${quoted(path)} is called in it with what it does not take`);
    },
    persistent: (id) => {
      const [tag, type, key]: Pickled[] = Array.isArray(id) ? (id as Pickled[]) : [];
      const dtype = type instanceof PythonName ? STORAGES[type.path] : undefined;
      const stored = typeof key === "string" ? entries.get(`${folder}data/${key}`) : undefined;
      if (tag !== "storage" || !dtype || !stored || (stored.length * 8) % DTYPE_BITS[dtype] !== 0) {
        throw bad("the numbers of a tensor are missing in it");
      }
      return new Storage(stored, dtype);
    },
  });
}

const isCount = (value: unknown): value is number =>
  typeof value === "number" && Number.isSafeInteger(value) && value >= 0;

function isRowMajor(shape: readonly number[], stride: readonly number[]): boolean {
  let step = 1;
  for (let d = shape.length - 1; d >= 0; d--) {
    if (shape[d] !== 1 && stride[d] !== step) return false;
    step *= shape[d]!;
  }
  return true;
}

function floatsOf({ bytes, dtype }: Storage): Float32Array {
  if (dtype === "F32") return elements(bytes, dtype);
  if (dtype === "F16") return f16ToF32(elements(bytes, dtype));
  if (dtype === "BF16") return bf16ToF32(elements(bytes, dtype));
  return Float32Array.from<number | bigint>(elements(bytes, dtype), Number);
}
