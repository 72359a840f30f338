/**
 * What is kept of a weight file: all of it as it is, or its tensors rounded to float16 under a header of their own.
 * The plan says which bytes of the file go where, so that the rounding happens while the file is downloaded.
 */
import { LabError } from "../core/lab-error.ts";
import { isFloatDtype } from "../formats/finite.ts";
import { f32ToF16 } from "../formats/half.ts";
import type { WeightEntry } from "./layout.ts";
import type { Preview, PreviewFile } from "./preview.ts";

export interface Span {
  /** Bytes of the file; what lies between spans is left out. */
  begin: number;
  end: number;
  /** Where its first byte goes. */
  to: number;
  /** Whether it is float32 that becomes float16. */
  round: boolean;
  /** The tensor, for messages. */
  name: string;
}
export interface WeightPlan {
  inBytes: number;
  outBytes: number;
  /** What stands before the first span. */
  head: Uint8Array;
  /** In the order of the file. */
  spans: Span[];
}

export function planAsIs({ name, size }: Pick<PreviewFile, "name" | "size">): WeightPlan {
  const all: Span = { begin: 0, end: size, to: 0, round: false, name };
  return { inBytes: size, outBytes: size, head: new Uint8Array(), spans: [all] };
}

/** The tensors that the model needs: float32 as float16, 16-bit ones as they are, others (masks) left out. */
export function planHalf(file: PreviewFile, tensors: Preview["tensors"]): WeightPlan {
  const mine = [...tensors]
    .filter(([, entry]) => entry.file === file.file)
    .sort(([, a], [, b]) => a.begin - b.begin);
  const json: Record<string, unknown> = { __metadata__: { format: "pt" } };
  let at = 0;
  const offsets = mine.map(([name, { dtype, shape, begin, end }]) => {
    const from = at;
    at += dtype === "F32" ? (end - begin) / 2 : end - begin;
    const stored = dtype === "F32" ? "F16" : dtype;
    json[name] = { dtype: stored, shape, data_offsets: [from, at] };
    return from;
  });
  const head = headerBytes(json);
  return {
    inBytes: file.size,
    outBytes: head.length + at,
    head,
    spans: mine.map(([name, { begin, end, dtype }], i): Span => {
      return { begin, end, to: head.length + offsets[i]!, round: dtype === "F32", name };
    }),
  };
}

/** The length of what `planHalf` gives, for a whole model; null if there is nothing to round. */
export function halfBytes({ files, tensors }: Preview): number | null {
  const rounds = [...tensors.values()].some(({ dtype }) => dtype === "F32");
  if (!rounds) return null;
  return files.reduce((sum, file) => sum + planHalf(file, tensors).outBytes, 0);
}

/** "float32", or the names of all that are there. */
export function dtypeNames(tensors: ReadonlyMap<string, WeightEntry>): string {
  const names = { F32: "float32", F16: "float16", BF16: "bfloat16" } as const;
  const found = new Set([...tensors.values()].map(({ dtype }) => dtype));
  return [...found]
    .filter(isFloatDtype)
    .map((dtype) => names[dtype])
    .join(" and ");
}

/** A safetensors header, padded so that the tensors begin at a multiple of 8. */
function headerBytes(json: Record<string, unknown>): Uint8Array {
  const text = new TextEncoder().encode(JSON.stringify(json));
  const head = new Uint8Array(Math.ceil((8 + text.length) / 8) * 8).fill(0x20, 8);
  new DataView(head.buffer).setBigUint64(0, BigInt(head.length - 8), true);
  head.set(text, 8);
  return head;
}

/**
 * Bytes `begin` to `end` of what is kept, out of the original.
 * @param read bytes of the original, which must lie in one tensor
 */
export async function pieceOf(
  plan: WeightPlan,
  begin: number,
  end: number,
  read: (begin: number, end: number) => Promise<Uint8Array>,
): Promise<Uint8Array> {
  const span = plan.spans.findLast(({ to }) => to <= begin);
  if (!span) throw new LabError("internal", `byte ${begin} is in no tensor`);
  const scale = span.round ? 2 : 1;
  const at = (byte: number) => span.begin + scale * (byte - span.to);
  const bytes = await read(at(begin), at(end));
  if (!span.round) return bytes;
  return new Uint8Array(f32ToF16(new Float32Array(new Uint8Array(bytes).buffer)).buffer);
}
