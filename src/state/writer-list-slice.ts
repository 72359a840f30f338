/**
 * A language model labels, or judges, several features, one after another: each is prepared and asked as it would be alone
 * (`writer-slice.ts`), with what was chosen and shown for the one whose plan is there. What was done stays when it is stopped.
 */
import { LabError } from "../core/lab-error.ts";
import { createNewest } from "./newest.ts";
import type { Slice } from "./store.ts";
import { IDLE, type Task } from "./task.ts";

export interface WriterListSlice {
  writingList: Task<string, { feature: number; done: number; total: number }>;
  askWriterForAll: (features: readonly number[]) => Promise<void>;
  stopWriterList: () => void;
}

export const createWriterListSlice: Slice<WriterListSlice> = () => (set, get) => {
  const runs = createNewest();
  return {
    writingList: IDLE,
    stopWriterList: () => {
      runs.stop();
      get().stopWriter();
      set({ writingList: IDLE });
    },
    askWriterForAll: async (features) => {
      const { writerPlan } = get();
      if (writerPlan.status !== "ready") return;
      const { saeId, kinds, withLabel } = writerPlan.value;
      const run = runs.start();
      const total = features.length;
      let without = 0;
      for (const [done, feature] of features.entries()) {
        set({ writingList: { status: "running", progress: { feature, done, total } } });
        if (get().saeId !== saeId) {
          const words = `another autoencoder was put on the bench after ${done} of ${total} features`;
          return void set({
            writingList: { status: "failed", error: new LabError("not-found", words) },
          });
        }
        await get().planWriter(feature, kinds, withLabel);
        if (!run.isNewest()) return;
        const plan = get().writerPlan;
        if (plan.status === "failed") {
          // Nothing to judge, or nothing to make a label from: the next may have it.
          if (plan.error.code === "bad-input" || plan.error.code === "degenerate") {
            without += 1;
            continue;
          }
          return void set({ writingList: { status: "failed", error: plan.error } });
        }
        if (plan.status !== "ready") return void set({ writingList: IDLE }); // given up
        await get().askWriter();
        if (!run.isNewest()) return;
        const { writing } = get();
        if (writing.status === "idle") return void set({ writingList: IDLE });
        if (writing.status === "failed") {
          return void set({ writingList: { status: "failed", error: writing.error } });
        }
      }
      const left = without === 0 ? "" : `; ${without} had nothing to ask about`;
      const value = `${total - without} of ${total} features were asked about${left}.`;
      set({ writingList: { status: "ready", value } });
    },
  };
};
