/** Gradients of a metric on a prompt, in either basis. */
import type { Basis } from "../core/basis.ts";
import type { Edit } from "../core/edits.ts";
import { parseHook } from "../core/hooks.ts";
import { LabError } from "../core/lab-error.ts";
import type { Gradients, Metric } from "../core/metric.ts";
import type { TensorData } from "../core/types.ts";
import { gradientToTl } from "../math/basis.ts";
import type { Sae } from "../math/feature-change.ts";
import type { LoadedModel } from "../model/loaded-model.ts";
import type { PromptInput } from "../rpc/procedure.ts";
import { differentiateEdited, normWeight } from "./differentiate-edited.ts";
import { readyMetric } from "./metric-seed.ts";
import { readPrompt } from "./read-prompt.ts";
import type { EditSources } from "./prepare-edits.ts";
import { prepareFor } from "./resolve-edits.ts";

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
  /** @default the SAEs of the shelf, the corpus of the app */
  sources?: EditSources;
}

/** One forward and one backward pass, and more through changes (`differentiate-edited.ts`). @throws LabError "bad-input" for names, edits, metrics that cannot be */
export async function gradients(
  model: GradientModel,
  { prompt, metric, names, edits, basis, sae, sources }: GradientQuestion,
  signal: AbortSignal,
): Promise<Gradients> {
  if (names.length === 0) throw new LabError("bad-input", "no hook point was named");
  const { ids } = readPrompt(model, prompt);
  const ready = await readyMetric(model, metric, { ids, basis, sae, signal });
  const wanted = [...new Set(names)];
  const result = await differentiateEdited(model, {
    ids: [ids],
    gradients: wanted,
    values: ready.needs,
    edits: await prepareFor(model, [ids], edits, { basis, signal, sources }),
    basis,
    seed: ready.seed(1),
    signal,
  });
  const { value, factor } = ready.read(result, 0);
  const out: Gradients["gradients"] = [];
  for (const name of wanted) {
    const inBasis = await gradientInBasis(model, name, result.gradients.get(name)!, basis);
    const data = factor === 1 ? inBasis.data : inBasis.data.map((v) => v * factor);
    out.push([name, { data, dims: inBasis.dims }]);
  }
  return { value, gradients: out };
}

/** A gradient with respect to a hook's raw value → with respect to its value in a basis. */
export async function gradientInBasis(
  model: GradientModel,
  name: string,
  { data, dims }: TensorData,
  basis: Basis,
): Promise<TensorData> {
  if (basis === "raw") return { data, dims };
  const { config } = model.info;
  const point = parseHook(name, config);
  const w = await normWeight(model, point);
  return { data: gradientToTl(point.site, data, w, config.n_embd), dims };
}
