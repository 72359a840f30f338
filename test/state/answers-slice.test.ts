/** What was computed outlives the page: over a fake worker, and a second store as after a reload. */
import { describe, expect, it } from "vitest";
import type { FeatureGraph } from "../../src/core/feature-circuit.ts";
import { writeGraph } from "../../src/core/graph-file.ts";
import type { RolesAnswer } from "../../src/core/head-roles.ts";
import type { KeptAnswer } from "../../src/core/kept-answer.ts";
import { LabError } from "../../src/core/lab-error.ts";
import { type EditedModel, modelStamp, type WeightEdit } from "../../src/core/model-edit.ts";
import type { PathQuestion } from "../../src/core/paths.ts";
import type { DriftAnswer } from "../../src/core/tune.ts";
import { marksOf } from "../../src/state/feature-circuit-slice.ts";
import { benchStore } from "./bench-store.ts";
import { info, settle } from "./saes.ts";

const question: PathQuestion = {
  pairs: [{ clean: [1], corrupted: [2], answers: [3], wrong: [], places: [[0]] }],
  ...{ metric: "logProb", direction: "noise", receivers: ["logits"], mlps: "recompute" },
  ...{ byPlace: false, sets: [[4], [2]] },
};
async function opened() {
  const bench = benchStore();
  await bench.ready();
  const kept = () => bench.nth("circuits.keepAnswer").input as KeptAnswer;
  /** Answers reads of what is kept: `all` of their kind, of others nothing. */
  const answerReads = async (work: Promise<void>, all: readonly KeptAnswer[]) => {
    let isDone = false;
    void work.then(() => (isDone = true));
    for (let i = 0; i < 6 && !isDone; i++) {
      const { input, resolve } = bench.nth("circuits.answers");
      resolve(all.filter(({ kind }) => kind === input));
      await settle();
    }
    expect(isDone).toBe(true);
  };
  return { ...bench, kept, answerReads };
}

describe("sweeps", () => {
  it("are kept when they end, also before their end, and are there after a reload", async () => {
    const { state, nth, kept } = await opened();
    const run = state().runPath("key", question, [4, 2], 6);
    nth("paths.sweep").progress({
      ...{ pair: 0, cells: [1, 0], values: Float64Array.of(7, 5), done: 2, total: 9 },
      secondsLeft: 1,
    });
    state().stopPatching();
    await run;
    expect(kept()).toMatchObject({ kind: "path", key: "key", value: { done: false, total: 9 } });
    const values = (kept() as KeptAnswer & { kind: "path" }).value.values;
    expect([...values[0]!]).toEqual([NaN, NaN, 7, NaN, 5, NaN]);

    const later = await opened();
    const all = [kept(), { ...kept(), key: "older" }] as KeptAnswer[];
    const newer = later.state().runPath("older", question, [4, 2], 6);
    await later.answerReads(later.state().readPatches(), all);
    expect(later.state().pathRuns["key"]).toMatchObject({ status: "stopped", values });
    expect(later.state().pathRuns["older"]!.status).toBe("running"); // what is newer stays
    later.nth("paths.sweep").resolve({ runs: 2, seconds: 1 });
    await newer;
  });

  it("that found nothing are not kept; what cannot be kept is said", async () => {
    const { state, nth, count } = await opened();
    const run = state().runPatch("key", { ...question, sweep: SWEEP, cells: null }, 3);
    state().stopPatching();
    await run;
    expect(count("circuits.keepAnswer")).toBe(0);
    void state().compareChannels("heads", { ...question, heads: [{ layer: 0, head: 0 }] });
    await settle();
    nth("paths.channels").resolve({ q: [1], k: [2], v: [3] });
    await settle();
    nth("circuits.keepAnswer").reject(new LabError("quota", "the disk is full"));
    await settle();
    expect(state().answerError?.message).toBe("the disk is full");
    expect(state().channelEffects["heads"]).toEqual({ q: [1], k: [2], v: [3] });
  });
});
const SWEEP = { unit: "resid_pre", byPlace: false, layer: null } as const;

it("roles are there after a reload", async () => {
  const { state, nth, kept } = await opened();
  const asked = { pairs: question.pairs, seed: 0, movers: null, least: undefined };
  void state().findRoles(
    "key",
    asked as unknown as Parameters<ReturnType<typeof state>["findRoles"]>[1],
  );
  const answer = { heads: [], pairs: 1, logitDiff: 2 } as unknown as RolesAnswer;
  nth("roles.find").resolve(answer);
  await settle();
  const later = await opened();
  await later.answerReads(later.state().readRoles(), [kept()]);
  expect(later.state().roleRuns["key"]).toMatchObject({ status: "done", answer });
});

it("a drift check is of its list, and says of which edits", async () => {
  const { state, nth, kept } = await opened();
  const edit: WeightEdit = {
    ...{ kind: "scale", factor: 0, on: true },
    target: { kind: "head", layer: 0, head: 0 },
  };
  void state().refreshEdited();
  nth("edited.list").resolve([]);
  await settle();
  void state().newEdited();
  await settle();
  nth("edited.save").resolve(null);
  await settle();
  const id = state().editedId!;
  const list = (state().editedModels as { value: readonly EditedModel[] }).value;
  const answer = [{ text: { tokens: 5 }, task: null }] as unknown as DriftAnswer;
  void state().measureDrift([edit], [{ name: "it", edits: [edit] }], [], 4);
  nth("edited.drift").resolve(answer);
  await settle();
  const check = { names: ["the base", "it"], contexts: 4, answer, edits: [edit] };
  expect(state()).toMatchObject({ drift: null, driftChecks: { [id]: check } });

  const later = await opened();
  void later.state().refreshEdited();
  later.nth("edited.list").resolve(list);
  await later.answerReads(later.state().readTune(), [kept()]);
  expect(later.state()).toMatchObject({ editedId: id, driftChecks: { [id]: check } });
});

it("a graph's file is opened again, with what was marked and selected since", async () => {
  const graph: FeatureGraph = {
    ...{ slug: "g", model: "m", prompt: "of a file", tokens: ["x"], layers: 1, links: [] },
    nodes: ["0_1_0", "0_2_0"].map((id, i) => ({
      ...{ id, kind: "feature", layer: 0, pos: 0, index: i + 1, sae: "a", label: "" },
      ...{ activation: 1, effect: 0, influence: 0.5, probability: null },
    })),
    ...{ nodeShare: 0.8, edgeShare: 0.98, scores: null, pinned: ["0_1_0"], supernodes: [] },
  };
  const text = writeGraph(graph, { clicked: "0_1_0", labelOf: () => "", time: 0 });
  const { state, kept } = await opened();
  state().openGraphFile("g.json", text);
  expect(state().options["graph.made"]).toBe("file");
  expect(kept()).toMatchObject({ kind: "graph", key: "g.json", value: text });
  state().markGraph((now) => ({ ...now, pinned: ["0_2_0"] }));

  const later = await opened();
  later.store.setState({ graphMarks: state().graphMarks, options: { "graph.node": "0_2_0" } });
  await later.answerReads(later.state().reopenGraphFile(), [kept()]);
  expect(later.state().featureCircuit).toMatchObject({ key: "file g.json", from: "file" });
  expect(marksOf(later.state()).pinned).toEqual(["0_2_0"]);
  expect(later.state().options["graph.node"]).toBe("0_2_0");
});

it("is of the weights that it was computed with", () => {
  const edit: WeightEdit = {
    ...{ kind: "scale", factor: 0, on: true },
    target: { kind: "mlp", layer: 1 },
  };
  const of = (edits: readonly WeightEdit[], patch: Partial<typeof info> = {}) =>
    modelStamp({ ...info, ...patch }, edits);
  expect(of([])).toBe(of([]));
  expect(of([{ ...edit, on: false }])).toBe(of([]));
  expect(of([edit])).not.toBe(of([]));
  expect(of([{ ...edit, factor: 0.5 }])).not.toBe(of([edit]));
  const hub = { source: "hub", commit: "abc" } as const;
  expect(of([], hub)).toBe(of([], hub));
  expect(of([], { ...hub, commit: "def" })).not.toBe(of([], hub));
  expect(of([], { source: "files" })).not.toBe(of([], { source: "files" }));
});
