/**
 * Tokens of GPT-2 are strings of bytes, and a token may hold only part of a character. So that such a token can travel
 * as a string and lose nothing, each byte that is not UTF-8 by itself is written as one lone surrogate, U+DC00 + byte
 * (byte F0 as U+DCF0): decoded text never holds those. Joining the tokens of a character gives the character back.
 * Source: Python's "surrogateescape", PEP 383.
 */
const BASE = 0xdc00;
const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const lenient = new TextDecoder("utf-8", { ignoreBOM: true });
const encoder = new TextEncoder();

/** Whether a text holds no such byte. */
export const isPlain = (text: string): boolean => !/\p{Surrogate}/u.test(text);

/** The byte that a character of a token's string stands for; null if it stands for itself. */
export function escapedByte(char: string): number | null {
  const byte = char.charCodeAt(0) - BASE;
  return char.length === 1 && byte >= 0x80 && byte <= 0xff ? byte : null;
}

/** How many bytes the UTF-8 form of a character has, by its first; 0 for a byte that begins none. */
export const utf8Length = (lead: number): number =>
  lead < 0x80 ? 1 : lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0;

/** The text of bytes if they are UTF-8; else null. */
export function decodeUtf8(bytes: Uint8Array): string | null {
  try {
    return strict.decode(bytes);
  } catch {
    return null;
  }
}

/** Any bytes as a string that keeps them all. */
export function textOfBytes(bytes: Uint8Array): string {
  const whole = decodeUtf8(bytes);
  if (whole !== null) return whole;
  let text = "";
  for (let at = 0; at < bytes.length;) {
    const length = utf8Length(bytes[at]!);
    const char = length === 0 ? null : decodeUtf8(bytes.subarray(at, at + length));
    text += char ?? String.fromCharCode(BASE + bytes[at]!);
    at += char === null ? 1 : length;
  }
  return text;
}

/** The inverse. */
export function bytesOfText(text: string): Uint8Array {
  const bytes: number[] = [];
  for (const char of text) {
    const byte = escapedByte(char);
    if (byte === null) bytes.push(...encoder.encode(char));
    else bytes.push(byte);
  }
  return Uint8Array.from(bytes);
}

/** Tokens one after another: characters that were spread over several are whole again. */
export const joinTokens = (tokens: readonly string[]): string => {
  const text = tokens.join("");
  return isPlain(text) ? text : textOfBytes(bytesOfText(text));
};

/** For eyes and for programs that want plain text: what is no character shows as U+FFFD, as decoders write it. */
export const readable = (text: string): string =>
  isPlain(text) ? text : lenient.decode(bytesOfText(text));
