/** Edited models in the store: lists that are stored at once, undo, the bench that follows, a reload, fine-tuning. */
import { describe, expect, it } from "vitest";
import { modelCard } from "../../src/core/model-card.ts";
import type { EditedModel, WeightEdit } from "../../src/core/model-edit.ts";
import { decodeComponents, encodeComponents, readTuneText } from "../../src/core/tune.ts";
import { allComponents } from "../../src/core/model-edit.ts";
import { openEditedModel } from "../../src/state/edited-slice.ts";
import { benchStore } from "./bench-store.ts";
import { settle } from "./saes.ts";

const ablation: WeightEdit = {
  ...{ kind: "scale", target: { kind: "head", layer: 0, head: 1 }, factor: 0, on: true },
};
const BASE = "tinylab-gpt2-4l";

async function opened(kept: EditedModel[] = []) {
  const bench = benchStore();
  await bench.ready();
  const refreshed = bench.state().refreshEdited();
  await settle();
  bench.nth("edited.list").resolve(kept);
  await refreshed;
  const saved = async () => {
    await settle();
    bench.nth("edited.save").resolve(null);
    await settle();
  };
  const add = async (edit: WeightEdit) => {
    const first = openEditedModel(bench.state()) === null;
    const added = bench.state().addWeightEdit(edit);
    if (first) await saved();
    await saved();
    await added;
  };
  const open = () => openEditedModel(bench.state())!;
  return { ...bench, saved, add, open };
}

describe("a list of edits", () => {
  it("begins with the first edit, under the base's name, and is stored with every change", async () => {
    const { state, add, open, nth, saved, count } = await opened();
    expect(openEditedModel(state())).toBeNull();
    await add(ablation);
    expect(open()).toMatchObject({ name: `${BASE}, edited`, edits: [ablation] });
    expect(nth("edited.save").input).toEqual(open());
    const off = state().setWeightEdit(0, false);
    await saved();
    await off;
    expect(open().edits).toEqual([{ ...ablation, on: false }]);
    const undone = state().undoWeights();
    await saved();
    await undone;
    expect(open().edits).toEqual([ablation]);
    const gone = state().undoWeights();
    await saved();
    await gone;
    expect(open().edits).toEqual([]);
    const again = state().redoWeights();
    await saved();
    await again;
    expect(open().edits).toEqual([ablation]);
    expect(count("edited.save")).toBe(6);
  });

  it("says when it could not be stored, and stays", async () => {
    const { state, add, open, nth } = await opened();
    await add(ablation);
    const renamed = state().renameEdited("  mine ");
    await settle();
    nth("edited.save").reject(new Error("no room"));
    await renamed;
    expect(state().editedError?.message).toContain("no room");
    expect(open().name).toBe("mine");
  });

  it("of another base is not open, and not offered to this one", async () => {
    const first = await opened();
    await first.add(ablation);
    const other = { ...first.open(), id: "o", base: { ...first.open().base, id: "else" } };
    const { state } = await opened([other]);
    state().openEdited("o");
    expect(openEditedModel(state())).toBeNull();
  });
});

describe("the bench", () => {
  it("takes the edited model, follows its list, and goes back to the base", async () => {
    const { state, add, open, nth, arrive, saved, count } = await opened();
    await add(ablation);
    void state().benchEdited(true);
    await settle();
    expect(nth("model.load").input).toMatchObject({
      source: { kind: "embedded" },
      edited: { id: open().id, name: open().name, edits: [ablation] },
    });
    const edited = { id: open().id, base: BASE, edits: 1 };
    await arrive({ id: open().name, edited });
    expect(state().chosenEdited).toBe(open().id);
    expect(open().edits).toEqual([ablation]);
    const loads = count("model.load");
    void state().addWeightEdit({ ...ablation, factor: 0.5 });
    await saved();
    expect(count("model.load")).toBe(loads + 1);
    expect(nth("model.load").input).toMatchObject({ edited: { edits: open().edits } });
    await arrive({ id: open().name, edited: { ...edited, edits: 2 } });
    void state().benchEdited(false);
    await settle();
    const { edited: none } = nth("model.load").input as { edited?: unknown };
    expect(none).toBeUndefined();
    await arrive({ id: BASE });
    expect(state().chosenEdited).toBeNull();
    expect(open().edits).toHaveLength(2);
  });

  it("has after a reload what was on it before, of the same base only", async () => {
    const before = await opened();
    await before.add(ablation);
    const kept = before.open();
    for (const [what, expected] of [
      [BASE, kept.id],
      ["owner/name", undefined],
    ] as const) {
      const { state, store, nth } = benchStore();
      store.setState({ chosenEdited: kept.id });
      void state().loadFirst(what);
      await settle();
      nth("edited.list").resolve([kept]);
      await settle();
      const { edited } = nth("model.load").input as { edited?: EditedModel };
      expect(edited?.id, what).toBe(expected);
    }
  });
});

it("a fine-tuning tells its curve, and becomes an edit; one that failed says why", async () => {
  const { state, nth, saved, open } = await opened();
  const recipe = {
    ...{ components: [], examples: [], pairs: [], prependBos: true, learningRate: 1, steps: 2 },
    ...{ batch: 1, decay: 0, clip: 0, heldOut: 0, seed: 1 },
  };
  const run = state().startTune(recipe);
  await settle();
  expect(state().tuneRun?.status).toBe("opening");
  const point = { step: 1, batch: 2, train: 1, heldOut: null, norm: 3 };
  nth("edited.tune").progress({ kind: "begun", parameters: 5, train: 1, heldOut: 0 });
  nth("edited.tune").progress({ kind: "point", point, stepsPerSecond: 4 });
  expect(state().tuneRun).toMatchObject({ status: "running", parameters: 5, points: [point] });
  const edit: WeightEdit = {
    ...{ kind: "tuned", id: "t", on: true, components: [{ kind: "finalNorm" }], parameters: 5 },
    ...{ examples: 1, step: 1, loss: [2, 1], heldOut: null },
  };
  nth("edited.tune").resolve({ edit, stopped: false, steps: 2 });
  await saved();
  await saved();
  await run;
  expect(state().tuneRun).toBeNull();
  expect(state().tuneCurves[state().editedId!]).toMatchObject({
    points: [point],
    outcome: { edit },
  });
  expect(open().edits).toEqual([edit]);
  const failing = state().startTune(recipe);
  await settle();
  expect(nth("edited.tune").input).toMatchObject({ edits: [edit] });
  nth("edited.tune").reject(new Error("blown up"));
  await failing;
  expect(state().tuneRun).toMatchObject({ status: "failed", error: { message: "blown up" } });
});

it("examples are lines, and components travel in links", () => {
  expect(readTuneText("a b => c\n\n x=>y  => z \n")).toEqual({
    ...{
      examples: [
        { prompt: "a b", wanted: " c" },
        { prompt: " x=>y", wanted: " z" },
      ],
    },
    problem: null,
  });
  expect(readTuneText("a => b\nnothing").problem).toMatch(/line 2.*nothing/);
  const all = allComponents({ n_layer: 2, n_head: 2, n_embd: 4, n_inner: 4, vocab_size: 3 });
  expect(decodeComponents(encodeComponents(all), all)).toEqual(all);
  expect(decodeComponents("h1.0_m7_zz", all)).toEqual([{ kind: "head", layer: 1, head: 0 }]);
});

it("a model card lists what is switched on, on lines of its own", () => {
  const base = { id: "o/n", source: "hub", revision: "main", commit: "c0ffee", shape: {} } as never;
  const card = modelCard({
    ...{ id: "m", name: "mine\n# not a title", base, savedAt: "" },
    edits: [ablation, { ...ablation, factor: 3, on: false }],
  });
  expect(card).toContain("base_model: o/n");
  expect(card).toContain("# mine # not a title");
  expect(card).toContain("1. L0H1 ablated.");
  expect(card).not.toContain("× 3");
});
