/** The corpus in a model's tokens, cut into contexts that fit the model: made once for each. */
import type { LoadedModel } from "../model/loaded-model.ts";
import { contextSizeFor, type Corpus, createCorpus, fetchCorpusText } from "./corpus.ts";

type Model = Pick<LoadedModel, "info" | "tokenizer">;
const corpora = new WeakMap<Model, Corpus>();

/** @throws LabError "network" */
export async function corpusOf(model: Model): Promise<Corpus> {
  const known = corpora.get(model);
  if (known) return known;
  const { n_positions, bos_token_id } = model.info.config;
  const text = await fetchCorpusText();
  const corpus = createCorpus(text, model.tokenizer, bos_token_id, contextSizeFor(n_positions));
  corpora.set(model, corpus);
  return corpus;
}
