/** What a neuron's input weights read off the token embeddings. Axis letters: V vocabulary, D d_model, m d_mlp. */
import type { Basis } from "../core/basis.ts";
import type { NeuronId } from "../core/neurons.ts";
import { centred } from "../math/rows.ts";
import type { LoadedModel } from "../model/loaded-model.ts";
import { readUnembedding } from "./direct-effects.ts";

/**
 * W_E[v] · W_in[:, n]: what the token embeddings alone would add to the neuron's input, LayerNorm's centring and scale, the
 * positions and every layer before left out. In the tl basis LayerNorm's weight is in W_in, centred over D.
 * @returns `reads` [V] and the bias b_in[n], in the basis
 */
export async function whatItReads(
  model: LoadedModel,
  { layer, neuron }: NeuronId,
  basis: Basis,
): Promise<{ reads: Float32Array; bias: number }> {
  const { n_embd: D, n_inner: m, vocab_size: V } = model.info.config;
  const [{ data: W_in }, { data: b_in }] = await Promise.all([
    model.weight(`h.${layer}.mlp.c_fc.weight`), // [D, m]
    model.weight(`h.${layer}.mlp.c_fc.bias`),
  ]);
  const own_D = Float32Array.from({ length: D }, (_, d) => W_in[d * m + neuron]!);
  let column_D: Float32Array = own_D;
  let bias = b_in[neuron]!;
  if (basis === "tl") {
    const [{ data: w }, { data: b }] = await Promise.all([
      model.weight(`h.${layer}.ln_2.weight`),
      model.weight(`h.${layer}.ln_2.bias`),
    ]);
    column_D = centred(
      own_D.map((x, d) => x * w[d]!),
      D,
    );
    bias += own_D.reduce((sum, x, d) => sum + x * b[d]!, 0);
  }
  const embedding_VD = await readEmbedding(model);
  const reads = new Float32Array(V);
  for (let v = 0; v < V; v++) {
    let sum = 0;
    for (let d = 0; d < D; d++) sum += embedding_VD[v * D + d]! * column_D[d]!;
    reads[v] = sum;
  }
  return { reads, bias };
}

/** W_E, [V, D]: mostly the output head itself, which is kept. */
async function readEmbedding(model: LoadedModel): Promise<Float32Array> {
  const untied = await model.weight("lm_head.weight").then(
    () => true,
    () => false,
  );
  return (untied ? await model.weight("wte.weight") : await readUnembedding(model)).data;
}
