/**
 * Patching: sweeps, their previews and paths, by the question they answer, so that what was computed is there when one comes back to
 * it, after a reload, too. One is computed at a time. What a sweep has found stays when it is stopped.
 */
import type { AnswerKind, KeptSweep } from "../core/kept-answer.ts";
import { LabError, toLabError } from "../core/lab-error.ts";
import type { PatchQuestion, PreviewQuestion } from "../core/patching.ts";
import type { ChannelAnswer, ChannelQuestion, PathQuestion } from "../core/paths.ts";
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
  pathRuns: Runs;
  /** Reads what this browser keeps, once. */
  readPatches: () => Promise<void>;
  /** @param cells how many the grid has; those that are known already stay */
  runPatch: (key: string, question: PatchQuestion, cells: number) => Promise<void>;
  runPreview: (key: string, question: PreviewQuestion, cells: number) => Promise<void>;
  /** @param slots of the question's sets: the cells that their values go to, of `cells` */
  runPath: (
    key: string,
    question: PathQuestion,
    slots: readonly number[],
    cells: number,
  ) => Promise<void>;
  /** What the queries, keys and values of heads do by themselves, by the question. */
  channelEffects: Readonly<Record<string, ChannelAnswer | LabError>>;
  compareChannels: (key: string, question: ChannelQuestion) => Promise<void>;
  /** Stops what is computed. */
  stopPatching: () => void;
}

type Kept = "patchRuns" | "previewRuns" | "pathRuns";
const KEPT = 24; // questions whose answers are kept
const KIND: Record<Kept, AnswerKind & ("patch" | "preview" | "path")> = {
  ...{ patchRuns: "patch", previewRuns: "preview", pathRuns: "path" },
};
/** Milliseconds between two writings of a sweep that is under way. */
const WRITE = 4000;

const asRun = ({ values, total, seconds, done }: KeptSweep): PatchRun => ({
  ...{ status: done ? "done" : "stopped", values, done: total, total, seconds },
  ...{ secondsLeft: null, error: null },
});

export const createPatchSlice: Slice<PatchSlice> = (lab) => (set, get) => {
  let open: AbortController | null = null;
  let reading: Promise<void> | null = null;

  const start = async (
    at: Kept,
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
    let written = began;
    const write = () => {
      const { values, total, seconds, status } = run;
      written = performance.now();
      if (run.done === 0) return;
      void get().keepAnswer(KIND[at], key, { values, total, seconds, done: status === "done" });
    };
    const put = (patch: Partial<PatchRun>) => {
      run = { ...run, ...patch, seconds: (performance.now() - began) / 1000 };
      const others = Object.entries(get()[at]).filter(([other]) => other !== key);
      set({ [at]: Object.fromEntries([...others.slice(1 - KEPT), [key, run]]) });
      if (run.status !== "running" || performance.now() - written > WRITE) write();
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
  const values = (at: Kept, key: string) => get()[at][key]!.values;

  return {
    patchRuns: {},
    previewRuns: {},
    pathRuns: {},
    channelEffects: {},
    readPatches: () =>
      (reading ??= (async () => {
        const { readAnswers } = get();
        for (const at of Object.keys(KIND) as Kept[]) {
          const kept = Object.entries(await readAnswers(KIND[at]));
          const runs = Object.fromEntries(kept.map(([key, sweep]) => [key, asRun(sweep)]));
          set({ [at]: { ...runs, ...get()[at] } }); // what was computed meanwhile is newer
        }
        const channels = await readAnswers("channels");
        set({ channelEffects: { ...channels, ...get().channelEffects } });
      })()),
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
    runPath: async (key, question, slots, cells) => {
      const { model } = lab;
      if (!model) return;
      await start("pathRuns", key, question.pairs.length, cells, async (tell, signal) => {
        await model.patchPaths(question, {
          signal,
          onProgress: ({ pair, cells: sets, values: found, done, total, secondsLeft }) => {
            const all = values("pathRuns", key);
            const own = all[pair]!.slice();
            sets.forEach((set, i) => (own[slots[set]!] = found[i]!));
            tell({ values: all.with(pair, own), done, total, secondsLeft });
          },
        });
      });
    },
    compareChannels: async (key, question) => {
      const { model } = lab;
      if (!model) return;
      const found = await model.channelEffects(question).catch(toLabError);
      const others = Object.entries(get().channelEffects).filter(([other]) => other !== key);
      set({ channelEffects: Object.fromEntries([...others.slice(1 - KEPT), [key, found]]) });
      if (!(found instanceof LabError)) await get().keepAnswer("channels", key, found);
    },
    stopPatching: () => open?.abort(),
  };
};
