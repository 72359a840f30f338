/** A hypothesis test in the store: run, kept with its numbers, and known to be of other texts when they change. */
import { describe, expect, it } from "vitest";
import { testFacts, testNumbers, verdictOf } from "../../src/charts/test-result.ts";
import type { HypothesisTest } from "../../src/core/feature-notes.ts";
import { currentResult, PARIS_TEST, thresholdAt } from "../../src/core/hypothesis.ts";
import { LabError } from "../../src/core/lab-error.ts";
import { benchStore } from "./bench-store.ts";
import { info, settle, summary } from "./saes.ts";

const test: HypothesisTest = {
  ...{ id: "t", statement: "Paris", should: ["a", "b"], shouldNot: ["c"], result: null },
  ...{ threshold: { kind: "share", value: 0.25 }, at: "2026-01-01T00:00:00Z" },
};
const read = (...values: number[]) =>
  values.map((v) => ({ tokens: ["x", "y"], activations: Float32Array.of(0, v), peak: 1 }));

function ready() {
  const bench = benchStore();
  bench.store.setState({
    model: { status: "ready", value: info },
    ...{ saes: { status: "ready", value: [summary("a")] }, saeId: "a" },
  });
  bench.state().putTest("a", 2, test);
  const kept = () => bench.state().notes["a"]!.features.get(2)!.tests[0]!;
  return { ...bench, kept };
}

describe("a hypothesis test", () => {
  it("is run on its texts and keeps what came of them", async () => {
    const { state, nth, kept } = ready();
    const running = state().runTest("a", 2, "t", 8);
    expect(nth("labels.onTexts").input).toMatchObject({ feature: 2, texts: ["a", "b", "c"] });
    nth("labels.onTexts").resolve(read(3, 1.5, 2.5));
    await running;
    const result = currentResult(kept(), { threshold: 2, modelId: "tiny" })!;
    expect(result.should).toEqual([
      { text: "a", value: 3 },
      { text: "b", value: 1.5 },
    ]);
    expect(testNumbers(result)).toEqual({
      ...{ counts: { hits: 1, misses: 1, falseAlarms: 1, rejections: 0 } },
      ...{ precision: 0.5, recall: 0.5, margin: -1 },
    });
    expect(testFacts(result).map(([, value]) => value)).toEqual(
      expect.arrayContaining(["1 of 2", "1 of 1", "0.50", "−1.00"]),
    );
    state().undoNotes();
    expect(state().notes["a"]!.features.get(2)).toBeUndefined();
  });
  it("has no result once a text, the threshold or the model is another", async () => {
    const { state, nth, kept } = ready();
    const running = state().runTest("a", 2, "t", 8);
    nth("labels.onTexts").resolve(read(3, 1.5, 2.5));
    await running;
    const now = { threshold: 2, modelId: "tiny" };
    expect(currentResult({ ...kept(), should: ["a", "d"] }, now)).toBeNull();
    expect(currentResult({ ...kept(), shouldNot: [] }, now)).toBeNull();
    expect(currentResult(kept(), { ...now, threshold: 0 })).toBeNull();
    expect(currentResult(kept(), { ...now, modelId: "gpt2" })).toBeNull();
    expect(thresholdAt({ kind: "activation", value: 3 }, 8)).toBe(3);
  });
  it("drops an answer to texts that were changed meanwhile, and says what failed", async () => {
    const { state, nth, kept } = ready();
    const running = state().runTest("a", 2, "t", 8);
    state().putTest("a", 2, { ...test, should: ["typed"] });
    nth("labels.onTexts").resolve(read(1, 2, 3));
    await running;
    expect(kept().result).toBeNull();
    const failing = state().runTest("a", 2, "t", 8);
    nth("labels.onTexts").reject(new LabError("bad-input", "too long"));
    await failing;
    expect(state().testReading).toMatchObject({ status: "failed", error: { message: "too long" } });
  });
  it("is refused where the autoencoder does not fit the model", async () => {
    const { state, store } = ready();
    store.setState({ saes: { status: "ready", value: [] } });
    await state().runTest("a", 2, "t", 8);
    await settle();
    expect(state().testReading).toMatchObject({ status: "failed", error: { code: "unsupported" } });
  });
  it("says what cannot be said in words, and judges a text by the threshold alone", () => {
    const nothing = { should: [], shouldNot: [], threshold: 0, modelId: "m", at: "" };
    expect(testFacts(nothing).map(([, value]) => value)).toEqual([
      ...["0 of 0", "0 of 0", "0 of 0", "cannot be said, 0/0", "cannot be said, 0/0"],
      "needs texts of both kinds",
    ]);
    expect([verdictOf(1, 1, true), verdictOf(1.1, 1, true)]).toEqual(["miss", "hit"]);
    expect([verdictOf(1, 1, false), verdictOf(1.1, 1, false)]).toEqual([
      ...["rightly silent", "false alarm"],
    ]);
  });
  it("has the textbook’s exercise ready: other capitals, other landmarks, Paris Hilton", () => {
    expect(PARIS_TEST.should.every((text) => text.includes("Paris"))).toBe(true);
    for (const wanted of [/Berlin|Rome|London/, /Colosseum|Big Ben/, /Paris Hilton/]) {
      expect(PARIS_TEST.shouldNot.some((text) => wanted.test(text))).toBe(true);
    }
  });
});
