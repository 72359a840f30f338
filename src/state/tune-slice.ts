/** Fine-tuning for the edited model that is open, and the drift check. One of each at a time. */
import { type LabError, toLabError } from "../core/lab-error.ts";
import type { WeightEdit } from "../core/model-edit.ts";
import type { RunPair } from "../core/task.ts";
import type { DriftAnswer, TuneOutcome, TunePoint, TuneRecipe } from "../core/tune.ts";
import { openEditedModel } from "./edited-slice.ts";
import type { Slice } from "./store.ts";
import { IDLE, type Task } from "./task.ts";

export interface TuneRun {
  status: "opening" | "running" | "done" | "stopped" | "failed";
  recipe: TuneRecipe;
  points: readonly TunePoint[];
  parameters: number;
  /** Examples trained on, and held out. */
  train: number;
  heldOut: number;
  stepsPerSecond: number;
  outcome: TuneOutcome | null;
  error: LabError | null;
}
export interface DriftCheck {
  /** What each row of the answer is; the base first. */
  names: readonly string[];
  answer: DriftAnswer;
  contexts: number;
}

export interface TuneSlice {
  /** Examples as they are typed, which this browser remembers. */
  tuneText: string;
  setTuneText: (text: string) => void;
  tuneRun: TuneRun | null;
  startTune: (recipe: TuneRecipe) => Promise<void>;
  stopTune: () => void;
  cancelTune: () => void;
  drift: Task<DriftCheck, { done: number; total: number }>;
  measureDrift: (
    variants: readonly { name: string; edits: readonly WeightEdit[] }[],
    pairs: readonly RunPair[],
    contexts: number,
  ) => Promise<void>;
  stopDrift: () => void;
}

export const createTuneSlice: Slice<TuneSlice> = (lab) => (set, get) => {
  let tuning: AbortController | null = null;
  let measuring: AbortController | null = null;
  return {
    tuneText: "",
    setTuneText: (tuneText) => set({ tuneText }),
    tuneRun: null,
    startTune: async (recipe) => {
      tuning?.abort();
      const mine = (tuning = new AbortController());
      const put = (patch: Partial<TuneRun>) => {
        const { tuneRun } = get();
        if (tuning === mine && tuneRun) set({ tuneRun: { ...tuneRun, ...patch } });
      };
      set({
        tuneRun: {
          ...{ status: "opening", recipe, points: [], parameters: 0, train: 0, heldOut: 0 },
          ...{ stepsPerSecond: 0, outcome: null, error: null },
        },
      });
      const edits = openEditedModel(get())?.edits ?? [];
      try {
        const outcome = await lab.edited.tune(edits, recipe, {
          signal: mine.signal,
          onProgress: (progress) => {
            if (progress.kind === "begun") put({ ...progress, status: "running" });
            if (progress.kind === "point") {
              const points = [...(get().tuneRun?.points ?? []), progress.point];
              put({ points, stepsPerSecond: progress.stepsPerSecond });
            }
          },
        });
        put({ status: outcome.stopped ? "stopped" : "done", outcome });
        if (tuning === mine && outcome.edit) await get().addWeightEdit(outcome.edit);
      } catch (e) {
        const error = toLabError(e);
        if (error.code === "cancelled" && tuning === mine) set({ tuneRun: null });
        else put({ status: "failed", error });
      }
      if (tuning === mine) tuning = null;
    },
    stopTune: () => void lab.edited.stop().catch(() => {}),
    cancelTune: () => tuning?.abort(),
    drift: IDLE,
    measureDrift: async (variants, pairs, contexts) => {
      measuring?.abort();
      const mine = (measuring = new AbortController());
      const put = (drift: TuneSlice["drift"]) => {
        if (measuring === mine) set({ drift });
      };
      put({ status: "running", progress: null });
      try {
        const answer = await lab.edited.drift(
          { variants: variants.map(({ edits }) => [...edits]), pairs, contexts },
          {
            signal: mine.signal,
            onProgress: (progress) => put({ status: "running", progress }),
          },
        );
        const names = ["the base", ...variants.map(({ name }) => name)];
        put({ status: "ready", value: { names, answer, contexts } });
      } catch (e) {
        const error = toLabError(e);
        put(error.code === "cancelled" ? IDLE : { status: "failed", error });
      }
    },
    stopDrift: () => {
      measuring?.abort();
      set({ drift: IDLE });
    },
  };
};
