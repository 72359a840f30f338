/**
 * A text file of the user's, read piece by piece, so that many megabytes are never in memory at once. UTF-8, or UTF-16 where a
 * byte order mark says so. Line ends are made "\n". It never leaves the worker.
 */
import { LabError } from "../core/lab-error.ts";

/** Characters of a piece: some thousand tokens. */
const PIECE = 16_000;
/** Without a place to cut, a piece is cut anywhere when it is so many times as long. */
const PATIENCE = 8;

export interface TextPiece {
  text: string;
  /** Bytes of the file read by now. */
  bytes: number;
}

export interface TextReading {
  pieces: AsyncGenerator<TextPiece, void>;
  /** What was done to the text so far ("3 characters are �, …"). */
  warnings: () => string[];
  /** How many characters of it so far are �. */
  broken: () => number;
}

/**
 * @param size characters of a piece
 * @throws LabError "bad-file", from `pieces`, if the file is empty, cannot be read, or is no text
 */
export function readTextFile(file: Blob, size = PIECE): TextReading {
  let broken = 0;
  const pieces = async function* (): AsyncGenerator<TextPiece, void> {
    let rest = "";
    let any = false;
    for await (const { text, bytes } of decoded(file)) {
      for (const char of text) if (char === "\uFFFD") broken += 1;
      rest += text;
      for (;;) {
        const cut = cutOf(rest, size);
        if (cut === null) break;
        yield { text: rest.slice(0, cut), bytes };
        rest = rest.slice(cut);
        any = true;
      }
    }
    if (rest.trim() !== "") yield { text: rest, bytes: file.size };
    else if (!any) throw new LabError("bad-file", "there is no text in this file");
  };
  return {
    pieces: pieces(),
    broken: () => broken,
    warnings: () =>
      broken === 0
        ? []
        : [
            `${broken.toLocaleString("en-US")} characters of the file are \uFFFD: bytes that are not UTF-8 are read so`,
          ],
  };
}

/** The text in the stream's own pieces, line ends made "\n". */
async function* decoded(file: Blob): AsyncGenerator<TextPiece, void> {
  let decoder: TextDecoder | null = null;
  let bytes = 0;
  let held = new Uint8Array(0); // the first bytes, until they are enough to know the encoding by
  let carriage = ""; // a "\r" at the end: whether "\n" follows is not known yet
  const clean = (text: string, last: boolean): string => {
    const whole = carriage + text;
    carriage = !last && whole.endsWith("\r") ? "\r" : "";
    const now = carriage === "" ? whole : whole.slice(0, -1);
    if (now.includes("\0")) {
      throw new LabError("bad-file", "this file is no text: it has zero bytes in it");
    }
    return now.replace(/\r\n?/g, "\n");
  };
  for await (const chunk of chunksOf(file)) {
    bytes += chunk.length;
    held = joined(held, chunk);
    if (decoder === null && held.length < 3 && bytes < file.size) continue;
    decoder ??= new TextDecoder(encodingOf(held)); // takes the mark away
    const text = clean(decoder.decode(held, { stream: true }), false);
    held = new Uint8Array(0);
    if (text !== "") yield { text, bytes };
  }
  const end = clean(decoder?.decode() ?? "", true);
  if (end !== "") yield { text: end, bytes };
}

/** @throws LabError "bad-file" if the file is gone or locked */
async function* chunksOf(file: Blob): AsyncGenerator<Uint8Array, void> {
  const reader = file.stream().getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } catch (cause) {
    if (cause instanceof LabError) throw cause;
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new LabError("bad-file", `the file could not be read (${why})`, { cause });
  } finally {
    await reader.cancel().catch(() => undefined); // given up half-way, or at its end already
  }
}

function encodingOf(start: Uint8Array): string {
  if (start[0] === 0xff && start[1] === 0xfe) return "utf-16le";
  if (start[0] === 0xfe && start[1] === 0xff) return "utf-16be";
  return "utf-8";
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}

/**
 * Where to end a piece; null to wait for more text. Before a single space or line end between two visible characters, where
 * GPT-2's tokens begin anew whatever was before: cut there, a text has the same tokens as whole.
 */
function cutOf(text: string, size: number): number | null {
  if (text.length <= size) return null;
  const place = /(?<=\S)[ \n](?=\S)/g;
  place.lastIndex = size;
  const found = place.exec(text);
  if (found) return found.index;
  if (text.length < PATIENCE * size) return null;
  const splitsPair = /[\uD800-\uDBFF]/.test(text[size - 1]!);
  return splitsPair ? size + 1 : size;
}
