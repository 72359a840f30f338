/** Element types of the safetensors format: their size, and the typed array that holds them. */

/** Bits per element, of every dtype the format knows; a file may hold those that we cannot read. */
export const DTYPE_BITS = {
  F64: 64,
  F32: 32,
  F16: 16,
  BF16: 16,
  F8_E4M3: 8,
  F8_E5M2: 8,
  F8_E8M0: 8,
  F6_E2M3: 6,
  F6_E3M2: 6,
  F4: 4,
  C64: 64,
  I64: 64,
  I32: 32,
  I16: 16,
  I8: 8,
  U64: 64,
  U32: 32,
  U16: 16,
  U8: 8,
  BOOL: 8,
} as const;
export type Dtype = keyof typeof DTYPE_BITS;

export const isDtype = (value: unknown): value is Dtype =>
  typeof value === "string" && Object.hasOwn(DTYPE_BITS, value);

/** What the bits of a dtype are, as JavaScript has it. F16 and BF16 have no array of their own: their bits are uint16. */
export interface ArrayOf {
  F64: Float64Array;
  F32: Float32Array;
  F16: Uint16Array;
  BF16: Uint16Array;
  I64: BigInt64Array;
  I32: Int32Array;
  I16: Int16Array;
  I8: Int8Array;
  U64: BigUint64Array;
  U32: Uint32Array;
  U16: Uint16Array;
  U8: Uint8Array;
  BOOL: Uint8Array;
}
export type ArrayDtype = keyof ArrayOf;

type Constructors = { [D in ArrayDtype]: new (buffer: ArrayBuffer) => ArrayOf[D] };
const CONSTRUCTORS: Constructors = {
  F64: Float64Array,
  F32: Float32Array,
  F16: Uint16Array,
  BF16: Uint16Array,
  I64: BigInt64Array,
  I32: Int32Array,
  I16: Int16Array,
  I8: Int8Array,
  U64: BigUint64Array,
  U32: Uint32Array,
  U16: Uint16Array,
  U8: Uint8Array,
  BOOL: Uint8Array,
};

export const hasArray = (dtype: Dtype): dtype is ArrayDtype => Object.hasOwn(CONSTRUCTORS, dtype);

/** The elements in `bytes`, in an array of their own: a file promises no alignment. Both sides are little-endian. */
export function elements<D extends ArrayDtype>(bytes: Uint8Array, dtype: D): ArrayOf[D] {
  return new CONSTRUCTORS[dtype](new Uint8Array(bytes).buffer);
}

export const hasArrayType = (data: ArrayBufferView, dtype: ArrayDtype): boolean =>
  data instanceof CONSTRUCTORS[dtype];
