/** Gradients of a metric on a prompt, in either basis. */
import type { Basis } from "../core/basis.ts";
import type { Edit } from "../core/edits.ts";
import { parseHook } from "../core/hooks.ts";
import { LabError } from "../core/lab-error.ts";
import type { Gradients, Metric } from "../core/metric.ts";
import type { TensorData } from "../core/types.ts";
import { basisKind, gradientToTl } from "../math/basis.ts";
import type { Sae } from "../math/feature-change.ts";
import type { LoadedModel } from "../model/loaded-model.ts";
import type { PromptInput } from "../rpc/procedure.ts";
import { normParameters, rawEdits } from "./basis-parameters.ts";
import { readyMetric } from "./metric-seed.ts";
import { readPrompt } from "./read-prompt.ts";
import { resolveEdits } from "./resolve-edits.ts";
import { checkSlopes } from "./slopes.ts";

export type GradientModel = Pick<
  LoadedModel,
  "run" | "differentiate" | "tokenizer" | "weight" | "info"
>;

export interface GradientQuestion {
  prompt: PromptInput;
  metric: Metric;
  names: readonly string[];
  edits: readonly Edit[];
  basis: Basis;
  /** The one that a metric of a feature names. */
  sae: Sae | null;
}

/** One forward and one backward pass. @throws LabError "bad-input" for names, edits, metrics that cannot be */
export async function gradients(
  model: GradientModel,
  { prompt, metric, names, edits, basis, sae }: GradientQuestion,
  signal: AbortSignal,
): Promise<Gradients> {
  if (names.length === 0) throw new LabError("bad-input", "no hook point was named");
  const { ids } = readPrompt(model, prompt);
  const ready = await readyMetric(model, metric, { ids, basis, sae, signal });
  const wanted = [...new Set(names)];
  checkSlopes(edits, wanted, model.info.config);
  const direct = await resolveEdits(model, [ids], edits, { basis, signal });
  const raw = await rawEdits(model, direct, basis, patternLayers(model, wanted));
  const result = await model.differentiate({
    ids: [ids],
    gradients: wanted,
    values: ready.needs,
    edits: raw.edits,
    seed: ready.seed(1),
    signal,
  });
  const { value, factor } = ready.read(result, 0);
  const out: Gradients["gradients"] = [];
  for (const name of wanted) {
    const raw = result.gradients.get(name)!;
    const inBasis = basis === "raw" ? raw : await toTl(model, name, result.gradients);
    const data = factor === 1 ? inBasis.data : inBasis.data.map((v) => v * factor);
    out.push([name, { data, dims: inBasis.dims }]);
  }
  return { value, gradients: out };
}

/** Layers whose pattern is among the hook points. */
const patternLayers = ({ info }: GradientModel, names: readonly string[]): number[] =>
  names.flatMap((name) => {
    const { site, layer } = parseHook(name, info.config);
    return site === "attn.hook_pattern" ? [layer!] : [];
  });

async function toTl(
  model: GradientModel,
  name: string,
  all: ReadonlyMap<string, TensorData>,
): Promise<TensorData> {
  const { site } = parseHook(name, model.info.config);
  const { data, dims } = all.get(name)!;
  if (basisKind(site) !== "normalized") return { data, dims };
  return { data: gradientToTl(site, data, (await normParameters(model, name)).w), dims };
}
