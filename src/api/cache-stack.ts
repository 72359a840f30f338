/** Stacks of whole activations, and the LayerNorm that is applied to any stack. */
import { LabError } from "../core/lab-error.ts";
import type { TensorData } from "../core/types.ts";
import { affineRows, divideByScale, normScale } from "../math/layer-norm.ts";
import { atPositions, joined, type StackPart, streamAt } from "../math/residual-stack.ts";
import type { CacheReader, NormOptions, PositionOption, ResidualStack } from "./cache-types.ts";

/** The most that one stack may take, in numbers: 1 GiB of float32. */
const MAX_STACK = 2 ** 28;

/** @throws LabError "out-of-memory" saying what would make it smaller */
export function refuseLarge(components: number, rows: number, width: number, advice: string): void {
  const size = components * rows * width;
  if (size <= MAX_STACK) return;
  throw new LabError(
    "out-of-memory",
    `${components} components of ${rows} × ${width} numbers would take ${((size * 4) / 2 ** 30).toFixed(1)} GiB; ${advice}`,
  );
}

/**
 * undefined, null and -1 mean n_layer: the input of the unembedding.
 * @throws LabError "bad-input" for a layer that there is not, or the MLP of the unembedding
 */
export function layerOf(
  layer: number | null | undefined,
  nLayer: number,
  mlpInput = false,
): number {
  const at = layer === undefined || layer === null || layer === -1 ? nLayer : layer;
  if (!Number.isInteger(at) || at < 0 || at > nLayer) {
    throw new LabError(
      "bad-input",
      `layer ${at} is not among 0 … ${nLayer} (${nLayer}, or -1: the unembedding's input)`,
    );
  }
  if (mlpInput && at === nLayer) {
    throw new LabError(
      "bad-input",
      `"mlpInput" needs a layer below ${nLayer}: the unembedding has no MLP`,
    );
  }
  return at;
}

/** The position of each prompt; null for all. @throws LabError "bad-input" where a prompt has no such position */
export function positionsOf(cache: CacheReader, pos: number | undefined): number[] | null {
  if (pos === undefined) return null;
  return cache.lengths.map((length, row) => {
    const at = pos < 0 ? pos + length : pos;
    if (Number.isInteger(at) && at >= 0 && at < length) return at;
    const which = cache.lengths.length > 1 ? ` of prompt ${row}` : "";
    throw new LabError("bad-input", `position ${pos} is none of the ${length} tokens${which}`);
  });
}

/** Longest prompt of the run: the T of its tensors. */
export const longest = (cache: CacheReader): number => Math.max(...cache.lengths);

/** [B] or [B, T]: the axes of a stack between its components and d_model. */
export const rowDims = (cache: CacheReader, positions: readonly number[] | null): number[] =>
  positions ? [positions.length] : [cache.lengths.length, longest(cache)];

/** A tensor [B, T, …] at the positions that were asked for, as its numbers. */
export const taken = (
  cache: CacheReader,
  { data }: TensorData,
  positions: readonly number[] | null,
): Float32Array => (positions ? atPositions(data, longest(cache), positions) : data);

/** The activations of some hook points, one component each. @throws LabError "not-found" listing what was not kept */
export function stackOfHooks(
  cache: CacheReader,
  parts: readonly StackPart[],
  { pos }: PositionOption,
): ResidualStack {
  requireHooks(
    cache,
    parts.map(({ hook }) => hook),
  );
  const positions = positionsOf(cache, pos);
  const rows = rowDims(cache, positions);
  const { n_embd } = cache.context.config;
  return {
    data: joined(parts.map(({ hook }) => taken(cache, cache.need(hook), positions))),
    dims: [parts.length, ...rows, n_embd],
    labels: parts.map(({ label }) => label),
    basis: cache.basis,
    positions,
    norm: null,
    affine: false,
  };
}

/** @throws LabError "not-found" naming all that is missing, so that one more run is enough */
export function requireHooks(cache: CacheReader, hooks: readonly string[]): void {
  const missing = hooks.filter((hook) => !cache.has(hook));
  if (missing.length === 0) return;
  throw new LabError(
    "not-found",
    `the run did not keep ${missing.slice(0, 3).join(", ")}` +
      `${missing.length > 3 ? ` and ${missing.length - 3} more` : ""}; add them to "names", or leave it out to keep all`,
  );
}

/** See `ActivationCache.applyLnToStack`. */
export async function applyNorm(
  cache: CacheReader,
  stack: TensorData & Partial<ResidualStack>,
  layer: number,
  { mlpInput = false, recomputeLn = false, pos }: NormOptions = {},
): Promise<ResidualStack> {
  const { config } = cache.context;
  const { n_layer, n_embd: D, layer_norm_epsilon } = config;
  const whole = wholeStack(cache, stack, pos);
  const norm = layer === n_layer ? "ln_final" : `blocks.${layer}.ln${mlpInput ? 2 : 1}`;
  if (whole.norm !== null) {
    throw new LabError(
      "bad-input",
      `the stack was divided by the scale of ${whole.norm} already; make it without "applyLn"`,
    );
  }
  if (!recomputeLn) {
    const scale = scaleAt(cache, norm, layer, mlpInput, whole.positions);
    return { ...whole, data: divideByScale(whole.data, scale, D), norm };
  }
  const own = normScale(whole.data, D, layer_norm_epsilon);
  const normalized = divideByScale(whole.data, own, D);
  if (cache.basis === "tl") return { ...whole, data: normalized, norm };
  const name = layer === n_layer ? "ln_final" : norm;
  const [w, b] = await Promise.all(
    ["w", "b"].map(async (part) => (await cache.context.weight(`${name}.${part}`)).data),
  );
  return { ...whole, data: affineRows(normalized, w!, b!), norm, affine: true };
}

/** A stack with all that it should say of itself; one made by hand may be its numbers alone. */
export function wholeStack(
  cache: CacheReader,
  stack: TensorData & Partial<ResidualStack>,
  pos?: number,
): ResidualStack {
  const { n_embd: D } = cache.context.config;
  const positions = stack.positions ?? positionsOf(cache, pos);
  const [C = 0, ...rest] = stack.dims;
  const rows = rowDims(cache, positions);
  if (rest.join() !== [...rows, D].join() || stack.data.length !== C * product(rest)) {
    throw new LabError(
      "shape",
      `expected a stack of [components, ${[...rows, D].join(", ")}], got [${stack.dims.join(", ")}]` +
        (positions ? "" : '; a stack of one position needs "pos"'),
    );
  }
  if (stack.basis !== undefined && stack.basis !== cache.basis) {
    throw new LabError(
      "bad-input",
      `the stack is in basis "${stack.basis}", the cache in "${cache.basis}"`,
    );
  }
  const labels = stack.labels ?? Array.from({ length: C }, (_, c) => String(c));
  const { data, dims, norm = null, affine = false } = stack;
  return { data, dims, labels, basis: cache.basis, positions, norm, affine };
}

export const product = (sizes: readonly number[]): number => sizes.reduce((a, b) => a * b, 1);

/** The run's scale at a LayerNorm, [R]; from the stream itself where it was not kept. */
export function scaleAt(
  cache: CacheReader,
  norm: string,
  layer: number,
  mlpInput: boolean,
  positions: readonly number[] | null,
): Float32Array {
  const { config, edited } = cache.context;
  const hook = `${norm}.hook_scale`;
  const kept = cache.get(hook);
  if (kept) return taken(cache, kept, positions);
  const stream = streamAt(layer, config.n_layer, mlpInput);
  if (!cache.has(stream) || edited.has(hook)) {
    throw new LabError("not-found", `the run did not keep ${hook}; add it to "names"`);
  }
  const x = taken(cache, cache.need(stream), positions);
  return normScale(x, config.n_embd, config.layer_norm_epsilon);
}
