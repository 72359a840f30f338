/**
 * Gradients with computed edits in force: the chain rule, from the last change to the first.
 *
 * A run takes what a change came to as numbers, x → x·m + a (`settle-changes.ts`), and its backward pass holds them fixed. For
 * a mean, a resampled value or a direction that is added that is all there is. Of a change that follows from the activation (a
 * projection, a feature clamped, an SAE spliced in) it lacks Jᵀg before it: g the whole gradient behind the change, J the slope
 * of what it came to (`SmoothChange.back`). That is where another backward pass begins, on a run that goes no further than
 * the hook and has the edits before it alone; what it finds is added. A change that reads another hook too, as a transcoder
 * does, sends its part there.
 *
 * So it takes one forward and one backward pass, and as far as each hook with such a change, if a gradient before it is asked
 * for, one more of both. Where the metric's own slope depends on the run, a forward pass as far as there comes before it.
 */
import type { Basis } from "../core/basis.ts";
import { type HookPoint, hookNames, parseHook } from "../core/hooks.ts";
import type { Gpt2Config, TensorData } from "../core/types.ts";
import { basisKind, gradientFromTl, gradientToTl } from "../math/basis.ts";
import { headResultBack } from "../math/head-result-back.ts";
import type { GradientRequest, GradientResult, LoadedModel } from "../model/loaded-model.ts";
import { normParameters, rawEdits } from "./basis-parameters.ts";
import { backThroughEdits, type HookGradient } from "./edits-back.ts";
import { hookReader } from "./hook-reader.ts";
import type { SeedByValue } from "./metric-seed.ts";
import { isChange, type SmoothEdit } from "./prepared-edit.ts";
import { directEdits, type Entry, settleEach } from "./settle-changes.ts";

type Model = Pick<LoadedModel, "run" | "differentiate" | "weight" | "info">;

export interface EditedGradientRequest extends Omit<GradientRequest, "edits" | "seed"> {
  seed: GradientRequest["seed"] | SeedByValue;
  signal: AbortSignal;
  /** In which the edits are told; gradients and values are told in the raw one. */
  basis: Basis;
  edits: readonly SmoothEdit[];
}

/** @throws LabError "degenerate" for a change of a hook_normalized in TransformerLens's basis whose weight is 0 somewhere */
export async function differentiateEdited(
  model: Model,
  { ids, gradients, values, edits, basis, seed, signal }: EditedGradientRequest,
): Promise<GradientResult> {
  const { config } = model.info;
  const read = hookReader(model, basis, signal);
  const entries = await settleEach(edits, { ids }, read, config);
  const order = hookNames(config);
  const placeOf = (name: string) => order.indexOf(parseHook(name, config).name);
  const first = Math.min(...gradients.map(placeOf));
  const stops = stopsOf(entries, order).filter((at) => at >= first);
  const names = [...new Set([...gradients, ...stops.map((at) => order[at]!)])];
  const patterns = patternLayers(gradients, config);
  const valuesAt = async (hooks: readonly string[]) => {
    const raw = await rawEdits(model, directEdits(entries, { ids }), basis);
    const request = { ids, names: [...hooks], edits: raw.edits, logits: "none" as const, signal };
    return (await model.run(request)).cache;
  };
  const differentiate = async (
    under: readonly Entry[],
    request: Pick<GradientRequest, "gradients" | "values" | "seed">,
  ) => {
    const told = directEdits(under, { ids });
    const raw = await rawEdits(model, told, basis, patterns);
    return model.differentiate({ ...request, ids, edits: raw.edits, signal });
  };

  const begin = "needs" in seed ? seed.of(await valuesAt(seed.needs)) : seed;
  const whole = await differentiate(entries, { gradients: names, values, seed: begin });
  const found = new Map(
    stops.length === 0 ? whole.gradients : [...whole.gradients].map(([name, x]) => [name, copy(x)]),
  );
  const arriving = new Map<string, Float32Array>();
  for (const at of stops) {
    const hook = order[at]!;
    const grad = found.get(hook)!;
    const point = parseHook(hook, config);
    const here = entries.filter((entry) => entry.at === at);
    const came = arriving.get(hook) ?? null;
    const { missing, toSources } = backThroughEdits({
      ...{ entries: here, ids, point, grad, arriving: came },
      ...(await basisBack(model, point, basis)),
    });
    if (came) addInto(grad.data, came);
    for (const [source, part] of toSources) addAt(arriving, source, part);
    if (missing.every((v) => v === 0)) continue;
    if (point.site === "attn.hook_result") {
      const W_O = (await model.weight(`h.${point.layer!}.attn.c_proj.weight`)).data;
      const toZ = headResultBack(missing, W_O, config.n_embd, config.n_head);
      addAt(arriving, hook.replace(/hook_result$/, "hook_z"), toZ);
      continue;
    }
    const before = names.filter((name) => placeOf(name) < at);
    if (before.length === 0) continue;
    const more = await differentiate(
      entries.filter((entry) => entry.at < at),
      { gradients: before, values: [], seed: { kind: "hook", hook, seed: missing } },
    );
    for (const [name, { data }] of more.gradients) addInto(found.get(name)!.data, data);
  }
  return { ...whole, gradients: new Map(gradients.map((name) => [name, found.get(name)!])) };
}

/** Hooks, by their places, at which a gradient is more than the run's own backward pass says; the last one first. */
function stopsOf(entries: readonly Entry<SmoothEdit>[], order: readonly string[]): number[] {
  const stops = entries.flatMap(({ edit, at }) => {
    if (!isChange(edit)) return [];
    const hook = order[at]!;
    const others = [edit.from ?? hook, hook.replace(/hook_result$/, "hook_z")];
    return [at, ...others.map((name) => order.indexOf(name))];
  });
  return [...new Set(stops)].sort((a, b) => b - a);
}

/** Layers whose pattern is among the hook points. */
function patternLayers(names: readonly string[], config: Gpt2Config): number[] {
  const points = names.map((name) => parseHook(name, config));
  return points.flatMap(({ site, layer }) => (site === "attn.hook_pattern" ? [layer!] : []));
}

/** How a gradient at a hook is told in the basis of the edits, and back again. */
async function basisBack(
  model: Model,
  point: HookPoint,
  basis: Basis,
): Promise<Pick<HookGradient, "toBasis" | "fromBasis">> {
  if (basis === "raw") return { toBasis: (grad) => grad, fromBasis: (grad) => grad };
  const { n_embd } = model.info.config;
  const w = await normWeight(model, point);
  return {
    // What is added in the stream reaches its raw value as it is, its mean too.
    toBasis: (grad) => (w ? gradientToTl(point.site, grad, w, n_embd) : grad),
    fromBasis: (grad) => gradientFromTl(point, grad, w, n_embd),
  };
}

/** Of the LayerNorm that a hook_normalized belongs to; null at any other hook. */
export const normWeight = async (
  model: Pick<LoadedModel, "weight" | "info">,
  { name, site }: HookPoint,
): Promise<Float32Array | null> =>
  basisKind(site) === "normalized" ? (await normParameters(model, name)).w : null;

const copy = ({ data, dims }: TensorData): TensorData => ({ data: data.slice(), dims });

function addInto(into: Float32Array, part: Float32Array): void {
  for (let i = 0; i < into.length; i++) into[i]! += part[i]!;
}

function addAt(sums: Map<string, Float32Array>, hook: string, part: Float32Array): void {
  const known = sums.get(hook);
  if (known) addInto(known, part);
  else sums.set(hook, part);
}
