/**
 * Attention in float64, one loop per index. Letters: b row, h head, t query position, s key position, i within the head,
 * d d_model. q, k, v, z are [B, T, H, dh]; scores and pattern [B, H, T, T]; result [B, T, H, D].
 */
import { accumulate, type Node, type Tape } from "./tape.ts";

/** Sums and products below go through these, so that a loop is as short as its formula. */
const bump = (x: Float64Array, i: number, by: number) => {
  x[i] = x[i]! + by;
};

/** One third of [B, T, 3·H·dh] as [B, T, H, dh]. */
export function third(tape: Tape, qkv: Node, part: 0 | 1 | 2, heads: number): Node {
  const [B, T, W] = qkv.dims as [number, number, number];
  const D = W / 3;
  const from = (i: number) => Math.floor(i / D) * W + part * D + (i % D);
  const value = Float64Array.from({ length: B * T * D }, (_, i) => qkv.value[from(i)]!);
  return tape.node(value, [B, T, heads, D / heads], (grad) =>
    grad.forEach((g, i) => bump(qkv.grad, from(i), g)),
  );
}

/** Visits every (query, key) pair of every head: the indices of its score, of its query and of its key. */
function forEachPair(
  dims: readonly number[],
  visit: (cell: number, query: number, key: number, t: number, s: number) => void,
): void {
  const [B, T, H, dh] = dims as [number, number, number, number];
  for (let b = 0; b < B; b++)
    for (let h = 0; h < H; h++)
      for (let t = 0; t < T; t++)
        for (let s = 0; s < T; s++) {
          const at = (pos: number) => ((b * T + pos) * H + h) * dh;
          visit(((b * H + h) * T + t) * T + s, at(t), at(s), t, s);
        }
}

const square = ([B, T, H]: readonly number[]) => [B!, H!, T!, T!];

/** q·k / scale for every pair, also those that the mask will take away. */
export function scores(tape: Tape, q: Node, k: Node, scale: number): Node {
  const dims = square(q.dims);
  const dh = q.dims[3]!;
  const value = new Float64Array(dims.reduce((a, b) => a * b, 1));
  forEachPair(q.dims, (cell, query, key) => {
    for (let i = 0; i < dh; i++) {
      bump(value, cell, (q.value[query + i]! * k.value[key + i]!) / scale);
    }
  });
  return tape.node(value, dims, (grad) =>
    forEachPair(q.dims, (cell, query, key) => {
      for (let i = 0; i < dh; i++) {
        bump(q.grad, query + i, (grad[cell]! * k.value[key + i]!) / scale);
        bump(k.grad, key + i, (grad[cell]! * q.value[query + i]!) / scale);
      }
    }),
  );
}

/** −∞ where the key comes after the query; no gradient goes there. */
export function causal(tape: Tape, x: Node): Node {
  const T = x.dims[3]!;
  const seen = (cell: number) => cell % T <= Math.floor(cell / T) % T;
  const value = x.value.map((v, cell) => (seen(cell) ? v : -Infinity));
  return tape.node(value, x.dims, (grad) =>
    accumulate(
      x.grad,
      grad.map((g, cell) => (seen(cell) ? g : 0)),
    ),
  );
}

/** Softmax along the last axis: p = e^x / Σ e^x, dx = p·(g − Σ g·p). */
export function softmax(tape: Tape, x: Node): Node {
  const T = x.dims.at(-1)!;
  const p = new Float64Array(x.value.length);
  for (let from = 0; from < p.length; from += T) {
    const row = x.value.subarray(from, from + T);
    const largest = Math.max(...row);
    const exps = row.map((v) => Math.exp(v - largest));
    const total = exps.reduce((a, b) => a + b);
    p.set(
      exps.map((e) => e / total),
      from,
    );
  }
  return tape.node(p, x.dims, (grad) => {
    for (let from = 0; from < p.length; from += T) {
      let mean = 0;
      for (let s = 0; s < T; s++) mean += grad[from + s]! * p[from + s]!;
      for (let s = 0; s < T; s++) bump(x.grad, from + s, p[from + s]! * (grad[from + s]! - mean));
    }
  });
}

/** z_t = Σ_s pattern[t, s]·v_s. */
export function mix(tape: Tape, pattern: Node, v: Node): Node {
  const dh = v.dims[3]!;
  const z = new Float64Array(v.value.length);
  forEachPair(v.dims, (cell, query, key) => {
    for (let i = 0; i < dh; i++) bump(z, query + i, pattern.value[cell]! * v.value[key + i]!);
  });
  return tape.node(z, v.dims, (grad) =>
    forEachPair(v.dims, (cell, query, key) => {
      for (let i = 0; i < dh; i++) {
        bump(pattern.grad, cell, grad[query + i]! * v.value[key + i]!);
        bump(v.grad, key + i, grad[query + i]! * pattern.value[cell]!);
      }
    }),
  );
}

/** What each head writes: z_h·W_O[h], W_O of shape [H·dh, D]. */
export function headResults(tape: Tape, z: Node, W_O: Float64Array): Node {
  const [B, T, H, dh] = z.dims as [number, number, number, number];
  const D = W_O.length / (H * dh);
  const value = new Float64Array(B * T * H * D);
  const forEach = (visit: (out: number, from: number, w: number) => void) => {
    for (let row = 0; row < B * T * H; row++)
      for (let i = 0; i < dh; i++)
        for (let d = 0; d < D; d++) {
          visit(row * D + d, row * dh + i, ((row % H) * dh + i) * D + d);
        }
  };
  forEach((out, from, w) => bump(value, out, z.value[from]! * W_O[w]!));
  return tape.node(value, [B, T, H, D], (grad) =>
    forEach((out, from, w) => bump(z.grad, from, grad[out]! * W_O[w]!)),
  );
}

/** Σ_h result_h + b_O. */
export function sumHeads(tape: Tape, result: Node, b_O: Float64Array): Node {
  const [B, T, H, D] = result.dims as [number, number, number, number];
  const to = (i: number) => Math.floor(i / (H * D)) * D + (i % D);
  const value = Float64Array.from({ length: B * T * D }, (_, i) => b_O[i % D]!);
  result.value.forEach((v, i) => bump(value, to(i), v));
  return tape.node(value, [B, T, D], (grad) =>
    accumulate(
      result.grad,
      result.grad.map((_, i) => grad[to(i)]!),
    ),
  );
}
