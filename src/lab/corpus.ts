/**
 * The corpus that SAEs are trained and measured on: documents cut into contexts of T tokens, each beginning with BOS.
 * Neighbouring documents are joined with BOS between them, and cut, as SAELens does with "concat and batch". Texts are
 * tokenised in shards of some kilobytes when they are first needed, so that nothing waits for all of them.
 * The last documents are held out: metrics are measured on text that was not trained on.
 */
import { breathe } from "../core/breathe.ts";
import { appUrl } from "../core/app-url.ts";
import { HELD_OUT } from "../core/kept-text.ts";
import { LabError } from "../core/lab-error.ts";
import type { Tokenizer } from "../text/tokenizer.ts";

/** Characters of a shard; some thousand tokens. */
const SHARD = 16_000;
const SEPARATOR = "<|endoftext|>";
const MAX_CONTEXT = 128;

export interface Corpus {
  /** T */
  readonly contextSize: number;
  /** Number of shards; those from `heldOutFrom` on are held out. */
  readonly shards: number;
  readonly heldOutFrom: number;
  /** The contexts of a shard, [n, T]. */
  contexts(shard: number): Promise<Int32Array>;
}

export const contextSizeFor = (nPositions: number): number => Math.min(MAX_CONTEXT, nPositions);

/** @throws LabError "bad-file" if the text is too short to hold a context for training and one held out */
export function createCorpus(
  text: string,
  tokenizer: Pick<Tokenizer, "encode">,
  bosId: number,
  contextSize: number,
): Corpus {
  const shards = toShards(text);
  const heldOutFrom = Math.min(shards.length - 1, Math.round(shards.length * (1 - HELD_OUT)));
  if (heldOutFrom < 1) {
    throw new LabError("bad-file", `the corpus has ${text.length} characters, too few to train on`);
  }
  const known = new Map<number, Promise<Int32Array>>();
  const tokenise = async (shard: number) => {
    await breathe();
    return cutDocuments(shards[shard]!, tokenizer, bosId, contextSize);
  };
  return {
    contextSize,
    shards: shards.length,
    heldOutFrom,
    contexts(shard) {
      const contexts = known.get(shard) ?? tokenise(shard);
      known.set(shard, contexts);
      return contexts;
    },
  };
}

/** Documents → groups of some `SHARD` characters; a longer document is a group of its own. */
function toShards(text: string): string[][] {
  const shards: string[][] = [];
  let characters = Infinity;
  for (const document of text.split(SEPARATOR)) {
    const clean = document.trim();
    if (clean === "") continue;
    if (characters >= SHARD) {
      shards.push([]);
      characters = 0;
    }
    shards.at(-1)!.push(clean);
    characters += clean.length;
  }
  return shards;
}

/** The documents of a piece of text; where it begins or ends within one, its edge is left as it is. */
export function documentsOf(text: string): string[] {
  const parts = text.split(SEPARATOR);
  const last = parts.length - 1;
  const clean = parts.map((part, i) => {
    const from = i === 0 ? part : part.trimStart();
    return i === last ? from : from.trimEnd();
  });
  return clean.filter((part) => part.trim() !== "");
}

/** What is left at the end of a shard and does not fill a context is dropped. @returns [n, T] */
export function cutDocuments(
  documents: readonly string[],
  tokenizer: Pick<Tokenizer, "encode">,
  bosId: number,
  contextSize: number,
): Int32Array {
  // Every document begins with BOS; the first one's is the first context's.
  const stream = documents.flatMap((document) => tokenizer.encode(document, true).ids).slice(1);
  const body = contextSize - 1;
  const count = Math.floor(stream.length / body);
  const contexts = new Int32Array(count * contextSize);
  for (let i = 0; i < count; i++) {
    contexts[i * contextSize] = bosId;
    contexts.set(stream.slice(i * body, (i + 1) * body), i * contextSize + 1);
  }
  return contexts;
}

/** Evenly from all of the held-out shards: the first contexts of each. Fewer, if there are not so many. */
export async function heldOutContexts(corpus: Corpus, wanted: number): Promise<number[][]> {
  const T = corpus.contextSize;
  const perShard = Math.ceil(wanted / (corpus.shards - corpus.heldOutFrom));
  const found: number[][] = [];
  for (let shard = corpus.heldOutFrom; shard < corpus.shards; shard++) {
    const all = await corpus.contexts(shard);
    for (let c = 0; c < perShard && (c + 1) * T <= all.length; c++) {
      found.push([...all.subarray(c * T, (c + 1) * T)]);
    }
  }
  return found.slice(0, wanted);
}

let text: Promise<string> | null = null;

/** The corpus that ships with the app. @throws LabError "network" */
export function fetchCorpusText(): Promise<string> {
  text ??= fetchText(appUrl("corpus/lab-corpus.txt")).catch((e: unknown) => {
    text = null; // the next call tries again
    throw e;
  });
  return text;
}

async function fetchText(url: string): Promise<string> {
  try {
    const response = await fetch(url);
    if (response.ok) return await response.text();
    throw new Error(`HTTP ${response.status}`);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new LabError("network", `the corpus could not be fetched (${why}); reload the page`, {
      cause,
    });
  }
}
