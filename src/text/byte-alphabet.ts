/**
 * GPT-2's alphabet for bytes: each of the 256 bytes has one printable character, so that a vocabulary of byte strings
 * can be written as JSON. Printable Latin-1 stands for itself; the other 68 bytes, in order, take U+0100, U+0101, …
 * Source: `bytes_to_unicode` in github.com/openai/gpt-2, src/encoder.py.
 */
import { LabError } from "../core/lab-error.ts";

const standsForItself = (byte: number): boolean =>
  (byte >= 0x21 && byte <= 0x7e) ||
  (byte >= 0xa1 && byte <= 0xac) ||
  (byte >= 0xae && byte <= 0xff);

const bytes = new Map<string, number>();
let next = 0x100;
for (let byte = 0; byte < 256; byte++) {
  bytes.set(String.fromCharCode(standsForItself(byte) ? byte : next++), byte);
}

/** The byte that a character of the alphabet stands for. @throws LabError "bad-file" for any other character */
export function byteOf(char: string): number {
  const byte = bytes.get(char);
  if (byte === undefined) {
    throw new LabError(
      "bad-file",
      `the vocabulary holds "${char}", which stands for no byte: the tokenizer is not GPT-2's kind`,
    );
  }
  return byte;
}
