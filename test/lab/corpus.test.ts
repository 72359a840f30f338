import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createCorpus } from "../../src/lab/corpus.ts";
import { CorpusReader } from "../../src/lab/corpus-reader.ts";

const BOS = 0;
/** One token per character, its code; BOS in front. */
const tokenizer = {
  encode: (text: string, bos: boolean) => ({
    ids: [...(bos ? [BOS] : []), ...Array.from(text, (c) => c.codePointAt(0)!)],
    warnings: [],
  }),
};
const codes = (text: string) => Array.from(text, (c) => c.codePointAt(0)!);
/** `n` documents of 8 000 characters: two fill a shard. */
const long = (n: number) =>
  Array.from({ length: n }, (_, i) => String.fromCodePoint(97 + (i % 26)).repeat(8000)).join(
    "\n<|endoftext|>\n",
  );

describe("corpus", () => {
  it("joins documents with BOS and cuts them into contexts that begin with it", async () => {
    const text = `abcd\n<|endoftext|>\n\nefghij\n<|endoftext|>${"x".repeat(16_000)}<|endoftext|>rest`;
    const corpus = createCorpus(text, tokenizer, BOS, 5);
    const contexts = await corpus.contexts(0);
    expect(Array.from(contexts.slice(0, 15))).toEqual([
      ...[BOS, ...codes("abcd")],
      ...[BOS, BOS, ...codes("efg")],
      ...[BOS, ...codes("hij"), BOS],
    ]);
    expect(contexts.length % 5).toBe(0);
  });
  it("holds the last shards out, and never trains on them", async () => {
    const corpus = createCorpus(long(80), tokenizer, BOS, 101);
    expect([corpus.shards, corpus.heldOutFrom]).toEqual([40, 38]);
    const reader = new CorpusReader(corpus, 3);
    const perShard = (await corpus.contexts(0)).length / 101;
    const epoch = await reader.next(38 * perShard);
    // The last two shards hold documents 76 … 79: letters y, z, a, b; "y" and "z" occur in others too.
    expect(reader.before(0)).toEqual({ epoch: 0, shard: 37, context: perShard });
    expect(epoch.length).toBe(38 * perShard * 101);
  });
  it("refuses a text that cannot be split", () => {
    for (const text of ["", "  <|endoftext|>  ", "one short document"]) {
      expect(() => createCorpus(text, tokenizer, BOS, 8)).toThrow(/too few to train on/);
    }
  });
});

describe("corpus reader", () => {
  const corpus = createCorpus(long(12), tokenizer, BOS, 401);
  it("reads every context once an epoch, in an order of its own each time", async () => {
    const perShard = (await corpus.contexts(0)).length / 401;
    const count = corpus.heldOutFrom * perShard;
    const reader = new CorpusReader(corpus, 7);
    const read = async () => {
      const ids = await reader.next(count);
      return Array.from({ length: count }, (_, i) => ids.slice(i * 401, (i + 1) * 401).join());
    };
    const [first, second] = [await read(), await read()];
    expect(second).not.toEqual(first);
    expect(second.toSorted()).toEqual(first.toSorted());
  });
  it("goes on from any place as if it had not stopped", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 400 }),
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 0, max: 50 }),
        async (before, after, back) => {
          const whole = new CorpusReader(corpus, 9);
          const read = await whole.next(before + after);
          const first = new CorpusReader(corpus, 9);
          await first.next(before);
          const from = Math.min(back, before);
          const second = new CorpusReader(corpus, 9, first.before(from));
          expect(await second.next(after + from)).toEqual(read.slice((before - from) * 401));
        },
      ),
      { numRuns: 40 },
    );
  });
});
