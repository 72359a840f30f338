/**
 * How a token is written so that all of it can be seen: · for a space, ↵ for a line break, ⇥ for a tab. A token that
 * holds part of a character (see `core/token-bytes.ts`) shows, beside its neighbours, the whole character and which
 * part it is, "語²⁄₃"; alone it shows its bytes, "‹AA›".
 */
import { decodeUtf8, escapedByte, utf8Length } from "../core/token-bytes.ts";

export interface TokenPart {
  text: string;
  /** A stand-in for something invisible, drawn fainter. */
  mark: boolean;
  /** A character that an earlier token began: left out where the tokens stand side by side. */
  again?: true;
}
export interface TokenLabel {
  parts: TokenPart[];
  /** The parts as one string, for axis labels and read-outs. */
  text: string;
  /** The same as it is read aloud. */
  name: string;
  /** What lies behind a part of a character, for a tooltip; null for plain text. */
  detail: string | null;
  special: boolean;
  /** Whether the next token goes on with the same character. */
  joinsNext: boolean;
}

const MARKS: Readonly<Record<string, string>> = {
  " ": "·",
  "\n": "↵",
  "\r": "␍",
  "\t": "⇥",
  "\u00a0": "⍽",
  "\u00ad": "‐",
  "\u200b": "∅",
  "\ufeff": "∅",
};

/** `<|endoftext|>` is the only special token of GPT-2. */
export const isSpecial = (token: string): boolean => /^<\|.+\|>$/.test(token);

/** What a token is made of: plain characters, its share of a character, bytes that make none. */
type Piece =
  | { kind: "text"; text: string }
  | { kind: "share"; char: string; part: number; of: number; bytes: number[] }
  | { kind: "bytes"; bytes: number[] };

const known = new WeakMap<readonly string[], readonly TokenLabel[]>();

/** The labels of tokens that follow one another. */
export function tokenLabels(tokens: readonly string[]): readonly TokenLabel[] {
  let labels = known.get(tokens);
  if (!labels) {
    labels = piecesOf(tokens).map((pieces, i, all) => labelOf(tokens[i]!, pieces, all[i + 1]));
    known.set(tokens, labels);
  }
  return labels;
}

/** The label of a token by itself. */
export const tokenLabel = (token: string): TokenLabel => tokenLabels([token])[0]!;
export const tokenText = (token: string): string => tokenLabel(token).text;

function piecesOf(tokens: readonly string[]): Piece[][] {
  const pieces: Piece[][] = tokens.map(() => []);
  const units = tokens.flatMap((token, i) =>
    Array.from(token, (char) => ({ char, byte: escapedByte(char), token: i })),
  );
  for (let at = 0; at < units.length;) {
    const { char, byte, token } = units[at]!;
    const own = pieces[token]!;
    const last = own.at(-1);
    const length = byte === null ? 1 : utf8Length(byte);
    const run = units.slice(at, at + length);
    const bytes = run.map((unit) => unit.byte);
    const whole =
      byte === null || bytes.includes(null) ? null : decodeUtf8(Uint8Array.from(bytes as number[]));
    if (byte === null) {
      if (last?.kind === "text") last.text += char;
      else own.push({ kind: "text", text: char });
    } else if (whole !== null && whole !== "") {
      const holders = [...new Set(run.map((unit) => unit.token))];
      holders.forEach((holder, part) => {
        const share = run.filter((unit) => unit.token === holder).map((unit) => unit.byte!);
        const of = holders.length;
        pieces[holder]!.push({ kind: "share", char: whole, part: part + 1, of, bytes: share });
      });
    } else if (last?.kind === "bytes") last.bytes.push(byte);
    else own.push({ kind: "bytes", bytes: [byte] });
    at += whole ? length : 1;
  }
  return pieces;
}

function labelOf(token: string, pieces: readonly Piece[], next: readonly Piece[] = []): TokenLabel {
  const special = isSpecial(token);
  const parts = special ? [{ text: specialText(token), mark: false }] : pieces.flatMap(partsOf);
  if (parts.length === 0) parts.push({ text: "∅", mark: true });
  const text = parts.map((part) => part.text).join("");
  const details = pieces.flatMap((piece) => (piece.kind === "text" ? [] : [wordsOf(piece)]));
  const first = next[0];
  return {
    ...{ parts, text, special },
    name: details.length === 0 ? text : pieces.map(wordsOf).join(", "),
    detail: details.length === 0 ? null : details.join(", "),
    joinsNext: first?.kind === "share" && first.part > 1,
  };
}

const specialText = (token: string) => (token === "<|endoftext|>" ? "BOS" : token);

function partsOf(piece: Piece): TokenPart[] {
  if (piece.kind === "bytes") return [{ text: `‹${hex(piece.bytes)}›`, mark: true }];
  if (piece.kind === "text") return marked(piece.text);
  const { char, part, of } = piece;
  const [shown] = marked(char);
  return [
    part === 1 ? shown! : { ...shown!, again: true },
    { text: `${RIGHT_TO_LEFT.test(char) ? TURN : ""}${SUPER[part]!}⁄${SUB[of]!}`, mark: true },
  ];
}

/** Text in runs of what is seen and what only has a mark. */
function marked(text: string): TokenPart[] {
  const parts: TokenPart[] = [];
  for (const char of text) {
    const mark = MARKS[char];
    const last = parts.at(-1);
    if (last?.mark === (mark !== undefined)) last.text += mark ?? char;
    else parts.push({ text: mark ?? char, mark: mark !== undefined });
  }
  return parts;
}

/** "part 2 of 3 of 語, byte AA" */
function wordsOf(piece: Piece): string {
  if (piece.kind === "text") {
    return marked(piece.text)
      .map(({ text }) => text)
      .join("");
  }
  const bytes = `${piece.bytes.length === 1 ? "byte" : "bytes"} ${hex(piece.bytes)}`;
  if (piece.kind === "bytes") return `${bytes}, no character alone`;
  return `part ${piece.part} of ${piece.of} of ${piece.char}, ${bytes}`;
}

/** After a letter of a script that runs leftwards, digits would come to stand before it. */
const RIGHT_TO_LEFT =
  /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;
const TURN = "\u200e"; // left-to-right mark: no width
const SUPER = "⁰¹²³⁴";
const SUB = "₀₁₂₃₄";
const hex = (bytes: readonly number[]): string =>
  bytes.map((byte) => byte.toString(16).toUpperCase().padStart(2, "0")).join(" ");
