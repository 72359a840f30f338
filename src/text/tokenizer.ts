/**
 * Text ↔ token ids, with `@huggingface/tokenizers` over the model's own `tokenizer.json`.
 * GPT-2's vocabulary is of bytes, written as printable characters ("Ġ" for a space); a token may hold part of a
 * character: `core/token-bytes.ts` says how such a token is written as a string.
 */
import { Tokenizer as Engine } from "@huggingface/tokenizers";
import { LabError } from "../core/lab-error.ts";
import { textOfBytes } from "../core/token-bytes.ts";
import type { TokenizerFiles } from "../core/types.ts";
import { byteOf } from "./byte-alphabet.ts";

export interface Tokenizer {
  /** Any text, whatever its length. `<|endoftext|>` written in it is read as that token. */
  encode(text: string, prependBos: boolean): { ids: number[]; warnings: string[] };
  /** Each token as a string that keeps all of its bytes; `readable` makes plain text of it. */
  strings(ids: readonly number[]): string[];
  decode(ids: readonly number[]): string;
}

/**
 * @param vocabSize rows of the model's embedding; those without a token (some models pad) are shown as "[id]"
 * @throws LabError "bad-file" if the JSON is no tokenizer
 */
export function createTokenizer(files: TokenizerFiles, bosId: number, vocabSize = 0): Tokenizer {
  const { engine, byteLevel } = build(files);
  const added = engine.get_added_tokens_decoder();
  const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });

  /** A token's bytes, or its text where the vocabulary is not of bytes. */
  const piece = (id: number): Uint8Array | string => {
    const special = added.get(id);
    if (special) return special.content;
    const token = engine.id_to_token(id);
    if (token === undefined) {
      if (Number.isInteger(id) && id >= 0 && id < vocabSize) return `[${id}]`;
      throw new LabError("bad-input", `${id} is no token id of this model's vocabulary`);
    }
    if (!byteLevel) return engine.decode([id], { clean_up_tokenization_spaces: false });
    return Uint8Array.from(token, (char) => byteOf(char));
  };

  return {
    encode(text, prependBos) {
      const { clean, warnings } = withoutLoneSurrogates(text);
      const ids = prependBos ? [bosId] : [];
      if (clean === "") return { ids, warnings };
      const read = orBadFile(() => engine.encode(clean, { add_special_tokens: false }).ids);
      for (const id of read) ids.push(id);
      return { ids, warnings };
    },
    strings: (ids) =>
      ids.map((id) => {
        const p = piece(id);
        return typeof p === "string" ? p : textOfBytes(p);
      }),
    decode(ids) {
      const encoder = new TextEncoder();
      const parts = ids.map((id) => {
        const p = piece(id);
        return typeof p === "string" ? encoder.encode(p) : p;
      });
      const bytes = new Uint8Array(parts.reduce((n, part) => n + part.length, 0));
      let at = 0;
      for (const part of parts) {
        bytes.set(part, at);
        at += part.length;
      }
      return utf8.decode(bytes);
    },
  };
}

function build({ json, config }: TokenizerFiles): { engine: Engine; byteLevel: boolean } {
  return orBadFile(() => {
    const tokenizer = JSON.parse(json) as { decoder?: unknown };
    const settings = JSON.parse(config) as object;
    const byteLevel = JSON.stringify(tokenizer.decoder ?? null).includes('"ByteLevel"');
    return { engine: new Engine(tokenizer, settings), byteLevel };
  });
}

/** Some of what is wrong with a tokenizer.json shows only when the library reads a text with it. */
function orBadFile<T>(work: () => T): T {
  try {
    return work();
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new LabError("bad-file", `tokenizer.json cannot be read (${why.slice(0, 200)})`, {
      cause,
    });
  }
}

/** Half of a surrogate pair has no UTF-8 form; it is read as U+FFFD, as a decoder would, and said so. */
function withoutLoneSurrogates(text: string): { clean: string; warnings: string[] } {
  let count = 0;
  const clean = text.replace(/\p{Surrogate}/gu, () => {
    count++;
    return "\uFFFD";
  });
  if (count === 0) return { clean, warnings: [] };
  const what =
    count === 1 ? "half of a surrogate pair was" : `${count} halves of surrogate pairs were`;
  return { clean, warnings: [`${what} read as \uFFFD`] };
}
