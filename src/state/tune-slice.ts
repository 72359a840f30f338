/** Fine-tuning for the edited model that is open, and the drift check. One of each at a time; the last of each list is kept. */
import { type LabError, toLabError } from "../core/lab-error.ts";
import type { WeightEdit } from "../core/model-edit.ts";
import type { RunPair } from "../core/task.ts";
import type { DriftCheck, TuneCurve, TuneRecipe } from "../core/tune.ts";
import { openEditedModel } from "./edited-slice.ts";
import type { Slice, Store } from "./store.ts";

/** One that is under way, or failed. */
export interface TuneRun extends Omit<TuneCurve, "outcome"> {
  status: "opening" | "running" | "failed";
  stepsPerSecond: number;
  error: LabError | null;
}
/** A drift check that is under way, or failed. */
export type DriftRun =
  | { status: "running"; progress: { done: number; total: number } | null }
  | { status: "failed"; error: LabError };

export interface TuneSlice {
  /** Examples as they are typed, which this browser remembers. */
  tuneText: string;
  setTuneText: (text: string) => void;
  tuneRun: TuneRun | null;
  /** The last that came to an end, by `listKey`. */
  tuneCurves: Readonly<Record<string, TuneCurve>>;
  startTune: (recipe: TuneRecipe) => Promise<void>;
  stopTune: () => void;
  cancelTune: () => void;
  drift: DriftRun | null;
  /** The last checks, by `listKey`. */
  driftChecks: Readonly<Record<string, DriftCheck>>;
  /** @param edits the open list's */
  measureDrift: (
    edits: readonly WeightEdit[],
    variants: readonly { name: string; edits: readonly WeightEdit[] }[],
    pairs: readonly RunPair[],
    contexts: number,
  ) => Promise<void>;
  stopDrift: () => void;
  /** Reads what this browser keeps of both, once. */
  readTune: () => Promise<void>;
}

/** What is kept by: the open list, or the base without one. */
export function listKey(state: Pick<Store, "editedModels" | "editedId" | "model">): string {
  const { model } = state;
  const base = model.status === "ready" ? (model.value.edited?.base ?? model.value.id) : "";
  return openEditedModel(state)?.id ?? `base ${base}`;
}

export const createTuneSlice: Slice<TuneSlice> = (lab) => (set, get) => {
  let tuning: AbortController | null = null;
  let measuring: AbortController | null = null;
  let reading: Promise<void> | null = null;
  return {
    tuneText: "",
    setTuneText: (tuneText) => set({ tuneText }),
    tuneRun: null,
    tuneCurves: {},
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
          ...{ stepsPerSecond: 0, error: null },
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
        const { tuneRun } = get();
        if (tuning === mine && tuneRun) {
          const { points, parameters, train, heldOut } = tuneRun;
          const curve = { recipe, points, parameters, train, heldOut, outcome };
          if (outcome.edit) await get().addWeightEdit(outcome.edit);
          const key = listKey(get());
          set({ tuneRun: null, tuneCurves: { ...get().tuneCurves, [key]: curve } });
          void get().keepAnswer("tune", key, curve);
        }
      } catch (e) {
        const error = toLabError(e);
        if (error.code === "cancelled" && tuning === mine) set({ tuneRun: null });
        else put({ status: "failed", error });
      }
      if (tuning === mine) tuning = null;
    },
    stopTune: () => void lab.edited.stop().catch(() => {}),
    cancelTune: () => tuning?.abort(),
    drift: null,
    driftChecks: {},
    measureDrift: async (edits, variants, pairs, contexts) => {
      measuring?.abort();
      const mine = (measuring = new AbortController());
      const key = listKey(get());
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
        put(null);
        const check = { names, answer, contexts, edits };
        set({ driftChecks: { ...get().driftChecks, [key]: check } });
        void get().keepAnswer("drift", key, check);
      } catch (e) {
        const error = toLabError(e);
        put(error.code === "cancelled" ? null : { status: "failed", error });
      }
    },
    stopDrift: () => {
      measuring?.abort();
      set({ drift: null });
    },
    readTune: () =>
      (reading ??= (async () => {
        const checks = await get().readAnswers("drift");
        const curves = await get().readAnswers("tune");
        set({
          driftChecks: { ...checks, ...get().driftChecks },
          tuneCurves: { ...curves, ...get().tuneCurves },
        });
      })()),
  };
};
