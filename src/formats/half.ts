/** The two 16-bit floats: IEEE 754 binary16 (F16) and bfloat16 (BF16), to and from float32. */

let table: Float32Array | undefined;

/** F16 bits → float32, exact. By a table of all 65536 values (256 KiB, made on first use). */
export function f16ToF32(bits: Uint16Array): Float32Array {
  table ??= Float32Array.from({ length: 65536 }, (_, b) => halfValue(b));
  const out = new Float32Array(bits.length);
  for (let i = 0; i < out.length; i++) out[i] = table[bits[i]!]!;
  return out;
}

/** (−1)^s · 2^(e−15) · (1 + m/1024); e = 0 is subnormal, e = 31 is ±∞ or NaN. */
function halfValue(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const mantissa = bits & 1023;
  if (exponent === 31) return mantissa === 0 ? sign * Infinity : NaN;
  return (
    sign * (exponent === 0 ? mantissa * 2 ** -24 : (1 + mantissa / 1024) * 2 ** (exponent - 15))
  );
}

/** BF16 bits → float32, exact: bfloat16 is the upper half of a float32. */
export function bf16ToF32(bits: Uint16Array): Float32Array {
  const out = new Uint32Array(bits.length);
  for (let i = 0; i < out.length; i++) out[i] = bits[i]! << 16;
  return new Float32Array(out.buffer);
}

/** float32 → F16 bits, to the nearest, ties to even. Beyond ±65504 (after rounding) it becomes ±∞, as IEEE 754 has it. */
export function f32ToF16(values: Float32Array): Uint16Array {
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const out = new Uint16Array(values.length);
  for (let i = 0; i < out.length; i++) out[i] = halfBits(words[i]!);
  return out;
}

function halfBits(word: number): number {
  const sign = (word >>> 16) & 0x8000;
  const magnitude = word & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00; // NaN
  if (magnitude >= 0x477ff000) return sign | 0x7c00; // 65520 and more
  if (magnitude >= 0x38800000) {
    // Normal. The mantissa loses 13 bits; a carry out of it raises the exponent, which is what rounding up means.
    const rebiased = magnitude - 0x38000000;
    return sign | ((rebiased + 0xfff + ((rebiased >> 13) & 1)) >> 13);
  }
  if (magnitude < 0x33000000) return sign; // less than half the smallest subnormal
  const exponent = magnitude >> 23;
  const mantissa = (magnitude & 0x7fffff) | 0x800000;
  const shift = 126 - exponent; // 14 (largest subnormal) … 24
  const floor = mantissa >> shift;
  const rest = mantissa & ((1 << shift) - 1);
  const half = 1 << (shift - 1);
  return sign | (floor + (rest > half || (rest === half && floor & 1) ? 1 : 0));
}

/** float32 → BF16 bits, to the nearest, ties to even; too large a number becomes ±∞. */
export function f32ToBf16(values: Float32Array): Uint16Array {
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length);
  return Uint16Array.from(words, (word) => {
    if ((word & 0x7fffffff) > 0x7f800000) return (word >>> 16) | 0x40; // NaN
    return (word + 0x7fff + ((word >>> 16) & 1)) >>> 16;
  });
}
