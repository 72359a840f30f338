/** Stacks of single heads and neurons. Their weights are fetched from the worker, layer by layer, when they are needed. */
import { blockHook } from "../core/hooks.ts";
import {
  headResults,
  headsFirst,
  neuronResults,
  neuronsAlong,
  projected,
} from "../math/component-results.ts";
import { decomposedParts, joined, remainderOf, streamAt } from "../math/residual-stack.ts";
import { centred } from "../math/rows.ts";
import { LabError } from "../core/lab-error.ts";
import {
  applyNorm,
  positionsOf,
  product,
  refuseLarge,
  requireHooks,
  rowDims,
  scaleAt,
  stackOfHooks,
  taken,
} from "./cache-stack.ts";
import type {
  CacheReader,
  FullOptions,
  HeadOptions,
  NeuronOptions,
  ResidualStack,
} from "./cache-types.ts";

/** See `ActivationCache.stackHeadResults`; before its LayerNorm. */
export async function stackHeads(
  cache: CacheReader,
  layer: number,
  { pos, inclRemainder = false }: HeadOptions,
): Promise<ResidualStack> {
  const { n_head: H, n_embd: D, n_layer } = cache.context.config;
  const positions = positionsOf(cache, pos);
  const rows = rowDims(cache, positions);
  refuseLarge(layer * H, product(rows), D, 'take one position with "pos"');
  const perLayer: Float32Array[] = [];
  for (let l = 0; l < layer; l++) {
    const result = cache.get(blockHook(l, "attn.hook_result"));
    if (result) {
      perLayer.push(headsFirst(taken(cache, result, positions), H, D));
      continue;
    }
    const z = taken(cache, cache.need(blockHook(l, "attn.hook_z")), positions);
    const W_O = await cache.context.weight(`blocks.${l}.attn.W_O`);
    perLayer.push(headResults(z, W_O.data, H));
  }
  const heads = joined(perLayer);
  const labels = labelsOf(layer, "H", everyIndex(H));
  const stream = streamAt(layer, n_layer);
  return finished(cache, heads, labels, positions, {
    remainder: inclRemainder ? taken(cache, cache.need(stream), positions) : null,
  });
}

/** See `ActivationCache.stackNeuronResults`. */
export async function stackNeurons(
  cache: CacheReader,
  layer: number,
  options: NeuronOptions,
): Promise<ResidualStack> {
  const { n_embd: D, n_inner, n_layer } = cache.context.config;
  const { pos, inclRemainder = false, applyLn = false, mlpInput = false, projectOnto } = options;
  const neurons = options.neurons ?? everyIndex(n_inner);
  const positions = positionsOf(cache, pos);
  const rows = rowDims(cache, positions);
  const width = projectOnto ? 1 : D;
  refuseLarge(
    layer * neurons.length,
    product(rows),
    width,
    'choose a position with "pos", some "neurons", or a direction with "projectOnto"',
  );
  checkDirection(projectOnto, D);
  requireHooks(
    cache,
    Array.from({ length: layer }, (_, l) => blockHook(l, "mlp.hook_post")),
  );
  const direction = projectOnto && applyLn ? centred(projectOnto, D) : projectOnto;
  const perLayer: Float32Array[] = [];
  for (let l = 0; l < layer; l++) {
    const post = taken(cache, cache.need(blockHook(l, "mlp.hook_post")), positions);
    const { data: W_out } = await cache.context.weight(`blocks.${l}.mlp.W_out`);
    perLayer.push(
      direction
        ? neuronsAlong(post, W_out, direction, neurons)
        : neuronResults(post, W_out, D, neurons),
    );
  }
  const stream = inclRemainder
    ? taken(cache, cache.need(streamAt(layer, n_layer, mlpInput)), positions)
    : null;
  const stack = finished(
    cache,
    joined(perLayer),
    labelsOf(layer, "N", neurons),
    positions,
    { remainder: stream && direction ? projected(stream, direction) : stream },
    width === D,
  );
  if (!applyLn) return stack;
  return projectOnto
    ? scaledAlong(cache, stack, layer, mlpInput)
    : applyNorm(cache, stack, layer, { mlpInput });
}

/** See `ActivationCache.fullResidDecomposition`. */
export async function fullDecomposition(
  cache: CacheReader,
  layer: number,
  options: FullOptions,
): Promise<ResidualStack> {
  const { expandNeurons = true, applyLn = false, mlpInput = false, projectOnto } = options;
  const { n_embd: D } = cache.context.config;
  checkDirection(projectOnto, D);
  const position = options.pos === undefined ? {} : { pos: options.pos };
  const direction = projectOnto && applyLn ? centred(projectOnto, D) : projectOnto;
  const project = (stack: ResidualStack): ResidualStack =>
    direction
      ? { ...stack, data: projected(stack.data, direction), dims: stack.dims.slice(0, -1) }
      : stack;
  const stacks = [project(await stackHeads(cache, layer + (mlpInput ? 1 : 0), position))];
  if (expandNeurons) {
    const along = direction && { projectOnto: direction };
    stacks.push(await stackNeurons(cache, layer, { ...position, ...along }));
  } else {
    const parts = decomposedParts(layer, { mode: "mlp", inclEmbeds: false });
    stacks.push(project(stackOfHooks(cache, parts, position)));
  }
  stacks.push(project(stackOfHooks(cache, decomposedParts(0), position)));
  const bias = await accumulatedBias(cache, layer, mlpInput, expandNeurons);
  const first = stacks[0]!;
  const rows = product(rowDims(cache, first.positions));
  const biasRows = new Float32Array(rows * D);
  for (let r = 0; r < rows; r++) biasRows.set(bias, r * D);
  const biasStack: ResidualStack = {
    ...first,
    data: biasRows,
    dims: [1, ...rowDims(cache, first.positions), D],
    labels: ["bias"],
  };
  const whole = concatenated([...stacks, project(biasStack)]);
  if (!applyLn) return whole;
  return projectOnto
    ? scaledAlong(cache, whole, layer, mlpInput)
    : applyNorm(cache, whole, layer, { mlpInput });
}

/** Σ of b_O, and of b_out where neurons stand for the MLPs, up to a layer's input. [D] */
async function accumulatedBias(
  cache: CacheReader,
  layer: number,
  mlpInput: boolean,
  withMlps: boolean,
): Promise<Float64Array> {
  const sum = new Float64Array(cache.context.config.n_embd);
  const add = async (name: string) => {
    (await cache.context.weight(name)).data.forEach((b, d) => (sum[d]! += b));
  };
  for (let l = 0; l < layer + (mlpInput ? 1 : 0); l++) {
    await add(`blocks.${l}.attn.b_O`);
    if (withMlps && l < layer) await add(`blocks.${l}.mlp.b_out`);
  }
  return sum;
}

/** Divides a projected stack by the scale: along a centred direction, centring the components changes nothing more. */
function scaledAlong(
  cache: CacheReader,
  stack: ResidualStack,
  layer: number,
  mlpInput: boolean,
): ResidualStack {
  const { n_layer } = cache.context.config;
  const norm = layer === n_layer ? "ln_final" : `blocks.${layer}.ln${mlpInput ? 2 : 1}`;
  const scale = scaleAt(cache, norm, layer, mlpInput, stack.positions);
  return { ...stack, data: stack.data.map((x, i) => x / scale[i % scale.length]!), norm };
}

function finished(
  cache: CacheReader,
  data: Float32Array,
  labels: string[],
  positions: number[] | null,
  { remainder }: { remainder: Float32Array | null },
  withWidth = true,
): ResidualStack {
  const rows = rowDims(cache, positions);
  const all = remainder
    ? joined([...split(data, remainder.length), remainderOf(remainder, data)])
    : data;
  return {
    data: all,
    dims: [
      labels.length + (remainder ? 1 : 0),
      ...rows,
      ...(withWidth ? [cache.context.config.n_embd] : []),
    ],
    labels: remainder ? [...labels, "remainder"] : labels,
    basis: cache.basis,
    positions,
    norm: null,
    affine: false,
  };
}

/** Stacks of the same rows, one after another; their components may differ in number. */
function concatenated(stacks: readonly ResidualStack[]): ResidualStack {
  const data = new Float32Array(stacks.reduce((n, stack) => n + stack.data.length, 0));
  let at = 0;
  for (const stack of stacks) {
    data.set(stack.data, at);
    at += stack.data.length;
  }
  const labels = stacks.flatMap((stack) => stack.labels);
  return { ...stacks[0]!, data, dims: [labels.length, ...stacks[0]!.dims.slice(1)], labels };
}

const split = (data: Float32Array, size: number): Float32Array[] =>
  Array.from({ length: data.length / size }, (_, i) => data.subarray(i * size, (i + 1) * size));

const everyIndex = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

const labelsOf = (layers: number, letter: "H" | "N", indices: readonly number[]): string[] =>
  everyIndex(layers).flatMap((l) => indices.map((i) => `L${l}${letter}${i}`));

function checkDirection(direction: Float32Array | undefined, D: number): void {
  if (direction === undefined || direction.length === D) return;
  throw new LabError(
    "shape",
    `"projectOnto" takes a direction of ${D} numbers, got ${direction.length}`,
  );
}
