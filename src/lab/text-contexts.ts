/** Text as contexts of token ids, each beginning with BOS: from the corpus, or from a file of the user's. */
import { breathe } from "../core/breathe.ts";
import type { TextSource } from "../core/direction.ts";
import type { TextRef } from "../core/kept-text.ts";
import { LabError } from "../core/lab-error.ts";
import { keyedRandom, permutation } from "../math/keyed-random.ts";
import type { LoadedModel } from "../model/loaded-model.ts";
import { contextSizeFor, type Corpus } from "./corpus.ts";
import { loadText } from "../storage/text-store.ts";
import { corpusOf } from "./model-corpus.ts";
import { readTextFile } from "./text-file.ts";

export interface TextContext {
  /** BOS first. */
  ids: Int32Array;
  /** Share of the source that has been read. */
  share: number;
}
export interface ContextReading {
  contexts: AsyncGenerator<TextContext, void>;
  warnings: () => string[];
}

type Model = Pick<LoadedModel, "info" | "tokenizer">;

export function readContexts(model: Model, source: TextSource): ContextReading {
  if (source.kind === "corpus") {
    return { contexts: corpusContexts(() => corpusOf(model)), warnings: () => [] };
  }
  return source.kind === "file"
    ? fileContexts(model, source.file)
    : keptContexts(model, source.text);
}

/** @throws LabError "not-found" if this browser keeps it no more */
function keptContexts(model: Model, { id, name }: TextRef): ContextReading {
  const contexts = async function* (): AsyncGenerator<TextContext, void> {
    const stored = await loadText(id);
    if (!stored) {
      throw new LabError(
        "not-found",
        `this browser does not keep the text “${name}” any more; choose another`,
      );
    }
    yield* fileContexts(model, stored.blob).contexts;
  };
  return { contexts: contexts(), warnings: () => [] }; // it was made plain UTF-8 when it was kept
}

/** All shards, in an order that is always the same and mixes the corpus: a search cut short has seen every kind of text. */
export async function* corpusContexts(
  open: () => Promise<Pick<Corpus, "shards" | "contextSize" | "contexts">>,
): AsyncGenerator<TextContext, void> {
  const { shards, contextSize: T, contexts } = await open();
  const order = permutation(shards, keyedRandom(0));
  for (const [n, shard] of order.entries()) {
    const ids = await contexts(shard);
    const count = ids.length / T;
    for (let c = 0; c < count; c++) {
      yield { ids: ids.subarray(c * T, (c + 1) * T), share: (n + (c + 1) / count) / shards };
    }
  }
}

/** In the file's order; the last context is as long as what is left. */
export function fileContexts({ info, tokenizer }: Model, file: Blob): ContextReading {
  const { bos_token_id, n_positions } = info.config;
  const body = contextSizeFor(n_positions) - 1;
  const reading = readTextFile(file);
  const contexts = async function* (): AsyncGenerator<TextContext, void> {
    let rest: number[] = [];
    for await (const { text, bytes } of reading.pieces) {
      const ids = [...rest, ...tokenizer.encode(text, false).ids];
      const whole = Math.floor(ids.length / body) * body;
      for (let at = 0; at < whole; at += body) {
        const context = Int32Array.from([bos_token_id, ...ids.slice(at, at + body)]);
        yield { ids: context, share: Math.min(1, bytes / file.size) };
      }
      rest = ids.slice(whole);
      await breathe();
    }
    if (rest.length > 0) yield { ids: Int32Array.from([bos_token_id, ...rest]), share: 1 };
  };
  return { contexts: contexts(), warnings: reading.warnings };
}
