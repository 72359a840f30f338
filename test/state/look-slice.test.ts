import { describe, expect, it } from "vitest";
import { LabError } from "../../src/core/lab-error.ts";
import type { ModelLook } from "../../src/core/model-source.ts";
import { benchStore } from "./bench-store.ts";
import { settle } from "./saes.ts";

const look: ModelLook = {
  ...{ id: "a/large", revision: "main", commit: "c1", hub: "https://huggingface.co/" },
  ...{ parameters: 355e6, dtype: "float32", fileBytes: 1.4e9, halfBytes: 0.7e9, keptBytes: 0 },
  ...{ kept: false, memoryBytes: 1.6e9, deviceBytes: null },
};

describe("a model that is asked for by its id", () => {
  it("is shown with its needs when it is large, and loaded in the form that was chosen", async () => {
    const { state, ready, nth, count } = benchStore();
    await ready();
    void state().askForModel("a/large", "v2");
    expect(nth("model.look").input).toMatchObject({ source: { id: "a/large", revision: "v2" } });
    nth("model.look").resolve({ ...look, revision: "v2" });
    await settle();
    expect(state().look).toMatchObject({ status: "ready", value: { parameters: 355e6 } });
    expect(count("model.load")).toBe(1);
    state().acceptLook("float16");
    expect(nth("model.load").input).toMatchObject({
      source: { id: "a/large", revision: "v2", half: true },
    });
    expect(state().look.status).toBe("idle");
  });

  it.each([
    ["small", { fileBytes: 5e6 }],
    ["kept here", { kept: true, keptBytes: 1.4e9 }],
    ["here for the most part", { keptBytes: 1.35e9 }],
  ])("is loaded at once when it is %s", async (_, patch) => {
    const { state, ready, nth, count } = benchStore();
    await ready();
    void state().askForModel("a/large");
    nth("model.look").resolve({ ...look, ...patch });
    await settle();
    expect(count("model.load")).toBe(2);
    expect(state().look.status).toBe("idle");
  });

  it("is refused with the reason, and can be asked for again", async () => {
    const { state, ready, nth, count } = benchStore();
    await ready();
    void state().askForModel("a/llama");
    const error = new LabError("unsupported", "this is a llama");
    nth("model.look").reject(error);
    await settle();
    expect(state().look).toEqual({ status: "failed", error });
    state().askAgain();
    expect(count("model.look")).toBe(2);
    state().dismissLook();
    expect(nth("model.look").signal?.aborted).toBe(true);
    await settle();
    expect(state().look.status).toBe("idle");
  });
});

it("says whether the model on the bench is still the newest, until another comes", async () => {
  const { state, nth, arrive } = benchStore();
  void state().loadModel("a/b");
  await arrive({ id: "a/b", source: "hub", revision: "main", commit: "c1", rounded: true });
  void state().checkNewest();
  nth("model.newest").resolve({ kept: "c1", newest: "c2" });
  await settle();
  expect(state().newest).toMatchObject({ status: "ready", value: { newest: "c2" } });
  state().loadNewest();
  expect(nth("model.load").input).toMatchObject({ source: { refresh: true, half: true } });
  await arrive({ id: "a/b", source: "hub", revision: "main", commit: "c2" });
  expect(state().newest.status).toBe("idle");
});

it("deletes what is kept, and shows what is left when that fails", async () => {
  const { state, ready, nth } = benchStore();
  await ready();
  const report = { models: [], saes: { count: 0, bytes: 0 }, usedBytes: 1, quotaBytes: 9 };
  void state().deleteModels(["k"]);
  expect(nth("storage.delete").input).toEqual({ keys: ["k"] });
  nth("storage.delete").reject(new LabError("bad-input", "it is being fetched just now"));
  await settle();
  nth("storage.report").resolve({ ...report, persisted: false });
  await settle();
  expect(state().storageError?.message).toMatch(/being fetched/);
  expect(state().storage).toMatchObject({ status: "ready", value: { usedBytes: 1 } });
});

it("takes a mirror that is an address, and goes back to the Hub", () => {
  const { state } = benchStore();
  expect(state().chooseMirror("http://far.example/")?.message).toMatch(/begin with https/);
  expect(state().mirror).toBeNull();
  expect(state().chooseMirror(" https://hub.school.example/gpt ")).toBeNull();
  expect(state()).toMatchObject({
    mirror: "https://hub.school.example/gpt/",
    chosenMirror: "https://hub.school.example/gpt/",
  });
  expect(state().chooseMirror("")).toBeNull();
  expect(state().mirror).toBeNull();
});
