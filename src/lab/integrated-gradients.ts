/**
 * Integrated gradients at a hook point (Sundararajan, Taly and Yan, "Axiomatic attribution for deep networks", 2017):
 * (x − x₀) ⊙ ∫₀¹ ∇metric(x₀ + α(x − x₀)) dα, by the midpoint rule. The points of the path are rows of a batch, each with
 * (α − 1)(x − x₀) added to the activation. x, x₀ and ∇ are told in one basis: x₀ = 0 is another point in another one. In TransformerLens's
 * it is, for v, z and a head's result, what the bias alone would give, and for hook_normalized a token of no variance.
 */
import type { Basis } from "../core/basis.ts";
import type { DirectEdit, Edit } from "../core/edits.ts";
import { LabError } from "../core/lab-error.ts";
import type { IntegratedGradients, IntegrationPath, Metric } from "../core/metric.ts";
import type { TensorData } from "../core/types.ts";
import type { Sae } from "../math/feature-change.ts";
import type { PromptInput } from "../rpc/procedure.ts";
import { differentiateEdited } from "./differentiate-edited.ts";
import { gradientInBasis, type GradientModel } from "./gradients.ts";
import { hookReader, type Read } from "./hook-reader.ts";
import { type ReadyMetric, readyMetric } from "./metric-seed.ts";
import type { EditSources } from "./prepare-edits.ts";
import { inRows, type SmoothEdit } from "./prepared-edit.ts";
import { readPrompt } from "./read-prompt.ts";
import { prepareFor } from "./resolve-edits.ts";
import { settleChanges } from "./settle-changes.ts";

export interface IntegrationQuestion {
  prompt: PromptInput;
  metric: Metric;
  names: readonly string[];
  edits: readonly Edit[];
  path: IntegrationPath;
  /** In which the edits, x₀ = 0 and the answer are told. @default "raw" */
  basis?: Basis;
  /** The one that a metric of a feature names. */
  sae: Sae | null;
  /** @default the SAEs of the shelf, the corpus of the app */
  sources?: EditSources;
}
interface Context {
  model: GradientModel;
  ready: ReadyMetric;
  ids: readonly number[];
  edits: readonly SmoothEdit[];
  basis: Basis;
  read: Read;
  signal: AbortSignal;
}

/** Rows of one run: more would only take more memory. */
const ROWS = 8;
const MAX_STEPS = 1024;

export async function integratedGradients(
  model: GradientModel,
  { prompt, metric, names, edits, path, basis = "raw", sae, sources }: IntegrationQuestion,
  {
    signal,
    progress,
  }: { signal: AbortSignal; progress: (p: { done: number; total: number }) => void },
): Promise<IntegratedGradients> {
  const { steps = 16, from = "zero" } = path;
  if (!Number.isInteger(steps) || steps < 1 || steps > MAX_STEPS) {
    throw new LabError(
      "bad-input",
      `steps must be a whole number of 1 … ${MAX_STEPS}, got ${steps}`,
    );
  }
  if (names.length === 0) throw new LabError("bad-input", "no hook point was named");
  const hooks = [...new Set(names)];
  const { ids } = readPrompt(model, prompt);
  if (from === "zero") hooks.forEach(refuseZeroScale);
  const context: Context = {
    model,
    ready: await readyMetric(model, metric, { ids, basis, sae, signal }),
    ids,
    edits: await prepareFor(model, [ids], edits, { basis, signal, sources }),
    basis,
    read: hookReader(model, basis, signal),
    signal,
  };
  const [run, base] = [await plainRun(context, hooks), await origin(context, hooks, from)];
  const attributions: IntegratedGradients["attributions"] = [];
  const changes: IntegratedGradients["changes"] = [];
  for (const [i, hook] of hooks.entries()) {
    const to = finite(hook, run.values.get(hook)!);
    const { mean, start } = await alongPath(context, hook, base(hook, to), to, steps, (done) => {
      progress({ done: i * steps + done, total: hooks.length * steps });
    });
    const first = base(hook, to);
    const data = to.data.map((x, j) => (x - first[j]!) * mean[j]!);
    attributions.push([hook, { data, dims: to.dims }]);
    changes.push([hook, run.value - start]);
  }
  return { value: run.value, attributions, changes };
}

function refuseZeroScale(hook: string): void {
  if (!hook.endsWith(".hook_scale")) return;
  throw new LabError(
    "bad-input",
    `${hook} is what LayerNorm divides by, so no path goes there from zero; give "from" another prompt`,
  );
}

/** The activations, and the metric, at the end of the way. */
async function plainRun(context: Context, hooks: readonly string[]) {
  const { model, ready, ids, edits, basis, read, signal } = context;
  const names = ready.needs;
  const request = { ids: [ids], gradients: [], values: names, edits, basis, signal };
  const result = await differentiateEdited(model, { ...request, seed: ready.seed(1) });
  const direct = await settleChanges(edits, { ids: [ids] }, read, model.info.config);
  const values = await read({ ids: [ids], names: hooks, edits: direct });
  return { values, value: ready.read(result, 0).value };
}

/** x₀ of a hook. */
async function origin(
  { model, ids, read }: Context,
  hooks: readonly string[],
  from: NonNullable<IntegrationPath["from"]>,
): Promise<(hook: string, like: TensorData) => Float32Array> {
  if (from === "zero") return (_, { data }) => new Float32Array(data.length);
  const { prompt } = from;
  const input =
    typeof prompt === "string" ? { text: prompt, prependBos: true } : { ids: [...prompt] };
  const other = readPrompt(model, input).ids;
  if (other.length !== ids.length) {
    throw new LabError(
      "shape",
      `the path goes from a prompt of ${other.length} tokens to one of ${ids.length}; they must be equally long`,
    );
  }
  const values = await read({ ids: [other], names: hooks, edits: [] });
  return (hook) => finite(hook, values.get(hook)!).data;
}

/** The mean gradient along the way, and the metric where it begins. */
async function alongPath(
  { model, ready, ids, edits, basis, signal }: Context,
  hook: string,
  from: Float32Array,
  { data: to }: TensorData,
  steps: number,
  progress: (done: number) => void,
): Promise<{ mean: Float64Array; start: number }> {
  const mean = new Float64Array(to.length);
  const off = (alpha: number) => to.map((x, i) => (alpha - 1) * (x - from[i]!));
  const gradientsAt = async (alphas: readonly number[]) => {
    // Added, not put in its place: what TransformerLens's basis does not tell of an activation stays as it is.
    const moved = alphas.map((alpha, row): DirectEdit => ({
      hook,
      op: "add",
      value: off(alpha),
      row,
    }));
    const result = await differentiateEdited(model, {
      ids: alphas.map(() => ids),
      gradients: [hook],
      values: ready.needs,
      edits: [...inRows(edits, alphas.length), ...moved],
      basis,
      seed: ready.seed(alphas.length),
      signal,
    });
    const { data } = await gradientInBasis(model, hook, result.gradients.get(hook)!, basis);
    return { result, data };
  };
  for (let done = 0; done < steps; done += ROWS) {
    const count = Math.min(ROWS, steps - done);
    const alphas = Array.from({ length: count }, (_, i) => (done + i + 0.5) / steps);
    const { result, data } = await gradientsAt(alphas);
    for (let row = 0; row < count; row++) {
      const { factor } = ready.read(result, row);
      for (let i = 0; i < to.length; i++) mean[i]! += (factor * data[row * to.length + i]!) / steps;
    }
    progress(done + count);
  }
  const { result } = await gradientsAt([0]);
  return { mean, start: ready.read(result, 0).value };
}

/** Scores that are −∞ have no way to go from 0. */
function finite(hook: string, value: TensorData): TensorData {
  if (!hook.endsWith("hook_attn_scores")) return value;
  return { data: value.data.map((v) => (v === -Infinity ? 0 : v)), dims: value.dims };
}
