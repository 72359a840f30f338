/** Report cards of SAEs: those that are kept in this browser, and the one that is being measured. */
import { toLabError } from "../core/lab-error.ts";
import type { SaeReport } from "../core/sae-report.ts";
import { createNewest } from "./newest.ts";
import type { Slice } from "./store.ts";
import { IDLE, type Task } from "./task.ts";

export interface ReportSlice {
  /** null before they were read. */
  reports: readonly SaeReport[] | null;
  refreshReports: () => Promise<void>;
  /** The report being measured, or why it could not be. */
  reporting: Task<SaeReport, { saeId: string; done: number; total: number }>;
  makeReport: (saeId: string) => Promise<void>;
  cancelReport: () => void;
  dismissReport: () => void;
}

export const createReportSlice: Slice<ReportSlice> = (lab) => (set, get) => {
  const runs = createNewest();
  return {
    reports: null,
    refreshReports: async () => {
      // A browser without storage keeps none: then there are none, and measuring says what is wrong.
      set({ reports: await lab.sae.reports().catch(() => []) });
    },
    reporting: IDLE,
    makeReport: async (saeId) => {
      const run = runs.start();
      const show = (reporting: ReportSlice["reporting"]) => {
        if (run.isNewest()) set({ reporting });
      };
      show({ status: "running", progress: { saeId, done: 0, total: 0 } });
      try {
        const value = await lab.sae.report(saeId, {
          signal: run.signal,
          onProgress: (p) => show({ status: "running", progress: { saeId, ...p } }),
        });
        const others = (get().reports ?? []).filter((report) => report.saeId !== saeId);
        set({ reports: [...others, value] });
        show({ status: "ready", value });
      } catch (e) {
        const error = toLabError(e);
        show(error.code === "cancelled" ? IDLE : { status: "failed", error });
      }
    },
    cancelReport: () => {
      runs.stop();
      set({ reporting: IDLE });
    },
    dismissReport: () => set({ reporting: IDLE }),
  };
};
