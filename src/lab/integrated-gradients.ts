/**
 * Integrated gradients at a hook point (Sundararajan, Taly and Yan, "Axiomatic attribution for deep networks", 2017):
 * (x − x₀) ⊙ ∫₀¹ ∇metric(x₀ + α(x − x₀)) dα, by the midpoint rule. The points of the path are rows of a batch, each with
 * the activation replaced. In the raw basis: x₀ = 0 is another point in another basis.
 */
import type { DirectEdit, Edit } from "../core/edits.ts";
import { LabError } from "../core/lab-error.ts";
import type { IntegratedGradients, IntegrationPath, Metric } from "../core/metric.ts";
import type { TensorData } from "../core/types.ts";
import type { Sae } from "../math/feature-change.ts";
import type { PromptInput } from "../rpc/procedure.ts";
import type { GradientModel } from "./gradients.ts";
import { type ReadyMetric, readyMetric } from "./metric-seed.ts";
import { readPrompt } from "./read-prompt.ts";
import { resolveEdits } from "./resolve-edits.ts";
import { checkSlopes } from "./slopes.ts";

export interface IntegrationQuestion {
  prompt: PromptInput;
  metric: Metric;
  names: readonly string[];
  edits: readonly Edit[];
  path: IntegrationPath;
  /** The one that a metric of a feature names. */
  sae: Sae | null;
}
interface Context {
  model: GradientModel;
  ready: ReadyMetric;
  ids: readonly number[];
  edits: readonly DirectEdit[];
  signal: AbortSignal;
}

/** Rows of one run: more would only take more memory. */
const ROWS = 8;
const MAX_STEPS = 1024;

export async function integratedGradients(
  model: GradientModel,
  { prompt, metric, names, edits, path, sae }: IntegrationQuestion,
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
  checkSlopes(edits, hooks, model.info.config);
  const context = {
    model,
    ready: await readyMetric(model, metric, { ids, basis: "raw", sae, signal }),
    ids,
    edits: await resolveEdits(model, [ids], edits, { signal }),
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

async function plainRun({ model, ready, ids, edits, signal }: Context, hooks: readonly string[]) {
  const result = await model.differentiate({
    ids: [ids],
    gradients: [],
    values: [...new Set([...hooks, ...ready.needs])],
    edits,
    seed: ready.seed(1),
    signal,
  });
  return { values: result.values, value: ready.read(result, 0).value };
}

/** x₀ of a hook. */
async function origin(
  { model, ids, signal }: Context,
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
  const { cache } = await model.run({
    ids: [other],
    names: hooks,
    edits: [],
    logits: "none",
    signal,
  });
  return (hook) => finite(hook, cache.get(hook)!).data;
}

/** The mean gradient along the way, and the metric where it begins. */
async function alongPath(
  { model, ready, ids, edits, signal }: Context,
  hook: string,
  from: Float32Array,
  { data: to }: TensorData,
  steps: number,
  progress: (done: number) => void,
): Promise<{ mean: Float64Array; start: number }> {
  const mean = new Float64Array(to.length);
  const at = (alpha: number) => to.map((x, i) => from[i]! + alpha * (x - from[i]!));
  const gradientsAt = async (alphas: readonly number[]) => {
    const result = await model.differentiate({
      ids: alphas.map(() => ids),
      gradients: [hook],
      values: ready.needs,
      edits: [
        ...edits,
        ...alphas.map((alpha, row): DirectEdit => ({ hook, op: "replace", value: at(alpha), row })),
      ],
      seed: ready.seed(alphas.length),
      signal,
    });
    return { result, data: result.gradients.get(hook)!.data };
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
