import { describe, expect, it } from "vitest";
import { LabError } from "../../src/core/lab-error.ts";
import type { GeneratedToken } from "../../src/core/types.ts";
import { isOutdated } from "../../src/state/steer-slice.ts";
import type { Store } from "../../src/state/store.ts";
import { fakeBench, info, settle, summary, table } from "./saes.ts";

const answer = (name: string) => ({ plain: { name }, steered: { name } });
const token = (text: string): GeneratedToken => ({
  ...{ id: text.length, text, string: text, probability: 0.5, rank: 1, alternatives: null },
});

describe("the chosen features", () => {
  it("start at their own largest activation, once each", async () => {
    const { state, ready } = fakeBench();
    await ready();
    state().addSteer(2);
    state().addSteer(1); // never fired: no largest activation to start from
    state().addSteer(2);
    expect(state().steerFeatures).toEqual([
      { feature: 2, mode: "add", coefficient: 7 },
      { feature: 1, mode: "add", coefficient: 1 },
    ]);
    state().setSteer(1, { mode: "clamp", coefficient: -3 });
    state().removeSteer(0);
    expect(state().steerFeatures).toEqual([{ feature: 1, mode: "clamp", coefficient: -3 }]);
    state().clearSteer();
    expect(state().steerFeatures).toEqual([]);
  });

  it("chosen before the statistics are there take their scale from them, unless moved meanwhile", async () => {
    const { store, state, nth } = fakeBench();
    store.setState({ model: { status: "ready", value: info } });
    nth("sae.list").resolve([summary("a")]);
    await settle();
    state().addSteer(2);
    state().addSteer(0);
    state().setSteer(1, { coefficient: 0.5 });
    nth("sae.features").resolve(table("a"));
    await settle();
    expect(state().steerFeatures.map((s) => s.coefficient)).toEqual([7, 0.5]);
  });

  it("belong to their SAE and come back with it", async () => {
    const { state, ready } = fakeBench();
    await ready();
    state().addSteer(2);
    void state().selectSae("b");
    expect(state().steerFeatures).toEqual([]);
    void state().selectSae("a");
    expect(state().steerFeatures).toHaveLength(1);
  });

  it("of a link stay when the SAE arrives", async () => {
    const { store, state, ready } = fakeBench();
    store.setState({ steerFeatures: [{ feature: 0, mode: "clamp", coefficient: 4 }] });
    await ready();
    expect(state().steerFeatures).toHaveLength(1);
  });
});

describe("the next-token bars", () => {
  it("answer one question at a time, then only the newest that waited", async () => {
    const { state, ready, nth, count } = fakeBench();
    await ready();
    state().addSteer(2);
    const done = state().refreshSteer();
    for (const coefficient of [1, 2, 3]) {
      state().setSteer(0, { coefficient });
      void state().refreshSteer();
    }
    expect(count("prompt.steer")).toBe(1);
    nth("prompt.steer").resolve(answer("first"));
    await settle();
    expect(state().shownSteered).toEqual(answer("first"));
    expect(count("prompt.steer")).toBe(2);
    expect(nth("prompt.steer").input).toMatchObject({
      steer: { saeId: "a", features: [{ coefficient: 3 }] },
    });
    nth("prompt.steer").resolve(answer("last"));
    await done;
    expect(count("prompt.steer")).toBe(2);
    expect(state().steered).toEqual({ status: "ready", value: answer("last") });
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
    expect(state().shownSteered).toEqual(answer("Twice"));
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
    expect(state().shownSteered).toEqual(answer("good"));
  });
});

describe("the two continuations", () => {
  it("stream side by side from one seed, only one of them steered", async () => {
    const { state, ready, nth } = fakeBench();
    await ready();
    state().addSteer(2);
    const done = state().generateBoth();
    const [plain, steered] = [nth("model.generate", 0), nth("model.generate", 1)];
    expect(plain.input).toMatchObject({ prompt: { text: "Once" }, steer: null });
    expect(steered.input).toMatchObject({ steer: { saeId: "a", features: [{ feature: 2 }] } });
    plain.progress(token(" upon"));
    steered.progress(token(" more"));
    steered.progress(token(","));
    expect(state().continuations.steered).toMatchObject({ text: " more,", status: "running" });
    plain.resolve({ text: " upon", tokens: [5], stopped: "length" });
    steered.resolve({ text: " more,", tokens: [5, 1], stopped: "end-of-text" });
    await done;
    const { plain: p, steered: s } = state().continuations;
    expect([p.status, s.status]).toEqual(["length", "end-of-text"]);
    expect(s.tokens.map(({ text }) => text)).toEqual([" more", ","]);
  });

  it("are of another time as soon as anything changes that they depend on", async () => {
    const { store, state, ready } = fakeBench();
    await ready();
    void state().generateBoth();
    const made = state().generatedWith!;
    expect(isOutdated(made, state())).toBe(false);
    expect(isOutdated(made, { ...state(), options: { "lens.show": "rank" } })).toBe(false);
    const changes = [
      { text: "Twice" },
      { prependBos: false },
      { steerFeatures: [] },
      { options: { "sampling.seed": "2" } },
      { model: { status: "ready", value: { ...info, id: "another" } } },
    ] satisfies Partial<Store>[];
    for (const change of changes) {
      expect(isOutdated(made, { ...store.getState(), ...change })).toBe(true);
    }
  });

  it("keep what they have when stopped", async () => {
    const { state, ready, nth } = fakeBench();
    await ready();
    const done = state().generateBoth();
    nth("model.generate", 0).progress(token(" upon"));
    state().stopGenerating();
    await done;
    nth("model.generate", 0).progress(token(" late"));
    expect(nth("model.generate").signal?.aborted).toBe(true);
    expect(state().continuations.plain).toMatchObject({ text: " upon", status: "cancelled" });
  });

  it("fail each for itself", async () => {
    const { state, ready, nth } = fakeBench();
    await ready();
    const done = state().generateBoth();
    nth("model.generate", 1).reject(new LabError("out-of-memory", "too long"));
    nth("model.generate", 0).resolve({ text: "", tokens: [], stopped: "length" });
    await done;
    const { plain, steered } = state().continuations;
    expect([plain.status, steered.status]).toEqual(["length", "failed"]);
    expect(steered.error?.message).toBe("too long");
  });
});
