/** The MLP's non-linearities in float64, with their derivatives. Φ and φ are the normal distribution and its density. */
import type { Gpt2Config } from "../../src/core/types.ts";

export type ActivationName = Gpt2Config["activation_function"];
type Table = Record<ActivationName, (x: number) => number>;

/** erf, to 1e-15: its Maclaurin series near 0, the continued fraction of erfc (by Lentz, backwards) further out. */
export function erf(x: number): number {
  if (x < 0) return -erf(-x);
  if (x > 6) return 1;
  if (x < 2.5) {
    let term = x;
    let sum = x;
    for (let n = 1; Math.abs(term) > 1e-18 * sum; n++) {
      term *= -(x * x) / n;
      sum += term / (2 * n + 1);
    }
    return (2 / Math.sqrt(Math.PI)) * sum;
  }
  let fraction = x;
  for (let n = 120; n > 0; n--) fraction = x + n / 2 / fraction;
  return 1 - Math.exp(-x * x) / (fraction * Math.sqrt(Math.PI));
}

const Phi = (x: number) => (1 + erf(x / Math.SQRT2)) / 2;
const phi = (x: number) => Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);

/** The argument of GELU's tanh approximation, √(2/π)·(x + 0.044715 x³), and its derivative. */
const inner = (x: number) => Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3);
const innerSlope = (x: number) => Math.sqrt(2 / Math.PI) * (1 + 3 * 0.044715 * x ** 2);

export const activation: Table = {
  relu: (x) => Math.max(0, x),
  gelu: (x) => x * Phi(x),
  gelu_new: (x) => (x / 2) * (1 + Math.tanh(inner(x))),
};

/** d activation / dx; ReLU's at 0 is 0, as PyTorch has it. */
export const slope: Table = {
  relu: (x) => (x > 0 ? 1 : 0),
  gelu: (x) => Phi(x) + x * phi(x),
  gelu_new: (x) => {
    const t = Math.tanh(inner(x));
    return (1 + t) / 2 + (x / 2) * (1 - t * t) * innerSlope(x);
  },
};
