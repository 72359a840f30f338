/**
 * The least value of a smooth, strictly convex function: L-BFGS, with steps that are halved until they descend (Armijo).
 * Source: Nocedal and Wright, "Numerical Optimization" (2006), algorithms 7.4 and 3.1. Float64, and no randomness.
 */

/** Writes the gradient at x into `gradient`. @returns the value */
export type Slope = (x: Float64Array, gradient: Float64Array) => number;
export interface MinimiseOptions {
  /** Writes H⁻¹·v over v, H near the second derivative: the nearer, the fewer steps. @default H = 1 */
  precondition?: (v: Float64Array) => void;
  /** Stop where the gradient's largest entry is at most this. @default 1e-7 */
  tolerance?: number;
  /** @default 300 */
  mostSteps?: number;
  /** Between two steps: lets messages in, and throws where the work is to stop. */
  pause?: () => Promise<void>;
}
export interface Minimum {
  x: Float64Array;
  value: number;
  steps: number;
  /** False where the steps ended first. */
  converged: boolean;
}

const MEMORY = 12;
const DESCENT = 1e-4; // of the slope, that a step must gain
const HALVINGS = 40;

export async function minimise(
  slope: Slope,
  start: Float64Array,
  { precondition, tolerance = 1e-7, mostSteps = 300, pause }: MinimiseOptions = {},
): Promise<Minimum> {
  let x: Float64Array = start.slice();
  let gradient: Float64Array = new Float64Array(x.length);
  let value = slope(x, gradient);
  const pairs: { s: Float64Array; y: Float64Array; rho: number }[] = [];
  for (let steps = 0; ; steps++) {
    if (largest(gradient) <= tolerance) return { x, value, steps, converged: true };
    if (steps === mostSteps) return { x, value, steps, converged: false };
    await pause?.();
    const move = gradient.map((g) => -g);
    const shares: number[] = [];
    for (const { s, y, rho } of pairs.toReversed()) {
      const share = rho * dot(s, move);
      shares.push(share);
      addTo(move, y, -share);
    }
    precondition?.(move);
    for (const { s, y, rho } of pairs) addTo(move, s, shares.pop()! - rho * dot(y, move));
    const along = dot(gradient, move);
    let found: { x: Float64Array; gradient: Float64Array; value: number } | null = null;
    for (let size = 1, tries = 0; tries < HALVINGS && along < 0; size /= 2, tries++) {
      const there = x.slice();
      addTo(there, move, size);
      const its = new Float64Array(x.length);
      const reached = slope(there, its);
      if (reached <= value + DESCENT * size * along) {
        found = { x: there, gradient: its, value: reached };
        break;
      }
    }
    if (!found) return { x, value, steps, converged: false }; // nothing is left but rounding
    const s = found.x.map((v, i) => v - x[i]!);
    const y = found.gradient.map((v, i) => v - gradient[i]!);
    const bend = dot(s, y);
    if (bend > 0) pairs.push({ s, y, rho: 1 / bend });
    if (pairs.length > MEMORY) pairs.shift();
    ({ x, gradient, value } = found);
  }
}

const dot = (a: Float64Array, b: Float64Array) => {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
};
const addTo = (a: Float64Array, b: Float64Array, by: number) => {
  for (let i = 0; i < a.length; i++) a[i]! += by * b[i]!;
};
const largest = (a: Float64Array) => a.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
