/**
 * Products with a matrix of which few entries per row are not 0, as loops over those few: the decoding of what TopK and its
 * kin keep, and all that its gradient needs. Rows of the dense operands lie one after another in memory.
 * Axis letters: B tokens, D d_in, E d_out, F latents, n blocks of latents, which end at `ends`: of a Matryoshka.
 */
import type { RowLoops } from "./row-loops.ts";

/** Where a matrix lies, and the length of its rows, in numbers. Of several one after another, where the first lies. */
export interface Placed {
  at: number;
  width: number;
}

/** Calls `act` with each entry of f [B, F] that is not 0: token, feature, value, and the block between `ends` that it is in. */
function eachKept(
  f: Float32Array,
  ends: readonly number[],
  act: (b: number, i: number, value: number, block: number) => void,
  startBlock?: (b: number, block: number) => void,
): void {
  const F = ends.at(-1)!;
  for (let b = 0, start = 0; start < f.length; b++, start += F) {
    for (let block = 0, i = 0; block < ends.length; block++) {
      startBlock?.(b, block);
      for (const end = ends[block]!; i < end; i++) {
        const value = f[start + i]!;
        if (value !== 0) act(b, i, value, block);
      }
    }
  }
}

/** f W of the features before each end, [n, B, E]. @param W [F, E] @param out all zeros */
export function sparseTimes(
  { addRow }: RowLoops,
  f: Float32Array,
  ends: readonly number[],
  W: Placed,
  out: Placed,
): void {
  const E = W.width;
  const B = f.length / ends.at(-1)!;
  const to = (b: number, block: number) => out.at + (block * B + b) * E;
  eachKept(
    f,
    ends,
    (b, i, value, block) => addRow(E, to(b, block), W.at + i * E, value),
    (b, block) => {
      if (block > 0) addRow(E, to(b, block), to(b, block - 1), 1);
    },
  );
}

export interface SparseGradients {
  /** fᵀ g, [F, E] */
  W_dec: Placed;
  /** ∂preᵀ x, [F, D], with ∂pre = g Wᵀ where f is not 0 */
  W_enc: Placed;
  /** [3, F]: Σ_b ∂pre, Σ_b f, on how many tokens f is not 0 */
  sums: Float32Array;
}

/** @param g ∂L/∂ŷ, [n, B, E] @param x [B, D] @param W the decoder, [F, E] @param out all zeros: what is found is added */
export function sparseGradients(
  { addRow, dot }: RowLoops,
  f: Float32Array,
  ends: readonly number[],
  { g, x, W }: Record<"g" | "x" | "W", Placed>,
  out: SparseGradients,
): void {
  const [D, E, F] = [x.width, W.width, ends.at(-1)!];
  const B = f.length / F;
  eachKept(f, ends, (b, i, value, block) => {
    const from = g.at + (block * B + b) * E;
    const slope = dot(E, from, W.at + i * E);
    out.sums[i]! += slope;
    out.sums[F + i]! += value;
    out.sums[2 * F + i]! += 1;
    addRow(E, out.W_dec.at + i * E, from, value);
    addRow(D, out.W_enc.at + i * D, x.at + b * D, slope);
  });
}
