/** Tests of what a feature is said to mean: run by themselves when their texts, the feature or the model change. */
import { currentResult, thresholdAt } from "../core/hypothesis.ts";
import { type HypothesisTest, NO_NOTE } from "../core/feature-notes.ts";
import { LabError, toLabError } from "../core/lab-error.ts";
import type { FeatureExample } from "../core/sae.ts";
import { createNewest } from "./newest.ts";
import { saeForPrompt } from "./sae-on-bench.ts";
import type { Slice } from "./store.ts";
import { IDLE, type Task } from "./task.ts";

/** The texts of a test as the model read them, with the feature on each token. */
export interface TestReading {
  saeId: string;
  feature: number;
  testId: string;
  modelId: string;
  should: FeatureExample[];
  shouldNot: FeatureExample[];
}
export interface HypothesisSlice {
  /** The last reading; it is not stored, and read again when the test is looked at. */
  testReading: Task<TestReading>;
  putTest: (saeId: string, feature: number, test: HypothesisTest) => void;
  deleteTest: (saeId: string, feature: number, id: string) => void;
  /** @param max the feature's largest activation in the corpus, of which a threshold may be a share */
  runTest: (saeId: string, feature: number, id: string, max: number) => Promise<void>;
}

export const createHypothesisSlice: Slice<HypothesisSlice> = (lab) => (set, get) => {
  const runs = createNewest();
  const testOf = (saeId: string, feature: number, id: string) =>
    (get().notes[saeId]?.features.get(feature) ?? NO_NOTE).tests.find((test) => test.id === id);
  const put = (saeId: string, feature: number, test: HypothesisTest) =>
    get().changeNote(
      saeId,
      feature,
      (now) => {
        const at = now.tests.findIndex(({ id }) => id === test.id);
        const tests = at < 0 ? [...now.tests, test] : now.tests.with(at, test);
        return { ...now, tests };
      },
      `test ${test.id}`, // typing, and the result that comes of it, are one step of undo
    );
  return {
    testReading: IDLE,
    putTest: put,
    deleteTest: (saeId, feature, id) =>
      get().changeNote(saeId, feature, (now) => ({
        ...now,
        tests: now.tests.filter((test) => test.id !== id),
      })),
    runTest: async (saeId, feature, id, max) => {
      const test = testOf(saeId, feature, id);
      const { model } = get();
      if (!test || model.status !== "ready") return;
      const run = runs.start();
      const { should, shouldNot } = test;
      const modelId = model.value.id;
      set({ testReading: { status: "running", progress: null } });
      try {
        if (saeForPrompt(get()) !== saeId) {
          throw new LabError(
            "unsupported",
            "the autoencoder does not fit the model on the bench; choose the one it was trained on",
          );
        }
        const texts = [...should, ...shouldNot];
        const read = await lab.sae.labels.onTexts(saeId, feature, texts, { signal: run.signal });
        if (!run.isNewest()) return;
        const value: TestReading = {
          ...{ saeId, feature, testId: id, modelId },
          ...{ should: read.slice(0, should.length), shouldNot: read.slice(should.length) },
        };
        set({ testReading: { status: "ready", value } });
        const threshold = thresholdAt(test.threshold, max);
        const tested = read.map(({ activations, peak }, i) => ({
          text: texts[i]!,
          value: activations[peak] ?? 0,
        }));
        const result = {
          ...{ threshold, modelId, at: new Date().toISOString() },
          ...{ should: tested.slice(0, should.length), shouldNot: tested.slice(should.length) },
        };
        const now = testOf(saeId, feature, id);
        if (now?.should !== should || now.shouldNot !== shouldNot) return; // typed meanwhile
        const known = currentResult(now, { threshold, modelId });
        if (!known || !sameValues(known, result)) put(saeId, feature, { ...now, result });
      } catch (e) {
        const error = toLabError(e);
        if (run.isNewest()) {
          set({ testReading: error.code === "cancelled" ? IDLE : { status: "failed", error } });
        }
      }
    },
  };
};

type Values = Pick<NonNullable<HypothesisTest["result"]>, "should" | "shouldNot">;
const sameValues = (a: Values, b: Values): boolean => {
  const values = ({ should, shouldNot }: Values) =>
    [...should, ...shouldNot].map(({ value }) => value);
  const other = values(b);
  return values(a).every((value, i) => value === other[i]);
};
