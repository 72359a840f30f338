/** The self-check of the model on the bench: the run under way, or the last one's report. */
import { toLabError } from "../core/lab-error.ts";
import type { SelfCheckProgress, SelfCheckReport } from "../core/self-check.ts";
import { createNewest } from "./newest.ts";
import type { Slice } from "./store.ts";
import { IDLE, type Task } from "./task.ts";

export interface SelfCheckSlice {
  selfCheck: Task<SelfCheckReport, SelfCheckProgress>;
  runSelfCheck: () => Promise<void>;
  cancelSelfCheck: () => void;
}

export const createSelfCheckSlice: Slice<SelfCheckSlice> = (lab) => (set, get, api) => {
  const runs = createNewest();
  const stop = () => {
    runs.stop();
    set({ selfCheck: IDLE });
  };
  // A report is of one model on one device: another one makes it old.
  api.subscribe((now, before) => {
    if (now.model !== before.model && get().selfCheck.status !== "running")
      set({ selfCheck: IDLE });
  });
  return {
    selfCheck: IDLE,
    runSelfCheck: async () => {
      const run = runs.start();
      set({ selfCheck: { status: "running", progress: null } });
      try {
        const value = await lab.selfCheck({
          signal: run.signal,
          onProgress: (progress) => {
            if (run.isNewest()) set({ selfCheck: { status: "running", progress } });
          },
        });
        if (run.isNewest()) set({ selfCheck: { status: "ready", value } });
      } catch (e) {
        if (run.isNewest()) set({ selfCheck: { status: "failed", error: toLabError(e) } });
      }
    },
    cancelSelfCheck: stop,
  };
};
