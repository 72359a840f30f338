/** What PyTorch computed on the embedded model (test/fixtures/make_gradients.py), and how to compare with it. */
import { readFileSync } from "node:fs";
import { FIXTURES } from "../model/node-engine.ts";
import type { DirectEdit } from "../../src/core/edits.ts";

/** A tensor without its batch axis: every `stride`-th value, null for −∞; the norm is over all finite ones. */
export interface Summary {
  dims: number[];
  norm: number;
  stride: number;
  values: (number | null)[];
}
export type MetricName = "logitDiff" | "logProb" | "loss" | "kl" | "feature";
type ListedEdit = Omit<DirectEdit, "value"> & { value?: number | number[] };

export interface Gradients {
  metric: MetricName;
  edits: ListedEdit[];
  value: number;
  hooks: Record<string, Summary>;
}
export interface PytorchFixture {
  modelSha256: string;
  saeSha256: string;
  ids: number[];
  /** The tokens of the logit difference; `right` is that of the log-probability too. */
  right: number;
  wrong: number;
  /** The position that metrics of logits look at. */
  pos: number;
  /** What is done to the run that KL is measured from. */
  klReferenceEdits: ListedEdit[];
  feature: { hook: string; feature: number; pos: number };
  raw: Record<string, Summary>;
  tl: Record<string, Summary>;
  gradients: Gradients[];
  /** From 0, by the midpoint rule; `change` is metric(run) − metric(0). */
  integrated: {
    metric: MetricName;
    hook: string;
    steps: number;
    change: number;
    attributions: Summary;
  }[];
}

export const pytorch = JSON.parse(
  readFileSync(new URL("gradients.json", FIXTURES), "utf8"),
) as PytorchFixture;

export const toEdit = ({ value, ...edit }: ListedEdit): DirectEdit =>
  value === undefined
    ? edit
    : { ...edit, value: Array.isArray(value) ? Float32Array.from(value) : value };

/**
 * The largest difference of a tensor from a summary, in units of its root mean square; of its norm likewise.
 * NaN where the shapes differ, or −∞ stands in one of them only.
 */
export function relativeDifference(
  data: Float32Array | Float64Array,
  { norm, stride, values, dims }: Summary,
): number {
  const size = dims.reduce((a, b) => a * b, 1);
  if (data.length !== size) return NaN;
  const rms = norm / Math.sqrt(size) || 1;
  const finite = [...data].filter((v) => v !== -Infinity);
  const differences = values.map((expected, i) => {
    const found = data[i * stride]!;
    if (expected === null) return found === -Infinity ? 0 : NaN;
    return Math.abs(found - expected) / rms;
  });
  return Math.max(Math.abs(Math.hypot(...finite) - norm) / (norm || 1), ...differences);
}
