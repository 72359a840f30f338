/**
 * ACDC: one search at a time, which can be paused, goes on after a reload, and becomes a circuit when it ends or is stopped.
 */
import {
  type AcdcProgress,
  type AcdcQuestion,
  type AcdcSearch,
  isLoss,
  keptOf,
} from "../core/acdc.ts";
import { circuitGraph, pruneDangling, type EdgeMask } from "../core/circuit.ts";
import { type LabError, toLabError } from "../core/lab-error.ts";
import type { Slice } from "./store.ts";
import { formulaOf } from "./task-slice.ts";
import { newId } from "../core/new-id.ts";

export interface AcdcRun extends Omit<AcdcSearch, "state"> {
  status: "running" | "paused" | "failed";
  /** Null until the first edges are decided. */
  progress: AcdcProgress | null;
  error: LabError | null;
}

export interface AcdcSlice {
  acdcRun: AcdcRun | null;
  /** Why what was found so far could not be kept. */
  acdcKeepError: LabError | null;
  /** Reads the search that was under way when the page was left, once. */
  readAcdc: () => Promise<void>;
  /** @param task the task's name */
  startAcdc: (question: Omit<AcdcQuestion, "state">, task: string) => Promise<void>;
  pauseAcdc: () => void;
  /** Goes on with a search that is paused, or that failed. */
  resumeAcdc: () => Promise<void>;
  /** Ends it; what was found stays as a circuit, in which the edges that were not tried are. */
  stopAcdc: () => Promise<void>;
}

/** Milliseconds between two writings. */
const WRITE = 4000;

export const createAcdcSlice: Slice<AcdcSlice> = (lab) => (set, get) => {
  let open: AbortController | null = null;
  let reading: Promise<void> | null = null;
  let written = -Infinity;
  const put = (patch: Partial<AcdcRun>) => {
    const run = get().acdcRun;
    if (run) set({ acdcRun: { ...run, ...patch } });
  };
  /** As it is now. */
  const write = async () => {
    written = performance.now();
    const run = get().acdcRun;
    const { model, n_layer, n_head, task, question, progress } = run ?? {};
    const search = progress
      ? ({ model, n_layer, n_head, task, question, state: progress.state } as AcdcSearch)
      : null;
    try {
      await lab.circuits.keepSearch(search);
      set({ acdcKeepError: null });
    } catch (e) {
      set({ acdcKeepError: toLabError(e) });
    }
  };
  const keep = async (run: AcdcRun, mask: EdgeMask, rises: Float64Array, name: string) => {
    const { question, model, n_layer, n_head, task } = run;
    const { metric, corruption, threshold, pairs, order, seed, absolute } = question;
    await get().keepCircuit({
      ...{ id: newId(), name, method: "acdc", model, n_layer, n_head, task },
      ...{ pairs: pairs.length, metric, corruption, threshold, mask },
      ...formulaOf(question),
      acdc: { order, seed, absolute },
      // What cutting an edge adds to the metric, as of every method.
      scores: isLoss(metric) ? rises : rises.map((rise) => -rise),
      savedAt: new Date().toISOString(),
    });
  };
  const go = async () => {
    const { model } = lab;
    const run = get().acdcRun;
    if (!model || !run) return;
    open?.abort();
    const mine = (open = new AbortController());
    put({ status: "running", error: null });
    const question = { ...run.question, state: run.progress?.state ?? null };
    try {
      const { state, mask } = await model.acdc(question, {
        signal: mine.signal,
        onProgress: (progress) => {
          if (open !== mine) return;
          put({ progress });
          if (performance.now() - written > WRITE) void write();
        },
      });
      if (open !== mine) return;
      open = null;
      set({ acdcRun: null });
      await keep(run, mask, state.rises, `${run.task}, ACDC τ = ${run.question.threshold}`);
      await write();
    } catch (e) {
      if (open !== mine) return;
      open = null;
      const error = toLabError(e);
      put(error.code === "cancelled" ? { status: "paused" } : { status: "failed", error });
      await write();
    }
  };
  return {
    acdcRun: null,
    acdcKeepError: null,
    readAcdc: () =>
      (reading ??= lab.circuits
        .search()
        .then((search) => {
          if (!search || get().acdcRun) return;
          const { state, ...rest } = search;
          const progress: AcdcProgress = {
            ...{ state, total: state.mask.length, kept: keptOf(state) },
            ...{ rate: state.decided / Math.max(state.seconds, 1e-3), secondsLeft: 0 },
          };
          set({ acdcRun: { ...rest, status: "paused", progress, error: null } });
        })
        .catch((e: unknown) => {
          reading = null;
          set({ acdcKeepError: toLabError(e) });
        })),
    startAcdc: async (question, task) => {
      const { model } = get();
      if (model.status !== "ready") return;
      const { n_layer, n_head } = model.value.config;
      set({
        acdcRun: {
          ...{ model: model.value.id, n_layer, n_head, task, question },
          ...{ status: "running", progress: null, error: null },
        },
      });
      await go();
    },
    pauseAcdc: () => open?.abort(),
    resumeAcdc: go,
    stopAcdc: async () => {
      const run = get().acdcRun;
      open?.abort();
      open = null;
      set({ acdcRun: null });
      if (run?.progress && run.progress.state.decided > 0) {
        const { state, total } = run.progress;
        const share = Math.floor((100 * state.decided) / total);
        const mask = pruneDangling(circuitGraph(run), state.mask);
        await keep(run, mask, state.rises, `${run.task}, ACDC stopped at ${share} %`);
      }
      await write();
    },
  };
};
