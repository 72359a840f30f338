/** Several features, one after another: in order, stopped in between, past those that have nothing to ask about. */
import { describe, expect, it } from "vitest";
import { createStore } from "zustand/vanilla";
import { LabError } from "../../src/core/lab-error.ts";
import type { Store } from "../../src/state/store.ts";
import { createWriterListSlice } from "../../src/state/writer-list-slice.ts";
import type { WriterPlan } from "../../src/state/writer-slice.ts";

const planOf = (feature: number) =>
  ({ saeId: "a", feature, kinds: ["detection"], withLabel: true }) as unknown as WriterPlan;

/** A writer that answers when it is told to; feature 3 has no examples, and at 4 the server is gone. */
function bench() {
  const store = createStore<Store>()(
    (...a) => createWriterListSlice({} as never)(...a) as unknown as Store,
  );
  const state = () => store.getState();
  const asked: number[] = [];
  let answer = () => {};
  store.setState({
    ...{ saeId: "a", writing: { status: "idle" }, stopWriter: () => {} },
    writerPlan: { status: "ready", value: planOf(1) },
    planWriter: (feature, kinds, withLabel) => {
      expect([kinds, withLabel]).toEqual([["detection"], true]);
      const error = new LabError("bad-input", "there is no label to score");
      store.setState({
        writerPlan:
          feature === 3 ? { status: "failed", error } : { status: "ready", value: planOf(feature) },
      });
      return Promise.resolve();
    },
    askWriter: () =>
      new Promise((resolve) => {
        const plan = state().writerPlan;
        const feature = plan.status === "ready" ? plan.value.feature : NaN;
        asked.push(feature);
        answer = () => {
          const error = new LabError("network", "no server");
          store.setState({
            writing: feature === 4 ? { status: "failed", error } : { status: "ready", value: "" },
          });
          resolve();
        };
      }),
  });
  const next = async () => {
    answer();
    await new Promise((resolve) => setTimeout(resolve));
  };
  return { store, state, asked, next };
}

describe("a list of features", () => {
  it("is asked about one by one; what has nothing to ask about is passed by, and told", async () => {
    const { state, asked, next } = bench();
    const done = state().askWriterForAll([1, 3, 2]);
    await new Promise((resolve) => setTimeout(resolve));
    await next();
    expect(asked).toEqual([1, 2]);
    expect(state().writingList).toMatchObject({ progress: { feature: 2, done: 2, total: 3 } });
    await next();
    await done;
    expect(state().writingList).toEqual({
      status: "ready",
      value: "2 of 3 features were asked about; 1 had nothing to ask about.",
    });
  });

  it("is stopped in between, and asks no more", async () => {
    const { state, asked, next } = bench();
    const done = state().askWriterForAll([1, 2, 5]);
    await new Promise((resolve) => setTimeout(resolve));
    state().stopWriterList();
    expect(state().writingList).toEqual({ status: "idle" });
    await next();
    await done;
    expect(asked).toEqual([1]);
    expect(state().writingList).toEqual({ status: "idle" });
  });

  it("ends when another autoencoder is put on the bench", async () => {
    const { store, state, asked, next } = bench();
    const done = state().askWriterForAll([1, 2]);
    await new Promise((resolve) => setTimeout(resolve));
    store.setState({ saeId: "b" });
    await next();
    await done;
    expect(asked).toEqual([1]);
    expect(state().writingList).toMatchObject({ status: "failed", error: { code: "not-found" } });
  });

  it("ends where the model cannot be asked", async () => {
    const { state, asked, next } = bench();
    const done = state().askWriterForAll([4, 5]);
    await new Promise((resolve) => setTimeout(resolve));
    await next();
    await done;
    expect(asked).toEqual([4]);
    expect(state().writingList).toMatchObject({ status: "failed", error: { code: "network" } });
  });
});
