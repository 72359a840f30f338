/** A metric made ready for a prompt: where its gradient begins, and how its value is read off a run. */
import type { Basis } from "../core/basis.ts";
import type { Metric, ReferenceRun } from "../core/metric.ts";
import { LabError } from "../core/lab-error.ts";
import type { TensorData } from "../core/types.ts";
import { type LogitMetric, logitGradient, logitMetricValue } from "../math/logit-metric.ts";
import type { Sae } from "../math/feature-change.ts";
import { normalisedBack, scalesByToken } from "../math/input-norm.ts";
import { encode, preActivation, slopeWhereActive } from "../math/sae.ts";
import type { MetricSeed } from "../model/gradient-feeds.ts";
import type { GradientResult, LoadedModel } from "../model/loaded-model.ts";
import { rawEdits } from "./basis-parameters.ts";
import { readPrompt } from "./read-prompt.ts";
import { resolveEdits } from "./resolve-edits.ts";
import { checkFits } from "./sae-edit.ts";

type Model = Pick<LoadedModel, "run" | "tokenizer" | "weight" | "info">;

/** Where a gradient begins, if that depends on where it is taken: on activations of the same runs, by hook point. */
export interface SeedByValue {
  needs: readonly string[];
  of: (values: ReadonlyMap<string, TensorData>) => MetricSeed;
}

export interface ReadyMetric {
  /** For `rows` runs of the prompt side by side. */
  seed: (rows: number) => MetricSeed | SeedByValue;
  /** Hook points whose values `read` needs. */
  needs: string[];
  /** A row's metric, and what the row's gradients are to be multiplied with. */
  read: (
    result: Pick<GradientResult, "values" | "logits">,
    row: number,
  ) => { value: number; factor: number };
}

export interface MetricContext {
  ids: readonly number[];
  /** In which the edits of a reference run are told. */
  basis: Basis;
  /** The one that a metric of a feature names. */
  sae: Sae | null;
  signal: AbortSignal;
}

/** @throws LabError "bad-input" for tokens or positions that there are not, "unsupported" for an SAE of another model */
export async function readyMetric(
  model: Model,
  metric: Metric,
  { ids, basis, sae, signal }: MetricContext,
): Promise<ReadyMetric> {
  const V = model.info.config.vocab_size;
  if (metric.kind === "feature") return ofFeature(model, metric, sae!, ids);
  if (metric.kind === "loss") {
    if (ids.length < 2) throw new LabError("bad-input", "a loss needs two tokens or more");
    const places = ids.slice(1).map((_, pos) => pos);
    return ofLogits({ kind: "loss", next: ids.slice(1) }, places, V);
  }
  const place = [positionOf(metric.pos, ids.length)];
  switch (metric.kind) {
    case "logitDiff":
      [metric.token, metric.against].forEach((token) => checkToken(token, V));
      return ofLogits(metric, place, V);
    case "logProb":
      checkToken(metric.token, V);
      return ofLogits(metric, place, V);
    case "prob": {
      // p = e^(ln p), so its gradient is p times that of ln p.
      checkToken(metric.token, V);
      const log = ofLogits({ kind: "logProb", token: metric.token }, place, V);
      const read: ReadyMetric["read"] = (result, row) => {
        const p = Math.exp(log.read(result, row).value);
        return { value: p, factor: p };
      };
      return { ...log, read };
    }
    case "kl": {
      const reference = await referenceLogits(model, metric, { ids, basis, signal });
      return ofLogits({ kind: "kl", reference }, place, V);
    }
    default:
      throw new LabError(
        "bad-input",
        `there is no metric ${JSON.stringify((metric as Metric).kind)}`,
      );
  }
}

function ofLogits(metric: LogitMetric, positions: readonly number[], V: number): ReadyMetric {
  const K = positions.length;
  const { constant, softmax } = logitGradient(metric, K, V);
  return {
    needs: [],
    seed: (rows) => ({
      kind: "logits",
      at: Array.from({ length: rows }, (_, row) => positions.map((pos) => ({ row, pos }))).flat(),
      constant: repeated(constant, rows),
      softmax: repeated(softmax, rows),
    }),
    read: ({ logits }, row) => ({
      value: logitMetricValue(metric, logits!.data.subarray(row * K * V, (row + 1) * K * V), V),
      factor: 1,
    }),
  };
}

function repeated(values: Float32Array, times: number): Float32Array {
  if (times === 1) return values;
  const out = new Float32Array(times * values.length);
  for (let i = 0; i < times; i++) out.set(values, i * values.length);
  return out;
}

/**
 * The gradient of x · W_enc[:, f] + b is W_enc[:, f]; the non-linearity passes it on where the feature is active. Where the SAE
 * divides what it reads by a length of each token, the gradient depends on the token.
 */
function ofFeature(
  { info }: Model,
  { feature, pos, preActivation: before = false }: Extract<Metric, { kind: "feature" }>,
  { config, weights }: Sae,
  ids: readonly number[],
): ReadyMetric {
  checkFits(config, info.config);
  if (!Number.isInteger(feature) || feature < 0 || feature >= config.dSae) {
    throw new LabError("not-found", `feature ${feature} is not among 0 … ${config.dSae - 1}`);
  }
  const { dIn, dSae, hook, normalize } = config;
  const at = positionOf(pos, ids.length);
  const input_D = Float64Array.from({ length: dIn }, (_, d) => weights.W_enc[d * dSae + feature]!);
  const tokenOf = (x: TensorData, row: number) => {
    const from = (row * ids.length + at) * dIn;
    return x.data.subarray(from, from + dIn);
  };
  const seedOf = (xs: readonly Float32Array[]): MetricSeed => {
    const seed = new Float32Array(xs.length * ids.length * dIn);
    xs.forEach((x, row) => {
      const back = normalisedBack(x, normalize, { input_D, factor: 0, shift: 0 });
      seed.set(back, (row * ids.length + at) * dIn);
    });
    return { kind: "hook", hook, seed };
  };
  return {
    needs: [hook],
    seed: scalesByToken(normalize)
      ? (rows) => ({
          needs: [hook],
          of: (values) =>
            seedOf(Array.from({ length: rows }, (_, row) => tokenOf(values.get(hook)!, row))),
        })
      : () => seedOf([new Float32Array(dIn)]),
    read: ({ values }, row) => {
      const x = tokenOf(values.get(hook)!, row);
      const value = encode(x, weights, config)[feature]!;
      if (!before) return { value, factor: value > 0 ? slopeWhereActive(feature, weights) : 0 };
      return { value: preActivation(x, feature, weights, config), factor: 1 };
    },
  };
}

async function referenceLogits(
  model: Model,
  { reference, pos }: { reference: ReferenceRun; pos?: number },
  { ids, basis, signal }: Pick<MetricContext, "ids" | "basis" | "signal">,
): Promise<Float32Array> {
  const { prompt, edits = [] } = reference;
  const own =
    prompt === undefined
      ? ids
      : readPrompt(
          model,
          typeof prompt === "string" ? { text: prompt, prependBos: true } : { ids: [...prompt] },
        ).ids;
  const at = positionOf(pos, own.length);
  const direct = await resolveEdits(model, [own], edits, { basis, signal });
  // Probabilities are the same in both bases.
  const { logits } = await model.run({
    ids: [own],
    names: [],
    edits: (await rawEdits(model, direct, basis)).edits,
    logits: "all",
    signal,
  });
  const V = model.info.config.vocab_size;
  return logits!.data.slice(at * V, (at + 1) * V);
}

function positionOf(pos = -1, length: number): number {
  const at = pos < 0 ? pos + length : pos;
  if (Number.isInteger(at) && at >= 0 && at < length) return at;
  throw new LabError(
    "bad-input",
    `pos ${pos} is not among ${-length} … ${length - 1} (${length} tokens)`,
  );
}

function checkToken(token: number, vocabulary: number): void {
  if (Number.isInteger(token) && token >= 0 && token < vocabulary) return;
  throw new LabError("bad-input", `${token} is no token id; this model has 0 … ${vocabulary - 1}`);
}
