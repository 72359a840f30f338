/** The user's own texts: read through once, then from any place; what is held out; how they are found again. */
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { heldOutPieces } from "../../src/core/kept-text.ts";
import { CorpusReader } from "../../src/lab/corpus-reader.ts";
import { createTextCorpus } from "../../src/lab/text-corpus.ts";
import { countTokens } from "../../src/lab/text-handlers.ts";
import { indexText, pieceOf } from "../../src/lab/text-index.ts";
import type { LoadedModel } from "../../src/model/loaded-model.ts";
import { createTokenizer } from "../../src/text/tokenizer.ts";
import { EMBEDDED } from "../model/node-engine.ts";

const file = (name: string) => readFileSync(new URL(name, EMBEDDED), "utf8");
const tokenizer = createTokenizer(
  { json: file("tokenizer.json"), config: file("tokenizer_config.json") },
  0,
);
const quiet = () => ({ signal: new AbortController().signal, onProgress: () => {} });
const index = (blob: Blob) => indexText(blob, quiet());
const wholeOf = async (text: { blob: Blob }) => text.blob.text();
const piecesOf = (text: { blob: Blob; ends: Float64Array }) =>
  Promise.all(Array.from(text.ends, (_, piece) => pieceOf(text, piece)));
/** `n` sentences that differ, with characters of one to four bytes. */
const prose = (n: number) =>
  Array.from(
    { length: n },
    (_, i) => `Sentence ${i}: the café sells ${"é".repeat(i % 3)} 😀 tea.`,
  ).join(" ");

describe("a text that is added", () => {
  it("has plain line ends and no mark, whatever it came with", async () => {
    const mark = Uint8Array.of(0xef, 0xbb, 0xbf);
    const [windows, plain] = await Promise.all([
      index(new Blob([mark, "one\r\ntwo\rthree\n"])),
      index(new Blob(["one\ntwo\nthree\n"])),
    ]);
    expect(await wholeOf(windows)).toBe("one\ntwo\nthree\n");
    expect(windows).toMatchObject({ characters: 14, warnings: [] });
    expect(windows.id).toBe(plain.id); // the same text
    expect(plain.id).toMatch(/^[0-9a-f]{32}$/);
  });

  it("has another name for another text", async () => {
    const [a, b] = await Promise.all([index(new Blob(["one two"])), index(new Blob(["one twp"]))]);
    expect(a.id).not.toBe(b.id);
  });

  it.each<[string, BlobPart[], RegExp]>([
    ["empty", [], /no text in this file/],
    ["of blanks", ["  \n\r\n \t"], /no text in this file/],
    ["binary", [Uint8Array.of(0x50, 0x4b, 3, 4, 0, 0, 8)], /no text: it has zero bytes/],
    [
      "binary without zeros",
      [new Uint8Array(900).map((_, i) => 128 + (i % 100))],
      /cannot be read so; if it is text, save it as UTF-8/,
    ],
  ])("is refused when it is %s", async (_, parts, message) => {
    await expect(index(new Blob(parts))).rejects.toMatchObject({
      code: "bad-file",
      message: expect.stringMatching(message) as string,
    });
  });

  it("with a few bytes that are not UTF-8 is kept, and says so", async () => {
    const text = await index(new Blob([prose(50), Uint8Array.of(0xff, 0xc3), prose(2)]));
    expect(text.warnings).toEqual([expect.stringMatching(/^2 characters of the file are \uFFFD/)]);
  });

  it("can be given up", async () => {
    const abort = new AbortController();
    abort.abort();
    const given = indexText(new Blob([prose(3000)]), {
      signal: abort.signal,
      onProgress: () => {},
    });
    await expect(given).rejects.toMatchObject({ code: "cancelled" });
  });

  it("whatever it says, is its pieces, each of whole characters, and has the tokens of its pieces", async () => {
    const word = fc.oneof(
      fc.string({ unit: "grapheme", minLength: 1, maxLength: 12 }),
      fc.constantFrom(
        " ",
        "\n",
        "\r\n",
        "\r",
        "the",
        "😀😀",
        "  ",
        "\t",
        "<|endoftext|>",
        "don't",
        "é",
      ),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(word, { minLength: 1, maxLength: 30 }),
        fc.integer({ min: 1, max: 120 }),
        async (words, times) => {
          const given = words.join("").repeat(times).replaceAll("\0", "");
          fc.pre(given.trim() !== "" && !given.startsWith("\uFEFF"));
          const text = await index(new Blob([given]));
          const clean = given.replace(/\r\n?/g, "\n");
          const pieces = await piecesOf(text);
          // A half of a surrogate pair cannot be said in UTF-8, and blanks at the very end may be left out.
          const whole = new TextDecoder().decode(new TextEncoder().encode(clean));
          expect(whole.startsWith(pieces.join(""))).toBe(true);
          expect(whole.slice(pieces.join("").length).trim()).toBe("");
          const decoder = new TextDecoder("utf-8", { fatal: true });
          let from = 0;
          for (const end of text.ends) {
            decoder.decode(await text.blob.slice(from, end).arrayBuffer());
            from = end;
          }
          expect(from).toBe(text.blob.size);
          const tokens = pieces.flatMap((piece) => tokenizer.encode(piece, false).ids);
          if (pieces.every((piece) => piece.length < 6000)) {
            expect(tokens).toEqual(tokenizer.encode(pieces.join(""), false).ids);
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it("tells how many tokens it has: exactly, or by pieces evenly spread", async () => {
    const model = { tokenizer, info: { id: "m" } } as unknown as LoadedModel;
    const { signal } = quiet();
    const short = await index(new Blob([prose(300)]));
    const exact = tokenizer.encode(prose(300), false).ids.length;
    expect(await countTokens(short, model, signal)).toEqual({
      count: exact,
      exact: true,
      model: "m",
    });
    const ends = Float64Array.from({ length: 130 }, (_, i) => 100 * (i + 1));
    const many = { blob: new Blob(["ab ".repeat(4334).slice(0, 13_000)]), ends };
    const told = await countTokens(many, model, signal);
    const true_ = tokenizer.encode(await many.blob.text(), false).ids.length;
    expect(told.exact).toBe(false);
    expect(Math.abs(told.count / true_ - 1)).toBeLessThan(0.05);
  });
});

describe("what is held out", () => {
  it.each<[number[], number[] | null]>([
    [[100], [5]],
    [[2], [1]],
    [[1], null],
    [[], null],
    [
      [1, 1],
      [0, 1],
    ],
    [
      [1, 40],
      [0, 2],
    ],
    [
      [10, 100, 1],
      [1, 5, 0],
    ],
  ])("of %j pieces are %j", (pieces, held) => expect(heldOutPieces(pieces)).toEqual(held));
});

describe("a corpus of one's own texts", () => {
  const T = 16;
  const BOS = 0;
  const corpusOf = async (...texts: string[]) =>
    createTextCorpus(
      await Promise.all(texts.map((text) => index(new Blob([text])))),
      tokenizer,
      BOS,
      T,
    );

  it("trains on no piece that is held out, and reads every piece of each text", async () => {
    const corpus = await corpusOf(prose(400), prose(900));
    const all = await Promise.all(
      Array.from({ length: corpus.shards }, (_, s) => corpus.contexts(s)),
    );
    expect(corpus.heldOutFrom).toBeLessThan(corpus.shards);
    expect(all.every((contexts) => contexts.length % T === 0 && contexts[0] === BOS)).toBe(true);
    const said = (from: number, to: number) =>
      all
        .slice(from, to)
        .map((ids) => tokenizer.decode([...ids].filter((id) => id !== BOS)))
        .join("");
    // Each text's end is held out: its last sentences, and no others.
    expect(said(corpus.heldOutFrom, corpus.shards)).toContain("Sentence 390");
    expect(said(corpus.heldOutFrom, corpus.shards)).not.toContain("Sentence 100:");
    expect(said(0, corpus.heldOutFrom)).not.toContain("Sentence 895");
  });

  it("is refused if it is too short to hold anything out", async () => {
    await expect(corpusOf("A line of text.")).rejects.toThrow(/has 15 bytes, too few/);
  });

  it("goes on from any place as if it had not stopped, its pieces forgotten meanwhile", async () => {
    const corpus = await corpusOf(prose(2500));
    const whole = new CorpusReader(corpus, 3);
    const read = await whole.next(400);
    const first = new CorpusReader(corpus, 3);
    await first.next(170);
    const again = new CorpusReader(await corpusOf(prose(2500)), 3, first.before(0));
    expect(await again.next(230)).toEqual(read.slice(170 * T));
  });

  it("has a text of several documents as documents, with BOS between them", async () => {
    const corpus = await corpusOf(`${prose(60)}\n<|endoftext|>\nAnother one. ${prose(60)}`);
    const ids = await Promise.all(
      Array.from({ length: corpus.shards }, (_, s) => corpus.contexts(s)),
    );
    const within = ids.flatMap((contexts) =>
      [...contexts].filter((id, i) => id === BOS && i % T > 0),
    );
    expect(within).toHaveLength(1);
  });
});
