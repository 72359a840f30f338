/** What the gallery claims is true of the embedded model. */
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { DirectEdit } from "../../src/core/edits.ts";
import { findInRun, type GalleryRun } from "../../src/math/gallery.ts";
import {
  GALLERY,
  type GalleryEntry,
  galleryEntry,
  questionOf,
} from "../../src/state/gallery-entries.ts";
import { createTokenizer, type Tokenizer } from "../../src/text/tokenizer.ts";
import { EMBEDDED, embeddedEngine, type NodeEngine } from "../model/node-engine.ts";

let engine: NodeEngine;
let tokenizer: Tokenizer;
beforeAll(async () => {
  engine = await embeddedEngine();
  const read = (file: string) => readFileSync(new URL(file, EMBEDDED), "utf8");
  const files = { json: read("tokenizer.json"), config: read("tokenizer_config.json") };
  tokenizer = createTokenizer(files, engine.config.bos_token_id);
});
afterAll(() => engine.release());

async function runOf(text: string, edits: DirectEdit[] = []): Promise<GalleryRun> {
  const { ids } = tokenizer.encode(text, true);
  const names = Array.from(
    { length: engine.config.n_layer },
    (_, layer) => `blocks.${layer}.attn.hook_pattern`,
  );
  const { cache, logits } = await engine.runner.run({ ids: [ids], names, edits, logits: "last" });
  return {
    ids,
    strings: tokenizer.strings(ids),
    patterns: names.map((name) => {
      const { data, dims } = cache.get(name)!;
      return { data, dims: dims.slice(1) };
    }),
    logits: logits!.data,
    idsOf: (one) => tokenizer.encode(one, false).ids,
    stringOf: (id) => tokenizer.strings([id])[0]!,
  };
}
const find = async (entry: GalleryEntry, text = entry.text, edits: DirectEdit[] = []) =>
  findInRun(await runOf(text, edits), questionOf(entry));

describe("on the embedded model", () => {
  it.each(GALLERY.map((entry) => [entry.id, entry] as const))("%s is there", async (_, entry) => {
    const found = await find(entry);
    expect(found.claims.length).toBeGreaterThan(0);
    for (const claim of found.claims) expect(claim).toMatchObject({ holds: true, why: null });
    if (entry.head) expect(found.head).not.toBeNull();
    if (entry.otherText === null) return;
    const { otherClaims } = await find(entry, entry.otherText);
    expect(otherClaims.length).toBeGreaterThan(0);
    for (const claim of otherClaims) expect(claim).toMatchObject({ holds: true, why: null });
  });

  it("the head that sees the second John keeps the answer off John", async () => {
    const entry = galleryEntry("subject")!;
    const { head } = await find(entry);
    const zero = {
      hook: `blocks.${head!.layer}.attn.hook_z`,
      op: "zero",
      head: head!.head,
    } as const;
    const ratio = async (edits: DirectEdit[]) => {
      const { claims } = await find(galleryEntry("ioi")!, entry.text, edits);
      const [mary, john] = claims[0]!.numbers;
      return Math.log(mary!.value / john!.value); // the logit difference
    };
    expect(await ratio([zero])).toBeLessThan((await ratio([])) - 1);
  });
});

it("has an entry once, with a place that is in its prompt", async () => {
  expect(new Set(GALLERY.map(({ id }) => id)).size).toBe(GALLERY.length);
  for (const entry of GALLERY) {
    expect(entry.look(entry.headWords)).not.toMatch(/undefined|L\d+H\d+|\d\.\d/);
    expect(entry.head === null).toBe(entry.headWords === "");
    if (entry.position === "last") continue;
    const { position } = await find(entry);
    expect((await runOf(entry.text)).strings[position]).toBe(entry.position.token);
  }
});
