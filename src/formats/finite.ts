/** Finds NaN and ±∞ in stored weights at memory speed, so that a broken checkpoint is refused before it is run. */

/** In all three formats a value is NaN or ±∞ exactly when its exponent bits are all ones. */
const EXPONENT = {
  // Adding the exponent's lowest bit to the masked exponent carries into the sign's place only if all its bits are set.
  // 16-bit values are looked at in pairs.
  F32: { mask: 0x7f800000, unit: 0x00800000, carry: 0x80000000 },
  F16: { mask: 0x7c007c00, unit: 0x04000400, carry: 0x80008000 },
  BF16: { mask: 0x7f807f80, unit: 0x00800080, carry: 0x80008000 },
} as const;
export type FloatDtype = keyof typeof EXPONENT;

export const isFloatDtype = (dtype: string): dtype is FloatDtype => Object.hasOwn(EXPONENT, dtype);

const BLOCK = 4096;

/**
 * Index of the first element that is NaN or ±∞, or null.
 * @param bytes little-endian elements, at any alignment
 */
export function firstNonFinite(bytes: Uint8Array, dtype: FloatDtype): number | null {
  const size = dtype === "F32" ? 4 : 2;
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : new Uint8Array(bytes);
  const words = new Uint32Array(aligned.buffer, aligned.byteOffset, aligned.length >> 2);
  const { mask, unit, carry } = EXPONENT[dtype];
  for (let start = 0; start < words.length; start += BLOCK) {
    const end = Math.min(start + BLOCK, words.length);
    let seen = 0;
    for (let i = start; i < end; i++) seen |= (words[i]! & mask) + unit;
    if (seen & carry) {
      const first = indexIn(aligned.subarray(4 * start, 4 * end), size, mask, unit, carry);
      if (first !== null) return (4 * start) / size + first;
    }
  }
  const rest = indexIn(aligned.subarray(4 * words.length), size, mask, unit, carry);
  return rest === null ? null : (4 * words.length) / size + rest;
}

function indexIn(bytes: Uint8Array, size: 2 | 4, mask: number, unit: number, carry: number) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let i = 0; (i + 1) * size <= bytes.length; i++) {
    const bits = size === 4 ? view.getUint32(4 * i, true) : view.getUint16(2 * i, true);
    if (((bits & mask) + unit) & carry) return i;
  }
  return null;
}
