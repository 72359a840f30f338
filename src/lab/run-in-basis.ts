/**
 * A run told in one basis. The engine runs the checkpoint's own weights; values in TransformerLens's basis are computed from
 * that run, and edits in it are rewritten first.
 */
import type { Basis } from "../core/basis.ts";
import { type HookPoint, hookNames, parseHook } from "../core/hooks.ts";
import type { DirectEdit } from "../core/edits.ts";
import type { TensorData } from "../core/types.ts";
import { basisKind, logitsToTl, normalizedToTl, resultToTl, valueToTl } from "../math/basis.ts";
import { divideByScale, normScale } from "../math/layer-norm.ts";
import { streamAt } from "../math/residual-stack.ts";
import { centred } from "../math/rows.ts";
import type { LoadedModel, RunRequest } from "../model/loaded-model.ts";
import { layerBasis, normParameters, rawEdits } from "./basis-parameters.ts";

export type BasisModel = Pick<LoadedModel, "run" | "weight" | "info">;
export interface BasisRun {
  /** [B, T or 1, V]; null if none were asked for */
  logits: TensorData | null;
  cache: Map<string, TensorData>;
}

/** @throws LabError "bad-input" for names or edits that cannot be */
export async function runInBasis(
  model: BasisModel,
  basis: Basis,
  request: RunRequest,
): Promise<BasisRun> {
  if (basis === "raw") {
    const { logits, cache } = await model.run(request);
    return { logits, cache };
  }
  const { config } = model.info;
  const points = request.names.map((name) => parseHook(name, config));
  const raw = await rawEdits(model, request.edits, basis);
  const sources = points.flatMap((point) => sourcesOf(point, model));
  const names = [...new Set([...request.names, ...sources])];
  const result = await model.run({ ...request, names, edits: raw.edits });
  const cache = new Map<string, TensorData>();
  for (const point of points) {
    const value = await toTl(model, point, result.cache, request.edits, raw.biasFree);
    cache.set(point.name, value);
  }
  const logits = result.logits && {
    data: logitsToTl(result.logits.data, config.vocab_size),
    dims: result.logits.dims,
  };
  return { logits, cache };
}

/** The other hook points that a value in TransformerLens's basis is computed from. */
function sourcesOf(point: HookPoint, { info }: BasisModel): string[] {
  if (basisKind(point.site) !== "normalized") return [];
  const { stream, scale } = normSources(point, info.config.n_layer);
  return hookNames(info.config).includes(scale) ? [stream, scale] : [stream];
}

/** What a `hook_normalized` is computed from: the residual stream, and its scale. */
function normSources({ name, layer, site }: HookPoint, nLayer: number) {
  return {
    stream: streamAt(layer ?? nLayer, nLayer, site === "ln2.hook_normalized"),
    scale: name.replace("hook_normalized", "hook_scale"),
  };
}

async function toTl(
  model: BasisModel,
  point: HookPoint,
  raw: ReadonlyMap<string, TensorData>,
  edits: readonly DirectEdit[],
  biasFree: ReadonlySet<number>,
): Promise<TensorData> {
  const { n_embd: D, n_layer, layer_norm_epsilon } = model.info.config;
  const { name, site, layer } = point;
  const { data, dims } = raw.get(name)!;
  switch (basisKind(site)) {
    case "same":
      return { data, dims };
    case "centred":
      return { data: centred(data, D), dims };
    case "value": {
      if (site === "attn.hook_v" && biasFree.has(layer!)) return { data, dims };
      return { data: valueToTl(data, (await layerBasis(model, layer!)).valueBias), dims };
    }
    case "result":
      return { data: resultToTl(data, (await layerBasis(model, layer!)).resultBias, D), dims };
    case "normalized": {
      if (edits.some(({ hook }) => hook === name)) {
        const { w, b } = await normParameters(model, name);
        return { data: normalizedToTl(data, w, b, name), dims };
      }
      const { stream, scale } = normSources(point, n_layer);
      const x = raw.get(stream)!.data;
      const s = raw.get(scale)?.data ?? normScale(x, D, layer_norm_epsilon);
      return { data: divideByScale(x, s, D), dims };
    }
  }
}
