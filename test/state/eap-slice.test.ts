/** The search by gradients over a fake worker: what it finds is kept, cut and shown; edits are undone one by one. */
import { describe, expect, it } from "vitest";
import { circuitGraph } from "../../src/core/circuit.ts";
import { PLAIN_VIEW } from "../../src/core/circuit-view.ts";
import type { KeptAnswer } from "../../src/core/kept-answer.ts";
import { LabError } from "../../src/core/lab-error.ts";
import { eapKey } from "../../src/state/eap-slice.ts";
import { benchStore } from "./bench-store.ts";
import { settle } from "./saes.ts";

const question = {
  pairs: [{ clean: [1, 2], corrupted: [3, 2], answers: [4], wrong: [5] }],
  ...{ metric: "logitDiff" as const, method: "eap" as const, steps: 1 },
};
async function searched() {
  const bench = benchStore();
  await bench.ready();
  const { state, nth } = bench;
  const running = state().runEap(question, "pairs");
  await settle();
  nth("circuits.eap").progress({ done: 1, total: 1, secondsLeft: 0 });
  expect(state().eapRun).toEqual({ done: 1, total: 1, secondsLeft: 0 });
  return { ...bench, running };
}

describe("a search", () => {
  it("becomes a circuit that is kept and shown", async () => {
    const { state, nth, running } = await searched();
    const model = state().model;
    const { config } = model.status === "ready" ? model.value : expect.fail();
    const scores = new Float64Array(circuitGraph(config).edges);
    scores.fill(-1e-3);
    scores[scores.length - circuitGraph(config).senders.length] = -2; // input->logits
    nth("circuits.eap").resolve({ scores, seconds: 1.5 });
    await settle();
    nth("circuits.save").resolve(null);
    await running;
    expect(state()).toMatchObject({ eapRun: null, eapError: null, eapSeconds: 1.5 });
    const [found] = state().circuits!;
    expect(found).toMatchObject({ method: "eap", task: "pairs", name: "pairs, EAP", pairs: 1 });
    expect(state().openCircuit).toBe(found!.id);
    expect(found!.mask[scores.length - circuitGraph(config).senders.length]).toBe(1);

    // After a reload the same question leads to the same circuit.
    const kept = nth("circuits.keepAnswer").input as KeptAnswer;
    expect(kept).toMatchObject({ kind: "eap", value: { circuit: found!.id } });
    const later = benchStore();
    await later.ready();
    const reading = later.state().readEap();
    later.nth("circuits.answers").resolve([kept]);
    await reading;
    const key = eapKey(question, "pairs", later.lab.model!.stamp);
    expect(later.state().eapFound).toEqual({ [key]: found!.id });
    expect(eapKey(question, "pairs", "another model")).not.toBe(key);

    const before = found!.mask;
    const mask = before.map(() => 0);
    void state().editCircuit(found!.id, { mask });
    void state().editCircuit(found!.id, { view: { ...PLAIN_VIEW, hidden: ["m0"] } });
    expect(state().circuits![0]).toMatchObject({ mask, view: { hidden: ["m0"] } });
    void state().undoCircuit(found!.id);
    expect(state().circuits![0]).toMatchObject({ mask, view: PLAIN_VIEW });
    void state().undoCircuit(found!.id);
    void state().undoCircuit(found!.id); // there is no more
    expect(state().circuits![0]!.mask).toEqual(before);
    void state().redoCircuit(found!.id);
    expect(state().circuits![0]!.mask).toEqual(mask);
    void state().editCircuit(found!.id, { mask: before });
    void state().redoCircuit(found!.id); // a new edit ends what could be done again
    expect(state().circuits![0]!.mask).toEqual(before);
  });

  it("stops, and says what went wrong", async () => {
    const { state, nth } = await searched();
    state().stopEap();
    await settle();
    expect(state()).toMatchObject({ eapRun: null, eapError: null, circuits: null });
    void state().runEap(question, "pairs");
    await settle();
    nth("circuits.eap").reject(new LabError("unsupported", "a rank has no slope"));
    await settle();
    expect(state().eapError).toMatchObject({ message: "a rank has no slope" });
  });
});
