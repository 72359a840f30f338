/** Copying and matching scores of every head, from the eigenvalues of its circuits between tokens. */
import type { Basis } from "../core/basis.ts";
import type { CircuitSpectra, StudyShare, VocabularySpectra } from "../core/weights.ts";
import { eigenvalues } from "../math/eigenvalues.ts";
import { type FactoredCircuit, headFactors, ovCircuit, qkCircuit } from "../math/head-factors.ts";
import {
  eigenvalueScore,
  productsInBasis,
  throughVocabulary,
  type VocabularyProducts,
  vocabularyProducts,
} from "../math/vocabulary-products.ts";
import type { LoadedModel } from "../model/loaded-model.ts";
import type { Context } from "../rpc/serve.ts";
import { readAttention } from "./attention-weights.ts";
import { readEmbedding, readUnembedding } from "./direct-effects.ts";
import { inSlices } from "./in-slices.ts";

/** The sums over the vocabulary serve both bases, and are the dear part: kept for the model. */
const kept = new WeakMap<LoadedModel, VocabularyProducts>();

async function readVocabularyProducts(
  model: LoadedModel,
  { signal, progress }: Context<StudyShare>,
): Promise<VocabularyProducts> {
  const known = kept.get(model);
  if (known) return known;
  const { data: E } = await readEmbedding(model);
  const { data: U } = await readUnembedding(model);
  const { n_embd, vocab_size } = model.info.config;
  const stage = "Summing over the vocabulary";
  const made = await inSlices(vocabularyProducts(E, U, n_embd), signal, (done) =>
    progress({ stage, share: done / vocab_size }),
  );
  kept.set(model, made);
  return made;
}

export async function vocabularySpectra(
  model: LoadedModel,
  basis: Basis,
  context: Context<StudyShare>,
): Promise<VocabularySpectra> {
  const { n_layer: layers, n_head: heads, n_embd: D } = model.info.config;
  const h = D / heads;
  const sums = await readVocabularyProducts(model, context);
  const w = (await model.weight("ln_f.weight")).data;
  const { UE, EE } = productsInBasis(sums, w, basis);
  const empty = (): CircuitSpectra => ({
    scores: [],
    re: new Float64Array(layers * D),
    im: new Float64Array(layers * D),
  });
  const found = { ov: empty(), qk: empty() };
  const add = (to: CircuitSpectra, circuit: FactoredCircuit, M: Float64Array) => {
    const values = eigenvalues(throughVocabulary(circuit, M), h);
    to.re.set(values.re, to.scores.length * h);
    to.im.set(values.im, to.scores.length * h);
    to.scores.push(eigenvalueScore(values));
  };
  function* eachHead(weights: Awaited<ReturnType<typeof readAttention>>) {
    for (let head = 0; head < heads; head++) {
      const factors = headFactors(weights, head, D, h);
      add(found.ov, ovCircuit(factors), UE);
      yield;
      add(found.qk, qkCircuit(factors), EE);
      yield;
    }
  }
  for (let layer = 0; layer < layers; layer++) {
    const weights = await readAttention(model, layer, basis);
    await inSlices(eachHead(weights), context.signal, () =>
      context.progress({
        stage: "Eigenvalues of the heads",
        share: found.qk.scores.length / (layers * heads),
      }),
    );
  }
  return { basis, layers, heads, dHead: h, ...found };
}
