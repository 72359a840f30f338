/**
 * A text file of the user's, read through once and made ready to be read from any place: its text in plain UTF-8, the byte
 * after each of its pieces, and a name made of what it says. A piece ends where tokens begin anew, so that pieces have the
 * tokens of the whole. Nothing of it is held in memory but the piece at hand.
 */
import { breathe } from "../core/breathe.ts";
import type { TextProgress } from "../core/kept-text.ts";
import { LabError } from "../core/lab-error.ts";
import { readTextFile } from "./text-file.ts";

export interface IndexedText {
  id: string;
  /** UTF-8 without a mark, line ends "\n". */
  blob: Blob;
  ends: Float64Array;
  characters: number;
  warnings: string[];
}
interface Indexing {
  signal: AbortSignal;
  onProgress: (progress: TextProgress) => void;
}

/** Characters of a piece: few enough that some of a short text can be held out, enough to fill contexts. */
const PIECE = { least: 1500, most: 16_000 };
const PIECES_OF_A_TEXT = 40;
/** More characters than this that are not UTF-8, and it is no text in it. */
const MOST_BROKEN = 0.1;
const PROGRESS_MS = 100;

/** @throws LabError "bad-file" if it is empty or no text, "cancelled" */
export async function indexText(
  file: Blob,
  { signal, onProgress }: Indexing,
): Promise<IndexedText> {
  const size = Math.floor(file.size / PIECES_OF_A_TEXT);
  const reading = readTextFile(file, Math.min(PIECE.most, Math.max(PIECE.least, size)));
  const utf8 = new TextEncoder();
  const ends: number[] = [];
  let blob = new Blob([], { type: "text/plain;charset=utf-8" });
  let parts: Uint8Array<ArrayBuffer>[] = [];
  let hash = new Uint8Array(0);
  let [bytes, characters, told] = [0, 0, 0];
  for await (const piece of reading.pieces) {
    if (signal.aborted) throw new LabError("cancelled", "cancelled");
    const encoded = utf8.encode(piece.text);
    bytes += encoded.length;
    characters += piece.text.length;
    ends.push(bytes);
    parts.push(encoded);
    // Blobs of some size: the browser puts them on the disk.
    if (parts.length === 64) {
      blob = new Blob([blob, ...parts], { type: blob.type });
      parts = [];
    }
    hash = await chained(hash, encoded);
    if (performance.now() - told > PROGRESS_MS) {
      told = performance.now();
      onProgress({ done: Math.min(piece.bytes, file.size), total: file.size });
      await breathe();
    }
  }
  if (reading.broken() > MOST_BROKEN * characters) {
    const percent = Math.round((100 * reading.broken()) / characters);
    throw new LabError(
      "bad-file",
      `this file is no text in UTF-8 or UTF-16: ${percent} % of it cannot be read so; if it is text, save it as UTF-8`,
    );
  }
  onProgress({ done: file.size, total: file.size });
  return {
    id: Array.from(hash.subarray(0, 16), (b) => b.toString(16).padStart(2, "0")).join(""),
    blob: new Blob([blob, ...parts], { type: blob.type }),
    ends: Float64Array.from(ends),
    characters,
    warnings: reading.warnings(),
  };
}

/** SHA-256 of what came before and of this: a digest of the whole that needs no more than a piece of it. */
async function chained(before: Uint8Array, bytes: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
  const both = new Uint8Array(before.length + bytes.length);
  both.set(before);
  both.set(bytes, before.length);
  return new Uint8Array(await crypto.subtle.digest("SHA-256", both));
}

/** A piece's text. @throws LabError "bad-file" if it cannot be read any more */
export async function pieceOf(
  { blob, ends }: Pick<IndexedText, "blob" | "ends">,
  piece: number,
): Promise<string> {
  try {
    return await blob.slice(ends[piece - 1] ?? 0, ends[piece]).text();
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new LabError("bad-file", `a kept text could not be read (${why}); add its file again`, {
      cause,
    });
  }
}
