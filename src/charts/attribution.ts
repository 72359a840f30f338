/** What the attribution figures show at one position. Pure. Axis letters: C components, S states, L layers, H heads, T positions. */
import type { Attribution, NeuronsAt, Target } from "../core/attribution.ts";
import type { TensorData } from "../core/types.ts";
import { topIndices } from "../math/softmax.ts";
import { tokenText } from "../ui/token-text.ts";

/** Column of [rows, T]. */
export function columnAt({ data, dims }: TensorData, position: number): Float32Array {
  const T = dims.at(-1)!;
  return Float32Array.from({ length: data.length / T }, (_, r) => data[r * T + position]!);
}

/** Heads, and what no head writes of each attn_out, at a position: [L, H + 1] */
export function headGrid({ heads, attnRest }: Attribution, position: number): Float32Array {
  const [L, H] = heads.dims as [number, number, number];
  const [ofHeads, rest] = [columnAt(heads, position), columnAt(attnRest, position)];
  return Float32Array.from({ length: L * (H + 1) }, (_, i) => {
    const [l, h] = [Math.floor(i / (H + 1)), i % (H + 1)];
    return h < H ? ofHeads[l * H + h]! : rest[l]!;
  });
}

/** What is no attention at a position: embeddings and MLPs, and edits of the stream where there are any. */
export function besideAttention({ components, written }: Attribution, position: number): number {
  const here = columnAt(written, position);
  return sumOf(here.filter((_, c) => !components[c]!.endsWith("attn_out")));
}

export function sumOf(values: Float32Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum;
}

/** The n largest above 0, largest first, and the n smallest below, smallest first. */
export function strongest(
  values: Float32Array,
  n: number,
): { positive: number[]; negative: number[] } {
  return {
    positive: topIndices(values, n).filter((i) => values[i]! > 0),
    negative: topIndices(
      values.map((v) => -v),
      n,
    ).filter((i) => values[i]! < 0),
  };
}

/** What is left of a whole when the listed parts are taken off. */
export const restOf = (
  { written }: Pick<NeuronsAt, "written">,
  listed: readonly number[],
): number => listed.reduce((rest, i) => rest - written.data[i]!, sumOf(written.data));

/** "·Mary − ·John" */
export const targetText = ({ token, against }: Target): string =>
  against ? `${tokenText(token.string)} − ${tokenText(against.string)}` : tokenText(token.string);

export const sameTarget = (a: Target | null, b: Target | null): boolean =>
  a !== null && b !== null && a.token.id === b.token.id && a.against?.id === b.against?.id;
