/** A text file of the user's: encodings, line ends, pieces, and the tokens they make. */
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isPlain } from "../../src/core/token-bytes.ts";
import { fileContexts } from "../../src/lab/text-contexts.ts";
import { readTextFile } from "../../src/lab/text-file.ts";
import type { LoadedModel } from "../../src/model/loaded-model.ts";
import { createTokenizer } from "../../src/text/tokenizer.ts";
import { EMBEDDED } from "../model/node-engine.ts";

const file = (name: string) => readFileSync(new URL(name, EMBEDDED), "utf8");
const tokenizer = createTokenizer(
  { json: file("tokenizer.json"), config: file("tokenizer_config.json") },
  0,
);

async function read(blob: Blob) {
  const { pieces, warnings } = readTextFile(blob);
  const all: string[] = [];
  let last = 0;
  for await (const { text, bytes } of pieces) {
    all.push(text);
    expect(bytes).toBeGreaterThanOrEqual(last);
    last = bytes;
  }
  return { text: all.join(""), pieces: all, warnings: warnings() };
}
const textOf = async (...parts: (string | Uint8Array<ArrayBuffer>)[]) =>
  (await read(new Blob(parts))).text;

describe("a text file", () => {
  it("with a byte order mark, in UTF-8 or UTF-16", async () => {
    expect(await textOf(Uint8Array.of(0xef, 0xbb, 0xbf), "Grüße")).toBe("Grüße");
    const utf16 = new Uint16Array([0xfeff, 0x61, 0x20ac, 0xd83d, 0xde00]);
    const little = new Uint8Array(utf16.buffer);
    expect(await textOf(little)).toBe("a€😀");
    const big = little.map((_, i) => little[i ^ 1]!);
    expect(await textOf(big)).toBe("a€😀");
  });
  it("of Windows or of an old Mac has plain line ends", async () => {
    expect(await textOf("a\r\nb\rc\n\r\nd\r")).toBe("a\nb\nc\n\nd\n");
  });
  it("with bytes that are not UTF-8 is read, and says so", async () => {
    const { text, warnings } = await read(new Blob(["a", Uint8Array.of(0xff, 0xc3), "b"]));
    expect(text).toBe("a\uFFFD\uFFFDb");
    expect(warnings).toEqual([expect.stringMatching(/^2 characters of the file are \uFFFD/)]);
    expect((await read(new Blob(["fine"]))).warnings).toEqual([]);
  });
  it.each([
    ["", /no text/],
    [" \n\r\n\t", /no text/],
    ["\uFEFF", /no text/],
    ["PK\u0003\u0004\0\0", /zero bytes/],
  ])("%j is refused", async (text, message) => {
    await expect(read(new Blob([text]))).rejects.toMatchObject({
      code: "bad-file",
      message: expect.stringMatching(message) as string,
    });
  });
  it("whatever its bytes, is text or a LabError; its pieces are what a decoder makes of the whole", async () => {
    const bytes = fc.uint8Array({ maxLength: 300 }).map((b) => Uint8Array.from(b));
    await fc.assert(
      fc.asyncProperty(bytes, async (given) => {
        const whole = (await new Blob([given]).text()).replace(/\r\n?/g, "\n");
        const [first = 0, second = 0] = given;
        const utf16 = first >= 0xfe && first + second === 0x1fd;
        try {
          const { text } = await read(new Blob([given]));
          if (!utf16) expect(text.trim()).toBe(whole.trim());
        } catch (e) {
          expect(e).toMatchObject({ name: "LabError", code: "bad-file" });
          if (!utf16) expect(whole.includes("\0") || whole.trim() === "").toBe(true);
        }
      }),
    );
  });
  it("is cut where tokens begin anew: the pieces' tokens are those of the whole", async () => {
    const words = fc.array(
      fc.constantFrom(
        ...[
          "word",
          "  ",
          "\n",
          "\n\n",
          " x",
          "’s",
          "don't",
          "12345",
          "…",
          " ",
          "\t",
          "é",
          "日本語",
        ],
        ...["<|endoftext|>", " <|endoftext|>", "\u00a0", "😀", ".", " .\n"],
      ),
      { minLength: 200, maxLength: 400 },
    );
    await fc.assert(
      fc.asyncProperty(words, async (parts) => {
        const text = parts.join("").repeat(50);
        const { pieces } = await read(new Blob([text]));
        expect(pieces.length).toBeGreaterThan(1);
        expect(pieces.join("")).toBe(text.replace(/\r\n?/g, "\n"));
        const ids = pieces.flatMap((piece) => tokenizer.encode(piece, false).ids);
        expect(ids).toEqual(tokenizer.encode(text, false).ids);
      }),
      { numRuns: 8 },
    );
  });
  it("without a space anywhere is cut too, never within a character", async () => {
    const { pieces, text } = await read(new Blob(["a" + "😀".repeat(100_000)]));
    expect(pieces.length).toBeGreaterThan(3);
    expect(text).toHaveLength(200_001);
    for (const piece of pieces) expect(isPlain(piece)).toBe(true);
  });
  it("of 20 MB is read in pieces", async () => {
    const line = "The quick brown fox jumps over the lazy dog, again and again.\r\n";
    const count = Math.ceil(20e6 / line.length);
    let [characters, longest, pieces] = [0, 0, 0];
    for await (const { text } of readTextFile(new Blob([line.repeat(count)])).pieces) {
      characters += text.length;
      longest = Math.max(longest, text.length);
      pieces += 1;
    }
    expect(characters).toBe(count * (line.length - 1));
    expect(longest).toBeLessThan(20_000);
    expect(pieces).toBeGreaterThan(1000);
  });
  it("given up half-way is closed", async () => {
    let cancelled = false;
    const endless = new ReadableStream({
      pull: (c) => c.enqueue(new TextEncoder().encode("some text ".repeat(4000))),
      cancel: () => {
        cancelled = true;
      },
    });
    const source = { size: 1e9, stream: () => endless } as unknown as Blob;
    for await (const { text } of readTextFile(source).pieces) if (text.length > 0) break;
    expect(cancelled).toBe(true);
  });
});

it("contexts of a file: BOS, then T − 1 tokens each, the rest in a shorter last one", async () => {
  const config = { bos_token_id: 0, n_positions: 11 };
  const model = { info: { config }, tokenizer } as unknown as LoadedModel;
  const text = "One sentence after another, and so on. ".repeat(1500);
  const ids: number[] = [];
  const lengths: number[] = [];
  const { contexts } = fileContexts(model, new Blob([text]));
  let share = 0;
  for await (const context of contexts) {
    expect(context.ids[0]).toBe(0);
    ids.push(...context.ids.slice(1));
    lengths.push(context.ids.length);
    expect(context.share).toBeGreaterThanOrEqual(share);
    share = context.share;
  }
  expect(share).toBe(1);
  expect(ids).toEqual(tokenizer.encode(text, false).ids);
  expect(lengths.slice(0, -1).every((length) => length === 11)).toBe(true);
});
