import { describe, expect, it, vi } from "vitest";
import { LabError } from "../../src/core/lab-error.ts";
import { newRow, type SteerFacts, type SteerSource } from "../../src/core/steer.ts";
import type { GeneratedToken } from "../../src/core/generation.ts";
import { defaultDoseTokens, isDoseOutdated, rowsAt } from "../../src/state/dose-slice.ts";
import { isOutdated } from "../../src/state/steer-text-slice.ts";
import { factsOf, steerMisfit, steerSpec } from "../../src/state/steer-slice.ts";
import type { Store } from "../../src/state/store.ts";
import { fakeBench, info, settle, summary, table } from "./saes.ts";

const shown = (name: string) => ({ plain: { name }, steered: { name } });
const facts = (patch: Partial<SteerFacts> = {}): SteerFacts => ({
  ...{ hook: "blocks.1.hook_resid_post", normHook: "blocks.1.hook_resid_post", own: null },
  ...{ length: 1, reach: 1, scale: 1, reading: 0, norm: 10, change: null },
  ...patch,
});
const answer = (name: string, rows: (SteerFacts | null)[] = []) => ({ ...shown(name), rows });
const token = (text: string): GeneratedToken => ({
  ...{ id: text.length, text, string: text, probability: 0.5, rank: 1, alternatives: null },
});
const feature = (id: number, sae = "a"): SteerSource => ({ kind: "feature", sae, feature: id });
const HEAD: SteerSource = { kind: "head", layer: 1, head: 0, phrases: ["a"] };

describe("the rows", () => {
  it("of features start at their own largest activation, once each", async () => {
    const { state, ready } = fakeBench();
    await ready();
    state().addSteer(2);
    state().addSteer(1); // never fired: no largest activation to start from
    state().addSteer(2);
    expect(state().steerRows).toEqual([newRow(feature(2), 7), newRow(feature(1), 1)]);
    state().setSteer(1, { mode: "clamp", amount: -3, at: [2] });
    state().removeSteer(0);
    expect(state().steerRows).toEqual([{ ...newRow(feature(1), -3), mode: "clamp", at: [2] }]);
    state().clearSteer();
    expect(state().steerRows).toEqual([]);
  });

  it("chosen before the statistics are there take their scale from them, unless moved meanwhile", async () => {
    const { store, state, nth } = fakeBench();
    store.setState({ model: { status: "ready", value: info } });
    nth("sae.list").resolve([summary("a")]);
    await settle();
    state().addSteer(2);
    state().addSteer(0);
    state().setSteer(1, { amount: 0.5 });
    nth("sae.features").resolve(table("a"));
    await settle();
    expect(state().steerRows.map((s) => s.amount)).toEqual([7, 0.5]);
  });

  it("of several SAEs stay together, each with its own scale", async () => {
    const { state, ready, nth } = fakeBench();
    await ready();
    state().addSteer(2);
    state().addSteer(2, "b");
    expect(nth("sae.features").input).toEqual({ id: "b" });
    nth("sae.features").resolve({
      ...table("b"),
      rows: [{ feature: 2, density: 1, max: 3, lastFired: 1 }],
    });
    await settle();
    expect(state().steerRows.map((s) => s.amount)).toEqual([7, 3]);
    void state().selectSae("b");
    expect(state().steerRows).toHaveLength(2);
  });

  it("of other directions start at their own length, when it is known", async () => {
    const { state, ready, nth } = fakeBench();
    await ready();
    state().addSteerSource(HEAD);
    void state().refreshSteer();
    nth("prompt.steer").resolve(answer("x", [facts({ own: 4.5 })]));
    await settle();
    expect(state().steerRows).toEqual([newRow(HEAD, 4.5)]);
    expect(factsOf(state(), state().steerRows[0]!, 0)?.own).toBe(4.5);
  });

  it("of a link are of the SAE that arrives, if it named none", async () => {
    const { store, state, ready } = fakeBench();
    store.setState({ steerRows: [newRow(feature(0, ""), 4)] });
    await ready();
    expect(state().steerRows).toEqual([newRow(feature(0), 4)]);
  });

  it("that do not fit the bench are not sent, and say why", async () => {
    const { state, ready } = fakeBench();
    await ready();
    state().setSteerRows([
      newRow(feature(9), 1),
      newRow(feature(0, "gone"), 1),
      newRow({ kind: "neuron", layer: 4, neuron: 0 }, 1),
      newRow({ kind: "vector", hook: "blocks.0.hook_resid_post", name: "", vector: [1, 2] }, 1),
      newRow(HEAD, 1),
    ]);
    expect(state().steerRows.map((row) => steerMisfit(state(), row))).toEqual([
      "its autoencoder has 3 features",
      "its autoencoder is not in this browser",
      "the model on the bench has no such place",
      "it has 2 numbers, the model's residual stream 6",
      null,
    ]);
    expect(steerSpec(state()).rows.map(({ on }) => on)).toEqual([false, false, false, false, true]);
  });

  it("take an amount that makes sense with their mode", async () => {
    const { state, ready } = fakeBench();
    await ready();
    state().addSteer(2);
    state().setSteer(0, { mode: "multiply" });
    expect(state().steerRows[0]!.amount).toBe(2);
    state().setSteer(0, { mode: "clamp" });
    expect(state().steerRows[0]!.amount).toBe(7);
  });

  it("are undone and done again, a drag as one step", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const { state, ready } = fakeBench();
    await ready();
    state().addSteer(2);
    vi.advanceTimersByTime(5000);
    for (const amount of [8, 9, 10]) {
      state().setSteer(0, { amount });
      vi.advanceTimersByTime(100);
    }
    vi.advanceTimersByTime(5000);
    state().setSteer(0, { amount: 11 });
    const amounts = () => state().steerRows.map(({ amount }) => amount);
    const seen = [amounts()];
    for (let i = 0; i < 4; i++) {
      state().undoSteer();
      seen.push(amounts());
    }
    expect(seen).toEqual([[11], [10], [7], [], []]);
    for (let i = 0; i < 4; i++) state().redoSteer();
    expect(amounts()).toEqual([11]);
    vi.useRealTimers();
  });
});

describe("the next-token bars", () => {
  it("answer one question at a time, then only the newest that waited", async () => {
    const { state, ready, nth, count } = fakeBench();
    await ready();
    state().addSteer(2);
    const done = state().refreshSteer();
    for (const coefficient of [1, 2, 3]) {
      state().setSteer(0, { amount: coefficient });
      void state().refreshSteer();
    }
    expect(count("prompt.steer")).toBe(1);
    nth("prompt.steer").resolve(answer("first"));
    await settle();
    expect(state().shownSteered).toMatchObject(shown("first"));
    expect(count("prompt.steer")).toBe(2);
    expect(nth("prompt.steer").input).toMatchObject({
      steer: { rows: [{ source: { sae: "a" }, amount: 3 }] },
    });
    nth("prompt.steer").resolve(answer("last"));
    await done;
    expect(count("prompt.steer")).toBe(2);
    expect(state().steered).toMatchObject({ status: "ready", value: shown("last") });
  });

  it("do not show the answer for a text that is no longer there", async () => {
    const { store, state, ready, nth } = fakeBench();
    await ready();
    const done = state().refreshSteer();
    store.setState({ text: "Twice" });
    void state().refreshSteer();
    nth("prompt.steer").resolve(answer("Once"));
    await settle();
    expect(state().shownSteered).toBeNull();
    nth("prompt.steer").resolve(answer("Twice"));
    await done;
    expect(state().shownSteered).toMatchObject(shown("Twice"));
  });

  it("keep the last good answer beside the error", async () => {
    const { state, ready, nth } = fakeBench();
    await ready();
    void state().refreshSteer();
    nth("prompt.steer").resolve(answer("good"));
    await settle();
    void state().refreshSteer();
    nth("prompt.steer").reject(new LabError("device-lost", "the GPU went away"));
    await settle();
    expect(state().steered.status).toBe("failed");
    expect(state().shownSteered).toMatchObject(shown("good"));
  });
});

describe("the continuations", () => {
  it("stream side by side from one seed each, only one of them steered; then they are scored", async () => {
    const { store, state, ready, nth, count } = fakeBench();
    await ready();
    state().addSteer(2);
    store.setState({ options: { "steer.samples": "2", "sampling.seed": "5" } });
    const done = state().generateBoth();
    const [plain, steered] = [nth("model.generate", 0), nth("model.generate", 1)];
    expect(plain.input).toMatchObject({
      prompt: { text: "Once" },
      steer: null,
      sampling: { seed: 5 },
    });
    expect(steered.input).toMatchObject({
      steer: { rows: [{ source: { feature: 2 } }] },
      sampling: { seed: 5 },
    });
    plain.progress(token(" upon"));
    steered.progress(token(" more"));
    steered.progress(token(","));
    expect(state().steerSamples[0]!.steered).toMatchObject({ text: " more,", status: "running" });
    expect(state().steerSamples[1]).toMatchObject({ seed: 6, plain: { status: "waiting" } });
    plain.resolve({ text: " upon", tokens: [5], stopped: "length" });
    steered.resolve({ text: " more,", tokens: [5, 1], stopped: "end-of-text" });
    await settle();
    expect(nth("steer.score").input).toMatchObject({
      tokens: [5, 1],
      steer: { rows: [{ amount: 7 }] },
    });
    expect(count("model.generate")).toBe(2);
    nth("steer.score", 0).resolve({ plain: [-1], steered: [-2] });
    nth("steer.score", 1).resolve({ plain: [-1, -2], steered: [-0.5, -1] });
    await settle();
    const [first] = state().steerSamples;
    expect([first!.plain.status, first!.steered.status]).toEqual(["length", "end-of-text"]);
    expect(first!.steered.scores).toEqual({ plain: [-1, -2], steered: [-0.5, -1] });
    expect(nth("model.generate").input).toMatchObject({ sampling: { seed: 6 } });
    for (const n of [2, 3])
      nth("model.generate", n).resolve({ text: "", tokens: [], stopped: "length" });
    await done;
    expect(count("model.generate")).toBe(4);
    expect(count("steer.score")).toBe(2); // nothing was written by the others
  });

  it("are of another time as soon as anything changes that they depend on", async () => {
    const { store, state, ready } = fakeBench();
    await ready();
    state().addSteer(2);
    void state().generateBoth();
    const made = state().generatedWith!;
    expect(isOutdated(made, state())).toBe(false);
    expect(isOutdated(made, { ...state(), options: { "lens.show": "rank" } })).toBe(false);
    state().setSteer(0, { unit: "raw" });
    expect(isOutdated(made, state())).toBe(false);
    const changes = [
      { text: "Twice" },
      { prependBos: false },
      { steerRows: [] },
      { options: { "sampling.seed": "2" } },
      { options: { "steer.attention": "frozen" } },
      { model: { status: "ready", value: { ...info, id: "another" } } },
    ] satisfies Partial<Store>[];
    for (const change of changes) {
      expect(isOutdated(made, { ...store.getState(), ...change })).toBe(true);
    }
  });

  it("keep what they have when stopped, and are scored as far as they go", async () => {
    const { state, ready, nth, count } = fakeBench();
    await ready();
    void state().generateBoth();
    nth("model.generate", 0).progress(token(" upon"));
    state().stopGenerating();
    await settle();
    const [{ plain, steered } = {}] = state().steerSamples;
    expect(plain).toMatchObject({ text: " upon", status: "cancelled" });
    expect(steered!.status).toBe("cancelled");
    expect(count("steer.score")).toBe(1);
    expect(nth("model.generate", 0).signal?.aborted).toBe(true);
  });
});

describe("dose–response", () => {
  const rows = [newRow(feature(2), 7), { ...newRow(feature(0), 3), mode: "multiply" as const }];
  it("sets one row, or all of them together", () => {
    const amounts = (row: number | null, dose: number) =>
      rowsAt(rows, { row, unit: 7 }, dose).map(({ amount }) => amount);
    expect(amounts(0, -2)).toEqual([-14, 3]);
    expect(amounts(1, 0.5)).toEqual([7, 3.5]);
    expect(amounts(null, 2)).toEqual([14, 5]); // a factor of 3 is 1 + 2
    expect(amounts(null, 0)).toEqual([0, 1]);
  });

  it("asks for the likeliest token and the one that rises most", () => {
    const of = (ids: number[], probabilities: number[]) => ({
      ...{ ids, probabilities, strings: ids.map(String), logits: [] },
    });
    const plain = of([5, 6, 7], [0.5, 0.3, 0.1]);
    const told = { plain, of: [], facts: [] };
    const steered = of([7, 5, 6], [0.6, 0.3, 0.05]);
    expect(defaultDoseTokens({ ...told, steered }).map(({ id }) => id)).toEqual([5, 7]);
    expect(defaultDoseTokens({ ...told, steered: plain }).map(({ id }) => id)).toEqual([5]);
  });

  it("shows points as they come, in one batch, and can be cancelled", async () => {
    const { state, ready, nth } = fakeBench();
    await ready();
    state().addSteer(2);
    const tokens = [{ id: 5, string: " a" }];
    const request = { row: 0, doses: [-1, 0, 1], unit: 7, tokens, text: null };
    const done = state().runDose(request);
    const call = nth("steer.effects");
    expect(call.input).toMatchObject({
      tokens: [5],
      settings: [[{ amount: -7 }], [{ amount: 0 }], [{ amount: 7 }]],
    });
    const effect = { logProbabilities: [-1], kl: 0.5, perplexity: 9, change: 0.2 };
    call.progress({ effects: [[1, effect]], done: 1, total: 3, secondsLeft: 2 });
    expect(state().shownDose!.effects).toEqual([null, effect, null]);
    expect(state().doseLeft).toEqual({ done: 1, total: 3, secondsLeft: 2 });
    state().cancelDose();
    await done;
    expect(call.signal?.aborted).toBe(true);
    expect(state().dose.status).toBe("idle");
    const dose = state().shownDose!;
    expect(isDoseOutdated(dose, state())).toBe(false);
    state().setSteer(0, { amount: 3 }); // its own strength is what goes through the range
    expect(isDoseOutdated(dose, state())).toBe(false);
    state().setSteer(0, { mode: "clamp" });
    expect(isDoseOutdated(dose, state())).toBe(true);
  });

  it("is kept for its model, also what was cancelled, and is there after a reload", async () => {
    const { state, ready, nth, count } = fakeBench();
    await ready();
    const request = { row: null, doses: [0, 1], unit: 1, tokens: [], text: null };
    void state().runDose(request);
    state().cancelDose();
    expect(count("circuits.keepAnswer")).toBe(0); // nothing was reached
    const done = state().runDose(request);
    const effect = { logProbabilities: [], kl: 0.5, perplexity: 9, change: null };
    nth("steer.effects").progress({ effects: [[1, effect]], done: 1, total: 2, secondsLeft: 2 });
    state().cancelDose();
    await done;
    const kept = nth("circuits.keepAnswer").input;
    const value = state().shownDose!;
    expect(kept).toMatchObject({ kind: "dose", key: "tiny", value });

    const later = fakeBench();
    await later.ready();
    const read = later.state().readDose();
    later.nth("circuits.answers").resolve([{ ...(kept as object), key: "other" }, kept]);
    await read;
    expect(later.state().shownDose).toEqual(value);
    expect(isDoseOutdated(value, later.state())).toBe(false);
    const hook = "blocks.1.hook_resid_post";
    const source = { kind: "difference", hook, plus: ["a"], minus: ["b"] } as const;
    state().setSteerRows([newRow({ ...source, plus: ["a"], minus: ["b"] }, 1)]);
    const asked = { ...value, rows: state().steerRows };
    const turned = Object.fromEntries(Object.entries(source).reverse()) as unknown as SteerSource;
    state().setSteerRows([newRow(turned, 1)]); // as a reload reads them
    expect(isDoseOutdated(asked, state())).toBe(false);
    state().setSteerRows([newRow({ ...source, plus: ["c"], minus: ["b"] }, 1)]);
    expect(isDoseOutdated(asked, state())).toBe(true);
  });

  it("says what went wrong", async () => {
    const { state, ready, nth } = fakeBench();
    await ready();
    void state().runDose({ row: null, doses: [0, 1], unit: 1, tokens: [], text: "x" });
    nth("steer.effects").reject(new LabError("out-of-memory", "too much"));
    await settle();
    expect(state().dose).toMatchObject({ status: "failed", error: { code: "out-of-memory" } });
  });
});

describe("what is saved", () => {
  it("presets: used, replaced, deleted and brought back", async () => {
    const { state, ready } = fakeBench();
    await ready();
    state().addSteer(2);
    state().setOption("steer.attention", "frozen");
    state().savePreset("one");
    state().clearSteer();
    state().setOption("steer.attention", null);
    state().applyPreset("one");
    expect(state().steerRows).toEqual([newRow(feature(2), 7)]);
    expect(state().options).toEqual({ "steer.attention": "frozen" });
    state().undoSteer();
    expect(state().steerRows).toEqual([]);
    state().savePreset("one");
    expect(state().steerPresets).toEqual([{ name: "one", rows: [], attention: "frozen" }]);
    state().removePreset("one");
    expect(state().steerPresets).toEqual([]);
    state().restoreRemovedSteer();
    expect(state().steerPresets).toHaveLength(1);
  });

  it("experiments: opened again with prompt, rows, sampling and texts", async () => {
    const { state, ready, nth } = fakeBench();
    await ready();
    state().addSteer(2);
    state().setOption("sampling.seed", "9");
    const done = state().generateBoth();
    for (const n of [0, 1]) nth("model.generate", n).progress(token(" upon"));
    for (const n of [0, 1])
      nth("model.generate", n).resolve({ text: "", tokens: [], stopped: "length" });
    await settle();
    for (const n of [0, 1]) nth("steer.score", n).resolve({ plain: [-1], steered: [-1] });
    await done;
    state().saveExperiment("first", "2026-01-01T00:00:00Z");
    const samples = state().steerSamples;
    state().clearSteer();
    state().setText("Twice");
    state().setOptions({ "sampling.seed": null });
    void state().generateBoth();
    state().openExperiment("2026-01-01T00:00:00Z");
    expect(state()).toMatchObject({ text: "Once", options: { "sampling.seed": "9" } });
    expect(state().steerRows).toEqual([newRow(feature(2), 7)]);
    expect(state().steerSamples).toEqual(samples);
    expect(isOutdated(state().generatedWith!, state())).toBe(false);
  });

  it("comes in from a file, and a bad one changes nothing", async () => {
    const { state, ready } = fakeBench();
    await ready();
    const file = { kind: "glassroom steering", version: 1, presets: [{ name: "x", rows: [] }] };
    expect(state().importSteer(JSON.stringify(file))).toEqual({ presets: 1, experiments: 0 });
    expect(state().importSteer("{}")).toBeInstanceOf(LabError);
    expect(state().steerPresets.map(({ name }) => name)).toEqual(["x"]);
  });
});
