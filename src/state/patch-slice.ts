/**
 * Patching: sweeps and their previews, by the question they answer, so that what was computed is there when one comes back to
 * it. One is computed at a time. What a sweep has found stays when it is stopped.
 */
import { type LabError, toLabError } from "../core/lab-error.ts";
import type { PatchQuestion, PreviewQuestion } from "../core/patching.ts";
import type { Slice } from "./store.ts";

export interface PatchRun {
  status: "running" | "done" | "stopped" | "failed";
  /** By pair, by cell: the metric, or of a preview what is added to it; NaN where it is not known. */
  values: readonly Float64Array[];
  done: number;
  total: number;
  secondsLeft: number | null;
  /** Since it began; of all its runs once it is done. */
  seconds: number;
  error: LabError | null;
}
type Runs = Readonly<Record<string, PatchRun>>;

export interface PatchSlice {
  patchRuns: Runs;
  previewRuns: Runs;
  /** @param cells how many the grid has; those that are known already stay */
  runPatch: (key: string, question: PatchQuestion, cells: number) => Promise<void>;
  runPreview: (key: string, question: PreviewQuestion, cells: number) => Promise<void>;
  /** Stops what is computed. */
  stopPatching: () => void;
}

const KEPT = 24; // questions whose answers are kept

export const createPatchSlice: Slice<PatchSlice> = (lab) => (set, get) => {
  let open: AbortController | null = null;

  const start = async (
    at: "patchRuns" | "previewRuns",
    key: string,
    pairs: number,
    cells: number,
    work: (tell: (patch: Partial<PatchRun>) => void, signal: AbortSignal) => Promise<void>,
  ) => {
    open?.abort();
    const mine = (open = new AbortController());
    const began = performance.now();
    const before = get()[at][key];
    let run: PatchRun = {
      status: "running",
      values:
        before?.values ?? Array.from({ length: pairs }, () => new Float64Array(cells).fill(NaN)),
      ...{ done: 0, total: 0, secondsLeft: null, seconds: 0, error: null },
    };
    const put = (patch: Partial<PatchRun>) => {
      run = { ...run, ...patch, seconds: (performance.now() - began) / 1000 };
      const others = Object.entries(get()[at]).filter(([other]) => other !== key);
      set({ [at]: Object.fromEntries([...others.slice(1 - KEPT), [key, run]]) });
    };
    put({});
    try {
      await work(put, mine.signal);
      put({ status: "done", secondsLeft: null });
    } catch (e) {
      const error = toLabError(e);
      put(error.code === "cancelled" ? { status: "stopped" } : { status: "failed", error });
    }
    if (open === mine) open = null;
  };
  const values = (at: "patchRuns" | "previewRuns", key: string) => get()[at][key]!.values;

  return {
    patchRuns: {},
    previewRuns: {},
    runPatch: async (key, question, cells) => {
      const { model } = lab;
      if (!model) return;
      await start("patchRuns", key, question.pairs.length, cells, async (tell, signal) => {
        await model.patch(question, {
          signal,
          onProgress: ({ pair, cells: which, values: found, done, total, secondsLeft }) => {
            const all = values("patchRuns", key);
            const own = all[pair]!.slice();
            which.forEach((cell, i) => (own[cell] = found[i]!));
            tell({ values: all.with(pair, own), done, total, secondsLeft });
          },
        });
      });
    },
    runPreview: async (key, question, cells) => {
      const { model } = lab;
      if (!model) return;
      await start("previewRuns", key, question.pairs.length, cells, async (tell, signal) => {
        await model.previewPatches(question, {
          signal,
          onProgress: ({ pair, values: found, done, total }) =>
            tell({ values: values("previewRuns", key).with(pair, found), done, total }),
        });
      });
    },
    stopPatching: () => open?.abort(),
  };
};
