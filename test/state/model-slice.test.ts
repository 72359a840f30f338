import { describe, expect, it } from "vitest";
import { LabError } from "../../src/core/lab-error.ts";
import { benchStore } from "./bench-store.ts";
import { info, settle } from "./saes.ts";

const progress = { phase: "weights", file: "model.safetensors", loadedBytes: 5 } as const;

describe("loading a model", () => {
  it("shows the progress of the first one, then puts it on the bench and runs the prompt", async () => {
    const { state, nth, arrive, count } = benchStore();
    void state().loadModel("tinylab-gpt2-4l");
    const at = { ...progress, totalBytes: 9, bytesPerSecond: null, fromCache: false };
    nth("model.load").progress(at);
    expect(state().model).toEqual({ status: "running", progress: at });
    expect(state().loading).toEqual({ status: "running", progress: at });
    await arrive();
    expect(state().model).toEqual({ status: "ready", value: info });
    expect(state().loading.status).toBe("idle");
    expect(count("prompt.view")).toBe(1);
  });

  it("leaves the model on the bench where it is when the next one fails, and says what failed", async () => {
    const { state, ready, nth, count } = benchStore();
    await ready();
    const { model } = state();
    void state().loadModel("nobody/nothing");
    const error = new LabError("not-found", "the Hub has no nobody/nothing");
    nth("model.load").reject(error);
    await settle();
    expect(state().model).toBe(model);
    expect(state().loading).toEqual({ status: "failed", error });
    expect(state().loadingName).toBe("nobody/nothing");
    expect(count("model.load")).toBe(2); // nothing else was tried
    state().dismissLoadError();
    expect(state().loading.status).toBe("idle");
  });

  it("fills an empty bench with the embedded model while the failure stays on show", async () => {
    const { state, nth, arrive } = benchStore();
    void state().loadModel("openai-community/gpt2");
    nth("model.load").reject(new LabError("network", "the Hub could not be reached"));
    await settle();
    expect(nth("model.load").input).toMatchObject({ source: { kind: "embedded" } });
    const at = { ...progress, totalBytes: 9, bytesPerSecond: null, fromCache: false };
    nth("model.load").progress(at);
    expect(state().model).toEqual({ status: "running", progress: at });
    await arrive({ id: "tinylab-gpt2-4l" });
    expect(state().model).toMatchObject({ status: "ready", value: { id: "tinylab-gpt2-4l" } });
    expect(state().loading).toMatchObject({ status: "failed", error: { code: "network" } });
  });

  it("takes the newest wish and cancels the older", async () => {
    const { state, ready, nth, arrive } = benchStore();
    await ready();
    void state().loadModel("a/first");
    const first = nth("model.load");
    void state().loadModel("a/second");
    expect(first.signal?.aborted).toBe(true);
    await arrive({ id: "a/second", source: "hub", revision: "main" });
    first.resolve({ info: { ...info, id: "a/first" }, tokenizer: { json: "", config: "" } });
    await settle();
    expect(state().model).toMatchObject({ status: "ready", value: { id: "a/second" } });
  });

  it("shows what is loaded from the console, and drops what the page was loading", async () => {
    const { lab, state, ready, nth, arrive, count } = benchStore();
    await ready();
    void state().loadModel("a/first");
    const first = nth("model.load");
    const runs = count("prompt.view");
    void lab.load("a/second", { revision: "v2" });
    await arrive({ id: "a/second", source: "hub", revision: "v2" });
    expect(first.signal?.aborted).toBe(true);
    expect(state().model).toMatchObject({ status: "ready", value: { id: "a/second" } });
    expect(state().loading.status).toBe("idle");
    expect(state().recent[0]).toEqual({ id: "a/second", revision: "v2" });
    expect(count("prompt.view")).toBe(runs + 1);
    void state().reloadModel();
    expect(nth("model.load").input).toMatchObject({ source: { id: "a/second", revision: "v2" } });
  });

  it("can be cancelled, which is no failure", async () => {
    const { state, ready, nth } = benchStore();
    await ready();
    const { model } = state();
    void state().loadModel("a/slow");
    state().cancelLoad();
    expect(nth("model.load").signal?.aborted).toBe(true);
    await settle();
    expect(state().loading.status).toBe("idle");
    expect(state().model).toBe(model);
  });

  it("refuses an id that cannot be one, before the worker is asked", async () => {
    const { state, ready, count } = benchStore();
    await ready();
    await state().loadModel("../etc/passwd");
    expect(state().loading).toMatchObject({ status: "failed", error: { code: "bad-input" } });
    expect(count("model.load")).toBe(1);
  });

  it("tries again what failed, and loads again what is on the bench", async () => {
    const { state, ready, nth } = benchStore();
    await ready();
    void state().loadModel("a/b", { revision: "v2" });
    nth("model.load").reject(new LabError("network", "away"));
    await settle();
    void state().retryLoad();
    expect(nth("model.load").input).toMatchObject({ source: { id: "a/b", revision: "v2" } });
    nth("model.load").reject(new LabError("network", "still away"));
    await settle();
    state().setDevice("wasm");
    void state().reloadModel();
    expect(nth("model.load").input).toMatchObject({
      source: { kind: "embedded" },
      device: "wasm",
    });
  });

  it("remembers models of the Hub, newest first, each once", async () => {
    const { state, ready, arrive } = benchStore();
    await ready();
    for (const id of ["a/one", "a/two", "a/one"]) {
      void state().loadModel(id);
      await arrive({ id, source: "hub", revision: "main" });
    }
    expect(state().recent).toEqual([
      { id: "a/one", revision: "main" },
      { id: "a/two", revision: "main" },
    ]);
  });
});
