/** Gradients of a metric on a prompt, in either basis. */
import type { Basis } from "../core/basis.ts";
import type { Edit } from "../core/edits.ts";
import { blockHook, parseHook } from "../core/hooks.ts";
import { LabError } from "../core/lab-error.ts";
import type { Gradients, Metric } from "../core/metric.ts";
import type { TensorData } from "../core/types.ts";
import { basisKind, gradientToTl, patternGradientToTl } from "../math/basis.ts";
import type { Sae } from "../math/feature-change.ts";
import type { LoadedModel } from "../model/loaded-model.ts";
import type { PromptInput } from "../rpc/contract.ts";
import { layerBasis, normParameters, rawEdits } from "./basis-parameters.ts";
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
  const ready = await readyMetric(model, metric, { ids, sae, signal });
  const wanted = [...new Set(names)];
  checkSlopes(edits, wanted, model.info.config);
  const direct = await resolveEdits(model, [ids], edits, { basis, signal });
  const helpers = basis === "tl" ? wanted.flatMap((name) => zOfPattern(model, name)) : [];
  const result = await model.differentiate({
    ids: [ids],
    gradients: [...new Set([...wanted, ...helpers])],
    values: ready.needs,
    edits: (await rawEdits(model, direct, basis)).edits,
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

/** The change of basis of a pattern's gradient needs that of z. */
function zOfPattern({ info }: GradientModel, name: string): string[] {
  const { site, layer } = parseHook(name, info.config);
  return site === "attn.hook_pattern" ? [blockHook(layer!, "attn.hook_z")] : [];
}

async function toTl(
  model: GradientModel,
  name: string,
  all: ReadonlyMap<string, TensorData>,
): Promise<TensorData> {
  const { site, layer } = parseHook(name, model.info.config);
  const { data, dims } = all.get(name)!;
  if (site === "attn.hook_pattern") {
    const { valueBias } = await layerBasis(model, layer!);
    const [, H, T] = dims as [number, number, number, number];
    const z = all.get(blockHook(layer!, "attn.hook_z"))!;
    return { data: patternGradientToTl(data, z.data, valueBias, H, T), dims };
  }
  if (basisKind(site) !== "normalized") return { data, dims };
  return { data: gradientToTl(site, data, (await normParameters(model, name)).w), dims };
}
