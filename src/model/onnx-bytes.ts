/**
 * Just enough of the protocol buffer wire format to write an ONNX model: a message is its fields one after another,
 * a field is a tag (number · 8 + wire type) and its content. Field numbers are those of onnx.proto:
 * https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
 */

const VARINT = 0;
const BYTES = 2;
const FIXED32 = 5;

const utf8 = new TextEncoder();

/** Seven bits a byte, lowest first; negative numbers as 64-bit two's complement. */
function varint(value: number): number[] {
  const out: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  while (rest > 0x7fn) {
    out.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  out.push(Number(rest));
  return out;
}

const tag = (field: number, wire: number) => varint(field * 8 + wire);

export const int = (field: number, value: number): Uint8Array =>
  Uint8Array.from([...tag(field, VARINT), ...varint(value)]);

export function float(field: number, value: number): Uint8Array {
  const out = Uint8Array.from([...tag(field, FIXED32), 0, 0, 0, 0]);
  new DataView(out.buffer).setFloat32(out.length - 4, value, true);
  return out;
}

export function bytes(field: number, content: Uint8Array): Uint8Array {
  const head = [...tag(field, BYTES), ...varint(content.length)];
  const out = new Uint8Array(head.length + content.length);
  out.set(head);
  out.set(content, head.length);
  return out;
}

export const text = (field: number, content: string): Uint8Array =>
  bytes(field, utf8.encode(content));

export const message = (field: number, parts: readonly Uint8Array[]): Uint8Array =>
  bytes(field, concat(parts));

export function concat(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(parts.reduce((n, part) => n + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
