/** The user's texts as a corpus: pieces are read and tokenised when they are needed, and few of them are remembered. */
import { breathe } from "../core/breathe.ts";
import { heldOutPieces } from "../core/kept-text.ts";
import { LabError } from "../core/lab-error.ts";
import type { Tokenizer } from "../text/tokenizer.ts";
import { type Corpus, cutDocuments, documentsOf } from "./corpus.ts";
import { type IndexedText, pieceOf } from "./text-index.ts";

/** Pieces whose tokens are remembered. */
const KEPT = 16;

/**
 * Pieces that are trained on in the texts' order, then those that are held out: the end of each text.
 * @throws LabError "bad-file" if there is too little text to hold anything out
 */
export function createTextCorpus(
  texts: readonly Pick<IndexedText, "blob" | "ends">[],
  tokenizer: Pick<Tokenizer, "encode">,
  bosId: number,
  contextSize: number,
): Corpus {
  const held = heldOutPieces(texts.map(({ ends }) => ends.length));
  if (!held) {
    const bytes = texts.reduce((sum, { blob }) => sum + blob.size, 0);
    throw new LabError(
      "bad-file",
      `the text has ${bytes.toLocaleString("en-US")} bytes, too few to train on some and measure on the rest; add more`,
    );
  }
  const pieces = texts.flatMap((text, t) =>
    Array.from(text.ends, (_, piece) => ({
      ...{ text, piece },
      isHeld: piece >= text.ends.length - held[t]!,
    })),
  );
  const order = [...pieces.filter(({ isHeld }) => !isHeld), ...pieces.filter((p) => p.isHeld)];
  const known = new Map<number, Promise<Int32Array>>();
  const tokenise = async (shard: number) => {
    const { text, piece } = order[shard]!;
    const words = await pieceOf(text, piece);
    await breathe();
    return cutDocuments(documentsOf(words), tokenizer, bosId, contextSize);
  };
  return {
    contextSize,
    shards: order.length,
    heldOutFrom: pieces.filter(({ isHeld }) => !isHeld).length,
    contexts(shard) {
      const contexts = known.get(shard) ?? tokenise(shard);
      known.delete(shard);
      known.set(shard, contexts); // newest last
      contexts.catch(() => known.delete(shard));
      for (const old of known.keys()) {
        if (known.size <= KEPT) break;
        known.delete(old);
      }
      return contexts;
    },
  };
}
