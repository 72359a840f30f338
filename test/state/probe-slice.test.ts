/** Probes in the store, over a fake worker: what is asked, found, stopped, kept and brought back. */
import { describe, expect, it } from "vitest";
import { LabError } from "../../src/core/lab-error.ts";
import type { KeptProbes, ProbeQuestion, ProbeRequest, ProbeResult } from "../../src/core/probe.ts";
import { questionKey, requestKey } from "../../src/state/probe-slice.ts";
import { isLast } from "../../src/storage/probe-store.ts";
import { benchStore } from "./bench-store.ts";
import { settle } from "./saes.ts";

const request = (text: string): ProbeRequest => ({
  ...{ source: { kind: "own", name: "mine", text }, texts: 1, most: 10, balanced: true, seed: 0 },
});
const question: ProbeQuestion = {
  ...{ request: request("a,b"), read: "last", loss: "logistic", folds: 1, shuffles: 2 },
  places: [0, 1].map((layer) => ({ site: "hook_resid_post", layer, head: null })),
};
const result = (layer: number): ProbeResult => ({
  place: { site: "hook_resid_post", layer, head: null },
  ...{ width: 2, lambdas: [0.1], converged: true, held: 4, fitted: 16, wrong: [] },
  scores: {
    ...{ kind: "classes", classes: ["n", "y"], accuracy: 0.75, balanced: 0.75, auc: 0.8 },
    ...{ majority: 0.5, confusion: Float64Array.of(1, 1, 0, 2), shuffled: [0.5, 0.25] },
  },
  directions: [{ to: "y", unit: Float32Array.of(0.6, 0.8), slope: 1, mean: 0, deviation: 2 }],
});
const progress = (layer: number) => ({
  ...{ stage: "fitting" as const, done: layer + 1, total: 2, secondsLeft: 1 },
  result: result(layer),
});

async function opened() {
  const bench = benchStore();
  await bench.ready();
  return bench;
}

describe("probes", () => {
  it("come one by one, and are kept when all are there", async () => {
    const { state, nth } = await opened();
    const running = state().runProbes(question);
    expect(nth("probe.run").input).toEqual(question);
    expect(state().probeRun).toMatchObject({ status: "running", key: questionKey(question) });
    nth("probe.run").progress({ ...progress(0), stage: "reading", result: null });
    expect(state().probeRun).toMatchObject({ stage: "reading", results: [] });
    nth("probe.run").progress(progress(0));
    expect(state().probeRun!.results).toEqual([result(0)]);
    nth("probe.run").progress(progress(1));
    nth("probe.run").resolve({ view: {} as never, seconds: 1 });
    await running;
    expect(state().probeRun).toMatchObject({ status: "done", secondsLeft: null });
    const { last } = nth("probe.keep").input as Partial<KeptProbes>;
    expect(last).toMatchObject({ modelId: "tinylab-gpt2-4l", results: [result(0), result(1)] });
    expect(isLast(last)).toBe(true);
  });

  it("that were found stay when the rest is stopped, and are kept", async () => {
    const { state, nth } = await opened();
    const running = state().runProbes(question);
    nth("probe.run").progress(progress(0));
    state().stopProbes();
    await running;
    expect(state().probeRun).toMatchObject({ status: "stopped", results: [result(0)] });
    expect((nth("probe.keep").input as Partial<KeptProbes>).last!.results).toHaveLength(1);
  });

  it("that fail say why", async () => {
    const { state, nth } = await opened();
    const running = state().runProbes(question);
    nth("probe.run").reject(new LabError("bad-input", "one class"));
    await running;
    expect(state().probeRun).toMatchObject({ status: "failed", error: { message: "one class" } });
  });

  it("and one's own data are there again on the next visit", async () => {
    const { state, nth } = await opened();
    const restoring = state().restoreProbes();
    const { key } = { key: questionKey(question) };
    const last = { key, modelId: "tinylab-gpt2-4l", question, results: [result(0)] };
    nth("probe.kept").resolve({ own: { name: "mine", text: "a,b" }, last });
    await restoring;
    expect(state().probeTable).toEqual({ name: "mine", text: "a,b" });
    expect(state().probeRun).toMatchObject({ status: "stopped", done: 1, total: 2 });
    state().setProbeTable(null);
    expect(nth("probe.keep").input).toEqual({ own: null });
  });

  it("show the newest data that were chosen", async () => {
    const { state, nth } = await opened();
    void state().viewProbeData(request("a"));
    const first = nth("probe.view");
    void state().viewProbeData(request("b"));
    const view = { unit: "text", labels: {}, texts: 2, notes: [], examples: [] } as never;
    nth("probe.view").resolve(view);
    first.resolve({ ...(view as object), texts: 9 });
    await settle();
    expect(state().probeView).toEqual({
      status: "ready",
      value: { key: requestKey(request("b")), view },
    });
  });

  it("damaged in storage are left out", () => {
    const last = { key: "k", modelId: "m", question, results: [result(0)] };
    expect(isLast(last)).toBe(true);
    expect(isLast({ ...last, results: [{ ...result(0), width: 3 }] })).toBe(false);
    expect(isLast({ ...last, results: [{ ...result(0), scores: { kind: "classes" } }] })).toBe(
      false,
    );
    expect(isLast({ ...last, question: null })).toBe(false);
    expect(requestKey(request("ab"))).not.toBe(requestKey(request("ba")));
  });
});
