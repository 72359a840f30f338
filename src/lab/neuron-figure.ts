/** Worker methods of the figures of a prompt's neurons. */
import { blockHook } from "../core/hooks.ts";
import type { NeuronId } from "../core/neurons.ts";
import type { Basis } from "../core/basis.ts";
import { rowNorms } from "../math/norms.ts";
import { centred } from "../math/rows.ts";
import { topNeurons } from "../math/top-neurons.ts";
import type { LoadedModel } from "../model/loaded-model.ts";
import type { Handlers } from "../rpc/serve.ts";
import { bench } from "./bench.ts";
import { checkIndex } from "./direction-reader.ts";
import { runForFigure } from "./figure-run.ts";

const hookOf = (layer: number) => blockHook(layer, "mlp.hook_post");

export const neuronHandlers: Pick<Handlers, "figure.neurons" | "figure.neuronValues"> = {
  "figure.neurons": async (input, { signal }) => {
    const model = bench.require();
    const { n_layer } = model.info.config;
    const { measure, layer: only, n, basis } = input;
    if (only !== null) checkIndex("layer", only, n_layer);
    const layers = only === null ? [...Array(n_layer).keys()] : [only];
    const run = await runForFigure(input, layers.map(hookOf), "none", signal);
    const given = [];
    for (const layer of layers) {
      const writeNorm_m = measure === "write" ? await writeNorms(model, layer, basis) : null;
      given.push({ layer, post_Tm: run.at(hookOf(layer)).data, writeNorm_m });
    }
    const value = { tokens: run.tokens, ...topNeurons(given, run.tokens.ids.length, measure, n) };
    return { value };
  },

  "figure.neuronValues": async (input, { signal }) => {
    const { n_layer, n_inner: m } = bench.require().info.config;
    const { neurons } = input;
    for (const { layer, neuron } of neurons) {
      checkIndex("layer", layer, n_layer);
      checkIndex("neuron", neuron, m);
    }
    const hooks = [...new Set(neurons.map(({ layer }) => hookOf(layer)))];
    const run = await runForFigure(input, hooks, "none", signal);
    const T = run.tokens.ids.length;
    const data = new Float32Array(neurons.length * T);
    neurons.forEach(({ layer, neuron }, row) => {
      const post = run.at(hookOf(layer)).data;
      for (let t = 0; t < T; t++) data[row * T + t] = post[t * m + neuron]!;
    });
    const activations = { data, dims: [neurons.length, T] };
    return { value: { tokens: run.tokens, neurons, activations } };
  },
};

const kept = new WeakMap<LoadedModel, Map<string, Float32Array>>();

/** ‖W_out[n]‖₂ of a layer's neurons, [m], in the basis: kept for the model, since the matrix is large. */
export async function writeNorms(
  model: LoadedModel,
  layer: number,
  basis: Basis,
): Promise<Float32Array> {
  const memory = kept.get(model) ?? new Map<string, Float32Array>();
  kept.set(model, memory);
  const key = `${basis} ${layer}`;
  const known = memory.get(key);
  if (known) return known;
  const D = model.info.config.n_embd;
  const { data } = await model.weight(`h.${layer}.mlp.c_proj.weight`);
  const norms = rowNorms(basis === "tl" ? centred(data, D) : data, D);
  memory.set(key, norms);
  return norms;
}

/** The direction that a neuron writes in, W_out[n], [D]. @throws LabError "not-found" if there is no such neuron */
export async function writeDirection(
  model: LoadedModel,
  { layer, neuron }: NeuronId,
): Promise<Float32Array> {
  const { n_layer, n_inner, n_embd: D } = model.info.config;
  checkIndex("layer", layer, n_layer);
  checkIndex("neuron", neuron, n_inner);
  const { data } = await model.weight(`h.${layer}.mlp.c_proj.weight`);
  return data.slice(neuron * D, (neuron + 1) * D);
}
