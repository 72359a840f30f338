/** Text in a model's tokens, cut into contexts that fit the model. The lab's corpus is made once for each model. */
import type { TextRef } from "../core/kept-text.ts";
import { LabError } from "../core/lab-error.ts";
import type { LoadedModel } from "../model/loaded-model.ts";
import { contextSizeFor, type Corpus, createCorpus, fetchCorpusText } from "./corpus.ts";
import { loadText } from "../storage/text-store.ts";
import { createTextCorpus } from "./text-corpus.ts";

type Model = Pick<LoadedModel, "info" | "tokenizer">;
const corpora = new WeakMap<Model, Corpus>();

/**
 * The lab's corpus, or the user's texts.
 * @throws LabError "network"; "not-found" for a text that is kept no more; "bad-file" for too little text
 */
export function corpusFor(model: Model, texts: readonly TextRef[] = []): Promise<Corpus> {
  return texts.length === 0 ? corpusOf(model) : textCorpus(model, texts);
}

async function textCorpus(model: Model, texts: readonly TextRef[]): Promise<Corpus> {
  const stored = await Promise.all(texts.map(({ id }) => loadText(id)));
  const gone = texts.filter((_, i) => stored[i] === null).map(({ name }) => `“${name}”`);
  if (gone.length > 0) {
    throw new LabError(
      "not-found",
      `this browser does not keep the text ${gone.join(", ")} any more; add the same ${gone.length === 1 ? "file" : "files"} again in the Train lab, and then go on`,
    );
  }
  const { n_positions, bos_token_id } = model.info.config;
  const found = stored.filter((text) => text !== null);
  return createTextCorpus(found, model.tokenizer, bos_token_id, contextSizeFor(n_positions));
}

/** The lab's corpus. @throws LabError "network" */
export async function corpusOf(model: Model): Promise<Corpus> {
  const known = corpora.get(model);
  if (known) return known;
  const { n_positions, bos_token_id } = model.info.config;
  const text = await fetchCorpusText();
  const corpus = createCorpus(text, model.tokenizer, bos_token_id, contextSizeFor(n_positions));
  corpora.set(model, corpus);
  return corpus;
}
