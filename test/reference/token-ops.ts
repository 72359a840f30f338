/** The operations that look at one token at a time. Every tensor is [B, T, …]; its last axis is what is mapped. */
import { activation, slope, type ActivationName } from "./activations.ts";
import { accumulate, type Node, type Tape } from "./tape.ts";

/** A matrix [in, out], row-major, with a bias [out]. */
export interface Affine {
  W: Float64Array;
  b: Float64Array;
}

export const last = (dims: readonly number[]): number => dims.at(-1)!;

export function add(tape: Tape, a: Node, b: Node): Node {
  const sum = a.value.map((v, i) => v + b.value[i]!);
  return tape.node(sum, a.dims, (grad) => {
    accumulate(a.grad, grad);
    accumulate(b.grad, grad);
  });
}

/** y = x·W + b along the last axis. */
export function affine(tape: Tape, x: Node, { W, b }: Affine): Node {
  const [D, O] = [last(x.dims), b.length];
  const N = x.value.length / D;
  const y = new Float64Array(N * O);
  for (let n = 0; n < N; n++) {
    const row = y.subarray(n * O, (n + 1) * O);
    row.set(b);
    for (let i = 0; i < D; i++) {
      const v = x.value[n * D + i]!;
      for (let o = 0; o < O; o++) row[o] = row[o]! + v * W[i * O + o]!;
    }
  }
  return tape.node(y, [...x.dims.slice(0, -1), O], (grad) => {
    for (let n = 0; n < N; n++) {
      for (let i = 0; i < D; i++) {
        let sum = 0;
        for (let o = 0; o < O; o++) sum += grad[n * O + o]! * W[i * O + o]!;
        x.grad[n * D + i] = x.grad[n * D + i]! + sum;
      }
    }
  });
}

const rowMean = (x: Float64Array, from: number, D: number): number => {
  let sum = 0;
  for (let i = 0; i < D; i++) sum += x[from + i]!;
  return sum / D;
};

/** LayerNorm's denominator √(var(x) + ε), [B, T, 1]. d/dxᵢ = (xᵢ − x̄) / (D·s). */
export function normScale(tape: Tape, x: Node, epsilon: number): Node {
  const D = last(x.dims);
  const s = new Float64Array(x.value.length / D);
  for (let n = 0; n < s.length; n++) {
    const mean = rowMean(x.value, n * D, D);
    let variance = 0;
    for (let i = 0; i < D; i++) variance += (x.value[n * D + i]! - mean) ** 2 / D;
    s[n] = Math.sqrt(variance + epsilon);
  }
  return tape.node(s, [...x.dims.slice(0, -1), 1], (grad) => {
    for (let n = 0; n < s.length; n++) {
      const mean = rowMean(x.value, n * D, D);
      for (let i = n * D; i < (n + 1) * D; i++) {
        x.grad[i] = x.grad[i]! + (grad[n]! * (x.value[i]! - mean)) / (D * s[n]!);
      }
    }
  });
}

/** (x − x̄)/s·w + b, with s a node of its own, so that it can be edited. */
export function normalize(
  tape: Tape,
  x: Node,
  s: Node,
  { w, b }: { w: Float64Array; b: Float64Array },
): Node {
  const D = w.length;
  const centred = x.value.map((v, i) => v - rowMean(x.value, i - (i % D), D));
  const scale = (i: number) => s.value[Math.floor(i / D)]!;
  const y = centred.map((c, i) => (c / scale(i)) * w[i % D]! + b[i % D]!);
  return tape.node(y, x.dims, (grad) => {
    const weighted = grad.map((g, i) => g * w[i % D]!);
    for (let i = 0; i < y.length; i++) {
      const n = Math.floor(i / D);
      x.grad[i] = x.grad[i]! + (weighted[i]! - rowMean(weighted, n * D, D)) / scale(i);
      s.grad[n] = s.grad[n]! - (weighted[i]! * centred[i]!) / scale(i) ** 2;
    }
  });
}

export function activate(tape: Tape, x: Node, name: ActivationName): Node {
  return tape.node(x.value.map(activation[name]), x.dims, (grad) =>
    accumulate(
      x.grad,
      grad.map((g, i) => g * slope[name](x.value[i]!)),
    ),
  );
}
