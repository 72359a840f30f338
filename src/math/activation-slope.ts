/** Slopes of an MLP's activation function, in float64: the same formulas as the graph's backward pass (`model/graph-mlp.ts`). */
import type { Gpt2Config } from "../core/types.ts";

/**
 * relu: 1 where x > 0, else 0. gelu: Φ(x) + x·φ(x).
 * gelu_new: (1 + t)/2 + x/2·(1 − t²)·u', t = tanh u, u = √(2/π)·(x + 0.044715x³).
 */
export function activationSlope(kind: Gpt2Config["activation_function"], x: number): number {
  switch (kind) {
    case "relu":
      return x > 0 ? 1 : 0;
    case "gelu": {
      const density = Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);
      return (1 + erf(x * Math.SQRT1_2)) / 2 + x * density;
    }
    case "gelu_new": {
      const k = Math.sqrt(2 / Math.PI);
      const t = Math.tanh(k * (x + 0.044715 * x ** 3));
      return (1 + t) / 2 + (x / 2) * (1 - t * t) * k * (1 + 3 * 0.044715 * x * x);
    }
  }
}

/** erf x = 2/√π · e^(−x²) · Σ 2ⁿ x^(2n+1) / (1·3·…·(2n+1)): all terms of one sign, so nothing cancels. */
export function erf(x: number): number {
  if (Math.abs(x) > 6) return Math.sign(x);
  let [term, sum] = [x, x];
  for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}
