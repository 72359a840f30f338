/** Gradients a second way: by central differences through whole forward passes, and integrated along a line. */
import { referenceRun, type Metric, type ReferenceEdit } from "./forward.ts";
import type { ReferenceModel } from "./weights.ts";

/** Adds `by` at one cell of a hook. Gradients pass through it as they are. */
export const nudge = (hook: string, index: number, by: number): ReferenceEdit => ({
  apply: (name, value) => (name === hook ? value.with(index, value[index]! + by) : value),
  pullback: (_, grad) => grad,
});

/** Puts a hook at `value`. No gradient goes past it. */
export const pin = (hook: string, value: Float64Array): ReferenceEdit => ({
  apply: (name, x) => (name === hook ? value : x),
  pullback: (name, grad) => (name === hook ? new Float64Array(grad.length) : grad),
});

/**
 * d metric / d value at one cell of a hook, the value being what it is after `edits`:
 * Richardson's (4·D(h) − D(2h))/3 of central differences D, whose error is of order h⁴.
 */
export function finiteDifference(
  model: ReferenceModel,
  rows: readonly (readonly number[])[],
  metric: Metric,
  hook: string,
  index: number,
  edits: readonly ReferenceEdit[] = [],
  h = 2e-4,
): number {
  const at = (by: number) =>
    referenceRun(model, rows, [...edits, nudge(hook, index, by)]).measure(metric);
  const central = (step: number) => (at(step) - at(-step)) / (2 * step);
  return (4 * central(h) - central(2 * h)) / 3;
}

/**
 * Integrated gradients at a hook: (a − a₀)·∫₀¹ ∂metric/∂a at a₀ + α(a − a₀) dα, by the midpoint rule, from the baseline
 * a₀ to the run's own a. Its sum over cells is metric(a) − metric(a₀) in the limit (completeness).
 * Source: Sundararajan, Taly, Yan 2017, "Axiomatic Attribution for Deep Networks".
 */
export function integratedGradients(
  model: ReferenceModel,
  rows: readonly (readonly number[])[],
  metric: Metric,
  hook: string,
  { steps = 32, baseline, edits = [] }: IntegrateOptions = {},
): Float64Array {
  const end = referenceRun(model, rows, edits).get(hook).value;
  const start = baseline ?? new Float64Array(end.length);
  const total = new Float64Array(end.length);
  for (let step = 0; step < steps; step++) {
    const alpha = (step + 0.5) / steps;
    const between = end.map((v, i) => start[i]! + alpha * (v - start[i]!));
    const run = referenceRun(model, rows, [...edits, pin(hook, between)]);
    run
      .gradients(metric)(hook)
      .forEach((g, i) => (total[i] = total[i]! + g / steps));
  }
  return total.map((g, i) => (g === 0 ? 0 : g * (end[i]! - start[i]!))); // masked scores are −∞
}
interface IntegrateOptions {
  steps?: number;
  /** @default zeros */
  baseline?: Float64Array;
  edits?: readonly ReferenceEdit[];
}
