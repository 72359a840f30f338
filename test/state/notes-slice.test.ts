/** Labels, notes, stars and lists in the store: shown at once, undone, written once, merged without loss. */
import { describe, expect, it } from "vitest";
import {
  type FeatureLabel,
  isScored,
  NO_NOTE,
  type SaeNotes,
} from "../../src/core/feature-notes.ts";
import { LabError } from "../../src/core/lab-error.ts";
import { exchanged, filterRows } from "../../src/state/feature-notes.ts";
import { mergeNotes, mergeWords } from "../../src/state/merge-notes.ts";
import { benchStore } from "./bench-store.ts";
import { settle } from "./saes.ts";

const at = (day: number) => `2026-01-0${day}T00:00:00.000Z`;
const label = (text: string, patch: Partial<FeatureLabel> = {}): FeatureLabel => ({
  ...{ text, source: { by: "user" }, scores: [], at: at(1) },
  ...patch,
});
const scored = label("a", {
  scores: [
    {
      ...{ kind: "detection", judge: "m", at: at(1), unread: 0 },
      counts: { hits: 1, misses: 0, falseAlarms: 0, rejections: 1 },
    },
  ],
});
const features = (notes: Record<number, object>): SaeNotes["features"] =>
  new Map(Object.entries(notes).map(([f, note]) => [Number(f), { ...NO_NOTE, ...note }]));

async function ready() {
  const bench = benchStore();
  void bench.state().readNotes("a");
  bench
    .nth("notes.read")
    .resolve({ features: features({ 1: { label: label("one") } }), lists: [] });
  await settle();
  const noteOf = (feature: number) => bench.state().notes["a"]!.features.get(feature);
  const answer = async () => {
    await settle();
    bench.nth("notes.write").resolve(null);
    await settle();
  };
  return { ...bench, noteOf, answer };
}

describe("what is said of a feature", () => {
  it("is shown at once and written alone", async () => {
    const { state, noteOf, nth, answer } = await ready();
    state().setLabel("a", 2, "  Paris ");
    expect(noteOf(2)?.label).toMatchObject({ text: "Paris", source: { by: "user" }, scores: [] });
    await answer();
    expect(nth("notes.write").input).toMatchObject({
      ...{ saeId: "a", lists: null },
      features: [[2, { label: { text: "Paris" } }]],
    });
    state().setLabel("a", 2, "");
    expect(noteOf(2)).toBeUndefined();
    await answer();
    expect(nth("notes.write").input).toMatchObject({ features: [[2, null]] });
  });
  it("loses its scores with its words, and keeps them with the same words", async () => {
    const { state, noteOf } = await ready();
    state().putLabel("a", 1, scored);
    state().setLabel("a", 1, "a");
    expect(noteOf(1)!.label!.scores).toHaveLength(1);
    state().setLabel("a", 1, "b");
    expect(noteOf(1)!.label!.scores).toEqual([]);
  });
  it("keeps a person’s words beside a program’s, which can change places", async () => {
    const { state, noteOf } = await ready();
    state().putLabel("a", 1, label("auto", { source: { by: "logits" } }));
    expect(noteOf(1)!.others.map(({ text }) => text)).toEqual(["one"]);
    state().changeNote("a", 1, (now) => exchanged(now, 0));
    expect(noteOf(1)).toMatchObject({ label: { text: "one" }, others: [{ text: "auto" }] });
  });
  it("is undone and done again, typing in one step", async () => {
    const { state, noteOf, count, answer } = await ready();
    for (const text of ["w", "wo", "wor"]) state().setNoteText("a", 1, text);
    state().setStarred("a", [1, 5], true);
    expect(noteOf(5)?.starred).toBe(true);
    state().undoNotes();
    expect(noteOf(5)).toBeUndefined();
    expect(noteOf(1)?.note).toBe("wor");
    state().undoNotes();
    expect(noteOf(1)?.note).toBe("");
    state().redoNotes();
    state().redoNotes();
    expect(noteOf(1)).toMatchObject({ note: "wor", starred: true });
    for (let writes = count("notes.write"); writes < 8; writes++) await answer();
    expect(count("notes.write")).toBe(8);
  });
  it("says so when it cannot be kept, and goes on", async () => {
    const { state, nth, noteOf } = await ready();
    state().setLabel("a", 2, "Paris");
    await settle();
    nth("notes.write").reject(new LabError("quota", "no room"));
    await settle();
    expect(state().notesError?.message).toBe("no room");
    expect(noteOf(2)?.label?.text).toBe("Paris");
    state().setLabel("a", 2, "Rome");
    await settle();
    expect(nth("notes.write").input).toMatchObject({
      features: [[2, { label: { text: "Rome" } }]],
    });
  });
  it("said before the stored notes were read is not lost", async () => {
    const { state, nth } = benchStore();
    const reading = state().readNotes("a");
    state().setLabel("a", 7, "mine");
    nth("notes.read").resolve({ features: features({ 1: { label: label("one") } }), lists: [] });
    await reading;
    expect([...state().notes["a"]!.features.keys()].sort()).toEqual([1, 7]);
  });
});

describe("lists of features", () => {
  it("are made, filled, ordered, renamed and deleted", async () => {
    const { state } = await ready();
    const lists = () => state().notes["a"]!.lists;
    const id = state().makeList("a", " Cities ", [3, 1, 3]);
    expect(lists()).toMatchObject([{ id, name: "Cities", features: [3, 1] }]);
    state().addToList("a", id, [1, 9, 4]);
    state().moveInList("a", id, 0, 2);
    expect(lists()[0]!.features).toEqual([1, 9, 3, 4]);
    state().moveInList("a", id, 3, -5);
    expect(lists()[0]!.features).toEqual([4, 1, 9, 3]);
    state().removeFromList("a", id, [1, 3]);
    expect(lists()[0]!.features).toEqual([4, 9]);
    const second = state().makeList("a", "Cities", []);
    expect(lists().map(({ name }) => name)).toEqual(["Cities", "Cities 2"]);
    state().renameList("a", second, "Cities");
    expect(lists()[1]!.name).toBe("Cities 2");
    state().setOpenList(id);
    state().deleteList("a", id);
    expect(state().openList).toBeNull();
    state().undoNotes();
    expect(lists().map(({ name }) => name)).toEqual(["Cities", "Cities 2"]);
    expect(() => state().makeList("a", " ", [])).toThrow(/needs a name/);
  });
});

describe("a label’s scores", () => {
  it("verify it when an answer could be read, and not before", () => {
    const base = { judge: "m", at: at(1), unread: 20 };
    const none = { hits: 0, misses: 0, falseAlarms: 0, rejections: 0 };
    const unread = label("x", {
      scores: [
        { ...base, kind: "detection", counts: none },
        { ...base, kind: "simulation", correlation: null, texts: 0, tokens: 0 },
      ],
    });
    expect(isScored(unread)).toBe(false);
    const read = { ...base, kind: "fuzzing", counts: { ...none, rejections: 1 } } as const;
    expect(isScored({ scores: [...unread.scores, read] })).toBe(true);
  });
});

describe("the feature list", () => {
  const rows = [5, 4, 3, 2, 1].map((feature) => ({ feature }));
  const notes: SaeNotes = {
    features: features({
      1: { label: label("the city of Paris"), starred: true },
      3: { label: label("parish"), note: "seen in Rome" },
      4: { note: "?" },
    }),
    lists: [],
  };
  const shown = (settings: Partial<Parameters<typeof filterRows>[2]>) =>
    filterRows(rows, notes, { query: "", filter: "all", list: null, ...settings }).map(
      (row) => row.feature,
    );
  it("finds words in labels and notes, in any order and case, and numbers", () => {
    expect(shown({ query: "paris" })).toEqual([3, 1]);
    expect(shown({ query: "PARIS city" })).toEqual([1]);
    expect(shown({ query: "rome" })).toEqual([3]);
    expect(shown({ query: "5" })).toEqual([5]);
    expect(shown({ query: " " })).toEqual([5, 4, 3, 2, 1]);
  });
  it("filters, and shows a list in its own order", () => {
    expect(shown({ filter: "starred" })).toEqual([1]);
    expect(shown({ filter: "unlabelled" })).toEqual([5, 4, 2]);
    expect(shown({ filter: "noted" })).toEqual([4, 3]);
    const list = { id: "l", name: "L", features: [1, 8, 3], at: at(1) };
    expect(shown({ list })).toEqual([1, 3]);
    expect(shown({ list, query: "city" })).toEqual([1]);
  });
});

describe("notes from elsewhere", () => {
  const ours: SaeNotes = {
    features: features({
      1: { label: label("mine"), note: "a" },
      2: { label: label("auto", { source: { by: "logits" } }), starred: true },
      3: { label: scored },
      4: { label: label("same") },
    }),
    lists: [{ id: "x", name: "Cities", features: [1, 2], at: at(1) }],
  };
  const theirs: SaeNotes = {
    features: features({
      1: { label: label("newer", { at: at(2) }), note: "b" },
      2: { label: label("by hand", { at: at(1) }) },
      3: { label: label("c", { at: at(3), source: { by: "model", model: "m" } }) },
      4: { label: label("same") },
      9: { label: label("new") },
    }),
    lists: [{ id: "y", name: "Cities", features: [2, 9], at: at(2) }],
  };
  it("are joined so that nothing of either side is lost", () => {
    const { notes, conflicts, changed, lists } = mergeNotes(ours, theirs);
    const told = (f: number) => {
      const { label: shown, others } = notes.features.get(f)!;
      return [shown!.text, others.map(({ text }) => text)];
    };
    expect(told(1)).toEqual(["newer", ["mine"]]);
    expect(notes.features.get(1)!.note).toBe("a\n\nb");
    expect(told(2)).toEqual(["by hand", ["auto"]]);
    expect(notes.features.get(2)!.starred).toBe(true);
    expect(told(3)).toEqual(["a", ["c"]]);
    expect(told(4)).toEqual(["same", []]);
    expect(told(9)).toEqual(["new", []]);
    expect(notes.lists).toMatchObject([{ name: "Cities", features: [1, 2, 9] }]);
    expect({ conflicts, changed, lists }).toEqual({ conflicts: [1, 2, 3], changed: 4, lists: 1 });
  });
  it("bring nothing new the second time, and say so", () => {
    const once = mergeNotes(ours, theirs).notes;
    const twice = mergeNotes(once, theirs);
    expect(twice.notes).toEqual(once);
    expect(mergeWords(twice)).toBe("Nothing in the file was new.");
    expect(mergeWords(mergeNotes(ours, theirs))).toMatch(
      /^Imported 4 features and 1 list\. 3 features \(1, 2, 3\) had another label here/,
    );
  });
  it("are one step of undo", async () => {
    const { state, nth, noteOf } = await ready();
    const importing = state().importNotes("a", new File(["{}"], "feature_notes.json"));
    nth("notes.parse").resolve(theirs);
    await importing;
    expect(noteOf(9)?.label?.text).toBe("new");
    expect(state().notesWords).toMatch(/^Imported 5 features/);
    state().undoNotes();
    expect(noteOf(9)).toBeUndefined();
    expect(noteOf(1)?.label?.text).toBe("one");
    expect(state().notesWords).toBeNull(); // it is no longer so
  });
});
