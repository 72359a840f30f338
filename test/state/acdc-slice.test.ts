/** The search edge by edge over a fake worker: paused, gone on with, kept over a reload, stopped, and made a circuit. */
import { describe, expect, it } from "vitest";
import { type AcdcProgress, isAcdcSearch, startOf } from "../../src/core/acdc.ts";
import { circuitGraph } from "../../src/core/circuit.ts";
import { LabError } from "../../src/core/lab-error.ts";
import { repetitionOf } from "../../src/rpc/repeat.ts";
import { benchStore } from "./bench-store.ts";
import { settle } from "./saes.ts";

const question = {
  pairs: [{ clean: [1, 2], corrupted: [3, 2], answers: [4], wrong: [5] }],
  ...{ metric: "logitDiff" as const, corruption: "resample" as const, threshold: 0.5 },
  ...{ order: "normal" as const, seed: 0, absolute: false },
};
const graph = circuitGraph({ n_layer: 4, n_head: 2 }); // the bench's model

/** After the first edges of the order: those into the logits; the last of them is kept. */
function progressAt(decided: number): AcdcProgress {
  const state = { ...startOf(graph, -3), decided, tested: decided, seconds: 2 };
  for (let i = 1; i <= decided; i++) {
    const edge = graph.edges - i;
    state.rises[edge] = i === decided ? 1.5 : 0.01;
    if (i < decided) state.mask[edge] = 0;
  }
  return { state, total: graph.edges, kept: 1, rate: 4, secondsLeft: 9 };
}

async function searching() {
  const bench = benchStore();
  await bench.ready();
  const { state, nth } = bench;
  const running = state().startAcdc(question, "pairs");
  await settle();
  expect(nth("circuits.acdc").input).toEqual({ ...question, state: null });
  nth("circuits.acdc").progress(progressAt(3));
  return { ...bench, running };
}

describe("a search", () => {
  it("tells how far it is, and is kept as it goes", async () => {
    const { state, nth } = await searching();
    expect(state().acdcRun).toMatchObject({ status: "running", task: "pairs", n_layer: 4 });
    expect(state().acdcRun!.progress).toMatchObject({ kept: 1, rate: 4 });
    const kept = nth("circuits.keepSearch").input;
    expect(isAcdcSearch(kept)).toBe(true);
    expect(kept).toMatchObject({ question, state: { decided: 3 } });
  });

  it("paused, goes on where it was", async () => {
    const { state, nth, running } = await searching();
    state().pauseAcdc();
    await settle();
    expect(state().acdcRun!.status).toBe("paused");
    nth("circuits.keepSearch").resolve(null);
    await running;
    void state().resumeAcdc();
    await settle();
    expect(nth("circuits.acdc").input).toMatchObject({ state: { decided: 3 } });
    expect(state().acdcRun!.status).toBe("running");
  });

  it("becomes a circuit, whose scores are what cutting adds to the metric", async () => {
    const { state, nth } = await searching();
    const { state: end } = progressAt(5);
    nth("circuits.acdc").resolve({ state: end, mask: end.mask });
    await settle();
    const [found] = state().circuits!;
    expect(found).toMatchObject({ method: "acdc", name: "pairs, ACDC τ = 0.5", threshold: 0.5 });
    expect(found!.scores![graph.edges - 5]).toBe(-1.5); // the logit difference falls where the loss rises
    expect(found!.mask).toEqual(end.mask);
    expect(state()).toMatchObject({ acdcRun: null, openCircuit: found!.id });
    nth("circuits.save").resolve(null);
    await settle();
    expect(nth("circuits.keepSearch").input).toBeNull();
  });

  it("stopped, is a circuit with what was found, and says how far it came", async () => {
    const { state, nth } = await searching();
    void state().stopAcdc();
    await settle();
    expect(nth("circuits.acdc").signal!.aborted).toBe(true);
    expect(state().circuits![0]!.name).toBe(
      `pairs, ACDC stopped at ${Math.floor(300 / graph.edges)} %`,
    );
    expect(state().acdcRun).toBeNull();
  });

  it("that failed says why, and can go on", async () => {
    const { state, nth } = await searching();
    nth("circuits.acdc").reject(new LabError("out-of-memory", "no room"));
    await settle();
    expect(state().acdcRun).toMatchObject({ status: "failed", error: { code: "out-of-memory" } });
    void state().resumeAcdc();
    await settle();
    expect(nth("circuits.acdc").input).toMatchObject({ state: { decided: 3 } });
  });
});

describe("after a reload", () => {
  const search = () => ({
    ...{ model: "tinylab-gpt2-4l", n_layer: 4, n_head: 2, task: "pairs", question },
    state: progressAt(3).state,
  });

  it("it waits, paused, and goes on", async () => {
    const bench = benchStore();
    await bench.ready();
    const { state, nth, count } = bench;
    void state().readAcdc();
    void state().readAcdc();
    expect(count("circuits.search")).toBe(1);
    nth("circuits.search").resolve(search());
    await settle();
    expect(state().acdcRun).toMatchObject({ status: "paused", progress: { kept: 1 } });
    void state().resumeAcdc();
    await settle();
    expect(nth("circuits.acdc").input).toMatchObject({ ...question, state: { decided: 3 } });
  });

  it("what is stored is checked before it is believed", () => {
    expect(isAcdcSearch(search())).toBe(true);
    expect(isAcdcSearch(null)).toBe(false);
    expect(isAcdcSearch({ ...search(), n_head: 3 })).toBe(false);
    expect(isAcdcSearch({ ...search(), question: { ...question, order: "odd" } })).toBe(false);
    expect(isAcdcSearch({ ...search(), state: { ...progressAt(3).state, mask: [1] } })).toBe(false);
  });

  it("of the worker, the call goes on from the last state that was told", () => {
    const told = progressAt(3);
    const input = { ...question, state: null };
    expect(repetitionOf("circuits.acdc", input, [])).toEqual({ method: "circuits.acdc", input });
    expect(repetitionOf("circuits.acdc", input, [told])).toEqual({
      method: "circuits.acdc",
      input: { ...question, state: told.state },
    });
  });
});
