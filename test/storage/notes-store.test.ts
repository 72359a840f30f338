/** What is said of features, put away and read again: over an IndexedDB in Node's memory. */
import "fake-indexeddb/auto";
import { openDB } from "idb";
import { beforeEach, describe, expect, it } from "vitest";
import { type FeatureList, type FeatureNote, NO_NOTE } from "../../src/core/feature-notes.ts";
import { deleteNotes, loadNotes, saveNotes } from "../../src/storage/notes-store.ts";

const F = 40;
const at = "2026-01-02T03:04:05.000Z";
const labelled = (text: string): FeatureNote => ({
  ...NO_NOTE,
  label: { text, source: { by: "model", model: "m" }, scores: [], at },
});
const starred: FeatureNote = { ...NO_NOTE, starred: true, note: "näher ansehen" };
const list: FeatureList = { id: "l", name: "cities", features: [10, 9], at };

beforeEach(async () => {
  await deleteNotes("a");
  await deleteNotes("b");
});
/** Puts a record where the store keeps its own, as another version or a fault might have left it. */
async function put(store: "features" | "lists", value: unknown, key: IDBValidKey): Promise<void> {
  const db = await openDB("glassroom-notes");
  await db.put(store, value, key);
  db.close();
}

describe("notes in storage", () => {
  it("come back as they were put, those of each autoencoder apart", async () => {
    await saveNotes("a", {
      features: [
        [10, labelled("ten")],
        [9, starred],
      ],
      lists: [list],
    });
    await saveNotes("b", { features: [[9, labelled("of b")]], lists: null });
    const a = await loadNotes("a", F);
    expect([...a.features]).toEqual([
      [9, starred],
      [10, labelled("ten")],
    ]);
    expect(a.lists).toEqual([list]);
    expect(await loadNotes("b", F)).toEqual({
      features: new Map([[9, labelled("of b")]]),
      lists: [],
    });
  });

  it("are changed one by one: what a change does not name stays", async () => {
    await saveNotes("a", {
      features: [
        [1, labelled("one")],
        [2, labelled("two")],
      ],
      lists: [list],
    });
    await saveNotes("a", {
      features: [
        [1, null],
        [3, starred],
      ],
      lists: null,
    });
    expect(await loadNotes("a", F)).toEqual({
      features: new Map([
        [2, labelled("two")],
        [3, starred],
      ]),
      lists: [list],
    });
    await saveNotes("a", { features: [], lists: [] });
    expect((await loadNotes("a", F)).lists).toEqual([]);
  });

  it("go with their autoencoder, and no others do", async () => {
    for (const id of ["a", "b"]) {
      await saveNotes(id, { features: [[0, labelled(id)]], lists: [list] });
    }
    await deleteNotes("a");
    expect(await loadNotes("a", F)).toEqual({ features: new Map(), lists: [] });
    expect((await loadNotes("b", F)).features.get(0)).toEqual(labelled("b"));
  });

  it("lose a damaged record alone, and what is said of a feature that there is not", async () => {
    await saveNotes("a", { features: [[1, labelled("one")]], lists: null });
    await put("features", { label: 5 }, ["a", 2]);
    await put("features", labelled("beyond the last"), ["a", F]);
    await put("lists", [{ id: 7 }, list], "a");
    const read = await loadNotes("a", F);
    expect([...read.features]).toEqual([[1, labelled("one")]]);
    expect(read.lists).toEqual([list]);
  });

  it("are as before when a part of a change cannot be put", async () => {
    await saveNotes("a", { features: [[1, labelled("one")]], lists: null });
    const odd = { ...NO_NOTE, note: (() => "") as unknown as string }; // no database takes a function
    const change = saveNotes("a", {
      features: [
        [1, labelled("another")],
        [2, odd],
      ],
      lists: [list],
    });
    await expect(change).rejects.toMatchObject({
      code: "internal",
      message: expect.stringMatching(/export them before/) as unknown,
    });
    expect(await loadNotes("a", F)).toEqual({
      features: new Map([[1, labelled("one")]]),
      lists: [],
    });
  });
});
