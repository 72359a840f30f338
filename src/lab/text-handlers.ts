/** Worker methods for texts of the user's. */
import type { TokenEstimate } from "../core/kept-text.ts";
import { LabError } from "../core/lab-error.ts";
import type { LoadedModel } from "../model/loaded-model.ts";
import type { Handlers } from "../rpc/serve.ts";
import type { TextApi } from "../rpc/text-contract.ts";
import { deleteText, listTexts, saveText } from "../storage/text-store.ts";
import { bench } from "./bench.ts";
import { breathe } from "../core/breathe.ts";
import { type IndexedText, indexText, pieceOf } from "./text-index.ts";

/** Pieces whose tokens are counted; of a longer text these, evenly spread, stand for all. */
const COUNTED = 64;

export const textHandlers: Pick<Handlers, keyof TextApi> = {
  "text.list": async () => ({ value: await listTexts() }),

  "text.add": async ({ file }, { signal, progress }) => {
    // The console is not typed.
    if (!((file as unknown) instanceof Blob)) {
      throw new LabError("bad-input", "a text is added as a File");
    }
    const indexed = await indexText(file, { signal, onProgress: progress });
    const model = bench.current();
    const value = {
      id: indexed.id,
      name: file.name,
      bytes: indexed.blob.size,
      characters: indexed.characters,
      pieces: indexed.ends.length,
      tokens: model && (await countTokens(indexed, model, signal)),
      warnings: indexed.warnings,
      addedAt: new Date().toISOString(),
    };
    await saveText({ text: value, blob: indexed.blob, ends: indexed.ends });
    return { value };
  },

  "text.delete": async ({ id }) => {
    await deleteText(id);
    return { value: null };
  },
};

export async function countTokens(
  text: Pick<IndexedText, "blob" | "ends">,
  { tokenizer, info }: Pick<LoadedModel, "tokenizer" | "info">,
  signal: AbortSignal,
): Promise<TokenEstimate> {
  const pieces = text.ends.length;
  const counted = Math.min(COUNTED, pieces);
  let [tokens, bytes] = [0, 0];
  for (let i = 0; i < counted; i++) {
    if (signal.aborted) throw new LabError("cancelled", "cancelled");
    const piece = Math.floor((i * pieces) / counted);
    tokens += tokenizer.encode(await pieceOf(text, piece), false).ids.length;
    bytes += text.ends[piece]! - (text.ends[piece - 1] ?? 0);
    await breathe();
  }
  const exact = counted === pieces;
  const count = exact ? tokens : Math.round((tokens * text.blob.size) / bytes);
  return { count, exact, model: info.id };
}
