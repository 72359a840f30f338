/**
 * Attribution patching: what each patch of a grid would add to the metric, estimated for all cells at once by
 * Σ (x_source − x_base) · ∂metric/∂x over what the cell replaces, x at its hook.
 *
 * gradient: ∂metric/∂x of the run that is patched; one backward pass, to the first order exact (Nanda 2023, "Attribution
 * patching"). integrated: its mean over runs whose token embeddings go from the corrupted prompt's to the clean one's, by the
 * midpoint rule (EAP-IG of Hanna, Pezzelle and Belinkov 2024, "Have faith in faithfulness", for nodes): it does not stop where
 * one of both runs is saturated.
 */
import { breathe } from "../core/breathe.ts";
import { LabError } from "../core/lab-error.ts";
import {
  patchGrid,
  type PatchPair,
  type PatchTarget,
  patchTarget,
  type PreviewProgress,
  type PreviewQuestion,
} from "../core/patching.ts";
import type { TensorData } from "../core/types.ts";
import type { LoadedModel } from "../model/loaded-model.ts";
import { metricTokens, placesOf } from "./patching.ts";
import { embeddingRows, rowGradients, type Slope } from "./row-gradients.ts";
import { checkPairs } from "./task-baseline.ts";

type Model = Pick<LoadedModel, "run" | "differentiate" | "info" | "tokenizer">;

const MOST_STEPS = 256;
const EMBED = "hook_embed";

/** @throws LabError "unsupported" for a rank, "degenerate" for the KL at the clean run, where its gradient is 0 */
export async function previewPatches(
  model: Model,
  question: PreviewQuestion,
  { signal, progress }: { signal: AbortSignal; progress: (told: PreviewProgress) => void },
): Promise<null> {
  const { pairs, metric, direction, sweep, method, steps } = question;
  const { config } = model.info;
  checkPairs(model, pairs);
  if (metric === "kl" && direction === "noise" && method === "gradient") {
    throw new LabError(
      "degenerate",
      "the KL to the clean run is least in the clean run itself, where its gradient is 0: integrate, or denoise",
    );
  }
  if (!Number.isInteger(steps) || steps < 1 || steps > MOST_STEPS) {
    throw new LabError("bad-input", `steps are 1 … ${MOST_STEPS}, not ${steps}`);
  }
  const places = placesOf(pairs);
  const { count } = patchGrid(sweep, config, places);
  const targets = Array.from({ length: count }, (_, cell) =>
    patchTarget(sweep, config, places, cell),
  );
  const hooks = [...new Set(targets.map(({ hook }) => hook))];
  for (const [index, pair] of pairs.entries()) {
    const tokens = await metricTokens(model, pair, metric, signal);
    const slope = { model, hooks, tokens, metric, signal };
    const [clean, corrupted] = await bothRuns(model, pair, [...hooks, EMBED], signal);
    const gradient =
      method === "gradient"
        ? await gradientOn(slope, direction === "denoise" ? pair.corrupted : pair.clean)
        : await gradientAlong(slope, pair.corrupted, corrupted(EMBED), clean(EMBED), steps);
    const sign = direction === "denoise" ? 1 : -1;
    const products = new Map(
      hooks.map((hook) => {
        const [a, b, g] = [clean(hook), corrupted(hook), gradient.get(hook)!];
        const data = Float64Array.from(g, (v, i) => sign * (a.data[i]! - b.data[i]!) * v);
        return [hook, { data, dims: a.dims }] as const;
      }),
    );
    const values = Float64Array.from(targets, (target) =>
      sumOver(products.get(target.hook)!, target, pair),
    );
    progress({ pair: index, values, done: index + 1, total: pairs.length });
    await breathe();
    signal.throwIfAborted();
  }
  return null;
}

/** Values of both prompts, without the batch axis, from one run. */
async function bothRuns(
  model: Model,
  { clean, corrupted }: PatchPair,
  names: readonly string[],
  signal: AbortSignal,
) {
  const ids = [clean, corrupted];
  const { cache } = await model.run({ ids, names, edits: [], logits: "none", signal });
  const row = (index: number) => (hook: string) => {
    const { data, dims } = cache.get(hook)!;
    const size = data.length / 2;
    return { data: data.subarray(index * size, (index + 1) * size), dims: dims.slice(1) };
  };
  return [row(0), row(1)] as const;
}

type Gradients = Map<string, ArrayLike<number> & Iterable<number>>;

async function gradientOn(slope: Slope, ids: readonly number[]): Promise<Gradients> {
  const { gradient } = await rowGradients(slope, [ids], []);
  return new Map(slope.hooks.map((hook) => [hook, gradient(hook).data]));
}

/** Mean over the midpoints of equal steps, of runs whose embeddings lie between both prompts'. */
async function gradientAlong(
  slope: Slope,
  prompt: readonly number[],
  from: TensorData,
  to: TensorData,
  steps: number,
): Promise<Gradients> {
  const sums = new Map<string, Float64Array>();
  for (const edits of embeddingRows(from, to, steps)) {
    const ids = edits.map(() => prompt);
    const { gradient } = await rowGradients(slope, ids, edits);
    for (const hook of slope.hooks) {
      const { data } = gradient(hook);
      const size = data.length / edits.length;
      const sum = sums.get(hook) ?? new Float64Array(size);
      sums.set(hook, sum);
      for (let i = 0; i < data.length; i++) sum[i % size]! += data[i]! / steps;
    }
    await breathe();
    slope.signal.throwIfAborted();
  }
  return sums;
}

/** Σ over what the target replaces: [T, d] or [T, m], [T, H, h], [H, T, S]. NaN where the pair lacks the place. */
function sumOver(
  { data, dims }: { data: Float64Array; dims: readonly number[] },
  { hook, head, neuron, place }: PatchTarget,
  { places }: PatchPair,
): number {
  const at = place === null ? null : places[place]!;
  if (at?.length === 0) return NaN;
  const isPattern = hook.endsWith("hook_pattern");
  const last = dims.at(-1)!;
  const T = dims[isPattern ? 1 : 0]!;
  let sum = 0;
  for (const pos of at ?? Array.from({ length: T }, (_, t) => t)) {
    if (neuron !== null) {
      sum += data[pos * last + neuron]!;
      continue;
    }
    const row = head === null ? pos : isPattern ? head * T + pos : pos * dims[1]! + head;
    for (let i = row * last; i < (row + 1) * last; i++) sum += data[i]!;
  }
  return sum;
}
