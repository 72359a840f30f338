import { describe, expect, it } from "vitest";
import type { KeptRun } from "../../src/core/kept-run.ts";
import { LabError } from "../../src/core/lab-error.ts";
import type { TrainPoint } from "../../src/core/train-point.ts";
import { mergePoints } from "../../src/state/train-slice.ts";
import { fakeBench, point, progress, settle, summary } from "./saes.ts";

const steps20 = () => Array.from({ length: 20 }, (_, i) => point(i + 2));
const sample = { feature: 2, density: 0.1, max: 3, examples: [] };
const steps = (points: readonly { step: number }[]) => points.map(({ step }) => step);

describe("a training run", () => {
  it("sends what the form says", async () => {
    const { state, ready, nth } = fakeBench();
    await ready();
    state().setTrainRequest({
      variant: "topk",
      k: "4",
      expansion: "2",
      tokens: "50,000",
      name: " x ",
    });
    void state().startTraining();
    expect(nth("sae.train").input).toEqual({
      ...{ name: "x", hook: "blocks.1.hook_resid_post", dSae: 12, variant: "topk", k: 4 },
      ...{ lr: 0.001, batchSize: 1024, tokens: 50000, seed: 0 },
      ...{ lrWarmUp: 0.05, lrDecay: 0.2 },
    });
  });

  it("gathers the points of all messages, and ends with the SAE on the shelf", async () => {
    const { state, ready, nth, count } = fakeBench();
    await ready();
    const done = state().startTraining();
    const call = nth("sae.train");
    call.progress(progress("r", [point(1), point(2)]));
    call.progress(progress("r", []));
    call.progress(progress("r", [point(3)]));
    expect(steps(state().trainPoints)).toEqual([1, 2, 3]);
    const lists = count("sae.list");
    call.resolve(summary("r"));
    await settle();
    expect(count("sae.weights")).toBe(0);
    expect(state().training).toEqual({ status: "ready", value: summary("r") });
    expect(steps(state().trainPoints)).toEqual([1, 2, 3]);
    expect(count("sae.list")).toBe(lists + 1);
    nth("sae.list").resolve([summary("a"), summary("r")]);
    await done;
  });

  it("keeps its points when it fails, and says why", async () => {
    const { state, ready, nth } = fakeBench();
    await ready();
    void state().startTraining();
    nth("sae.train").progress(progress("r", [point(1)]));
    nth("sae.train").reject(new LabError("device-lost", "the GPU went away"));
    await settle();
    expect(state().training).toMatchObject({ status: "failed", error: { code: "device-lost" } });
    expect(steps(state().trainPoints)).toEqual([1]);
  });

  it("hears no more of a run that was cancelled", async () => {
    const { state, ready, nth } = fakeBench();
    await ready();
    void state().startTraining();
    const call = nth("sae.train");
    call.progress(progress("r", [point(1)]));
    state().cancelTraining();
    expect(call.signal?.aborted).toBe(true);
    call.progress(progress("r", [point(2)]));
    await settle();
    expect(state().training).toEqual({ status: "idle" });
    expect(steps(state().trainPoints)).toEqual([1]);
  });

  it("is not started twice, nor from a form with a problem, nor without a model", async () => {
    const { state, ready, count } = fakeBench();
    await state().startTraining();
    expect(state().training).toMatchObject({ status: "failed", error: { code: "not-found" } });
    await ready();
    state().setTrainRequest({ lr: "fast" });
    await state().startTraining();
    expect(count("sae.train")).toBe(0);
    state().setTrainRequest({ lr: "0.01" });
    void state().startTraining();
    void state().startTraining();
    void state().resumeTraining("z");
    expect([count("sae.train"), count("sae.continue")]).toEqual([1, 0]);
  });

  it("stays paused although a message sent earlier says it runs", async () => {
    const { state, ready, nth } = fakeBench();
    await ready();
    void state().startTraining();
    const call = nth("sae.train");
    call.progress(progress("r", [point(1)]));
    void state().pauseTraining(true);
    call.progress(progress("r", [point(2)]));
    expect(state().training).toMatchObject({ progress: { status: "paused" } });
    void state().pauseTraining(false);
    expect(state().training).toMatchObject({ progress: { status: "running" } });
    expect(nth("sae.pause", 0).input).toEqual({ paused: true });
    expect(steps(state().trainPoints)).toEqual([1, 2]);
  });

  it("goes on with its own points when resumed, and with none of another run", async () => {
    const { state, ready, nth } = fakeBench();
    await ready();
    void state().startTraining();
    nth("sae.train").progress(progress("r", [point(1), point(2), point(3)]));
    state().cancelTraining();
    void state().resumeTraining("r");
    nth("sae.continue").progress(progress("r", [point(2)]));
    expect(steps(state().trainPoints)).toEqual([1, 2]);
    state().cancelTraining();
    void state().resumeTraining("s");
    nth("sae.continue").progress(progress("s", [point(7)]));
    expect(steps(state().trainPoints)).toEqual([7]);
  });

  it("is kept with its curves when it ends, is cancelled, or has come some way; the last is there after a reload", async () => {
    const { state, ready, nth, count } = fakeBench();
    await ready();
    void state().startTraining();
    const call = nth("sae.train");
    call.progress(progress("r", [point(1)]));
    expect(count("circuits.keepAnswer")).toBe(0);
    call.progress({ ...progress("r", steps20()), samples: [sample] });
    expect(nth("circuits.keepAnswer").input).toMatchObject({
      ...{ kind: "run", key: "r" },
      value: { id: "r", request: { hook: "blocks.1.hook_resid_post" }, density: null },
    });
    call.resolve(summary("r"));
    await settle();
    nth("sae.list").resolve([summary("a"), summary("r", { name: "Mine" })]);
    await settle();
    const kept = nth("circuits.keepAnswer").input as { value: KeptRun };
    expect(kept.value.name).toBe("Mine");
    expect(steps(kept.value.points)).toEqual([1, ...steps(steps20())]);
    void state().startTraining();
    nth("sae.train").progress(progress("s", [point(1), point(2)]));
    state().cancelTraining();
    expect(nth("circuits.keepAnswer").input).toMatchObject({ key: "s" });
    expect(state().keptRuns.map(({ id }) => id)).toEqual(["s", "r"]);

    const later = fakeBench();
    await later.ready();
    const read = later.state().readRuns();
    later.nth("circuits.answers").resolve([
      { kind: "run", key: "s", value: { ...kept.value, id: "s", name: "Older" } },
      { kind: "run", key: "r", value: kept.value },
    ]);
    await read;
    expect(later.state().shownRun).toBe("r");
    expect(steps(later.state().trainPoints)).toEqual(steps(kept.value.points));
    expect(later.state().trainSamples).toEqual({ step: 21, features: [sample] });
    expect(later.state().trainedRequest).toEqual(kept.value.request);
    later.state().showRun("s");
    expect(later.state().shownRun).toBe("s");
    void later.state().startTraining();
    later.state().showRun("r"); // not while another is under way
    expect(later.state().trainPoints).toEqual([]);
  });

  it("is shown from its beginning when it goes on, be the page a new one or not", async () => {
    const { state, ready, nth } = fakeBench();
    await ready();
    void state().resumeTraining("r");
    const past = (...points: TrainPoint[]) => [{ id: "r", name: "R", points }];
    nth("sae.continue").progress({ ...progress("r", []), past: past(point(1), point(2)) });
    expect(steps(state().trainPoints)).toEqual([1, 2]);
    nth("sae.continue").progress(progress("r", [point(3)]));
    nth("sae.continue").progress(progress("r", [point(4)]));
    // Another worker goes on from the last checkpoint.
    nth("sae.continue").progress({ ...progress("r", []), past: past(point(1), point(2)) });
    expect(steps(state().trainPoints)).toEqual([1, 2]);
    nth("sae.continue").progress(progress("r", [point(3)]));
    expect(steps(state().trainPoints)).toEqual([1, 2, 3]);

    state().cancelTraining();
    void state().resumeTraining("s");
    const two = [...past(point(1)), { id: "t", name: "T", points: [point(1), point(2)] }];
    const members = two.map(({ id, name }) => ({ id, name, points: [] }));
    nth("sae.continue").progress({ ...progress("s", []), past: two, members });
    expect(state().sweepPoints).toEqual(two);
  });
});

it("puts an end to a trial that is under way", async () => {
  const { state, ready, nth } = fakeBench();
  await ready();
  void state().measurePace();
  void state().startTraining();
  expect(nth("sae.trial").signal?.aborted).toBe(true);
  expect(nth("sae.train").signal?.aborted).toBe(false);
  await settle();
  expect(state().trial).toEqual({ status: "idle" });
});

describe("a fork", () => {
  it("is a new run from where another stands, and is told of like any other", async () => {
    const { state, ready, nth } = fakeBench();
    const request = { hook: "blocks.1.hook_resid_post", dSae: 12, variant: "topk", k: 4 } as const;
    await ready([summary("a", { request: { ...request, tokens: 900, seed: 0 } })]);
    void state().forkTraining("a", { k: 2, tokens: 2000 });
    expect(nth("sae.fork").input).toEqual({ id: "a", change: { k: 2, tokens: 2000 } });
    expect(state().trainedRequest).toMatchObject({ variant: "topk", k: 2, tokens: 2000 });
    nth("sae.fork").progress(progress("b", [point(4)]));
    expect(steps(state().trainPoints)).toEqual([4]);
    void state().forkTraining("a", {});
    nth("sae.fork").resolve(summary("b"));
    await settle();
    expect(state().training).toEqual({ status: "ready", value: summary("b") });
  });
});

it("features and densities are those told last, and none of the run before", async () => {
  const { state, ready, nth } = fakeBench();
  await ready();
  void state().startTraining();
  const samples = [{ feature: 3, density: 0.1, max: 2, examples: [] }];
  nth("sae.train").progress({ ...progress("r", [point(2)]), samples });
  nth("sae.train").progress(progress("r", [point(3)]));
  expect(state().trainSamples).toEqual({ step: 2, features: samples });
  state().cancelTraining();
  void state().startTraining();
  expect(state().trainSamples).toBeNull();
});

it("merges points without changing what was shown", () => {
  const shown = [point(1), point(2)];
  expect(mergePoints(shown, [])).toBe(shown);
  expect(steps(mergePoints(shown, [point(3)]))).toEqual([1, 2, 3]);
  expect(steps(mergePoints(shown, [point(2), point(4)]))).toEqual([1, 2, 4]);
  expect(shown).toHaveLength(2);
});
