/** What there is room for here, and how long training takes: a trial of a second, remembered for each size of run. */
import type { TrainRequest } from "../core/sae.ts";
import type { TrainingRoom, TrialProgress, TrialResult } from "../core/sae-trial.ts";
import { DEFAULT_PACE } from "../core/sae-recipe.ts";
import { toLabError } from "../core/lab-error.ts";
import type { ModelInfo } from "../core/model-info.ts";
import { createNewest } from "./newest.ts";
import type { Slice } from "./store.ts";
import { IDLE, type Task } from "./task.ts";
import { planTraining } from "./train-form.ts";

/** By `trialKey`. */
export type Trials = Readonly<Record<string, TrialResult>>;

export interface PlannerSlice {
  /** null before it is known */
  trainingRoom: TrainingRoom | null;
  refreshRoom: () => Promise<void>;
  /** Remembered between visits. */
  trials: Trials;
  /** The trial under way, or how the last one ended. */
  trial: Task<TrialResult, TrialProgress>;
  /** Times a second of the run that the form asks for; of a sweep one for each width. */
  measurePace: () => Promise<void>;
  cancelTrial: () => void;
}
/** Trials that are remembered. */
const KEPT = 40;

/** All that a pace depends on. */
export const trialKey = (
  request: TrainRequest,
  { id, device }: Pick<ModelInfo, "id" | "device">,
): string =>
  [
    ...[id, device, request.hook, request.out?.hook ?? "", request.dSae],
    ...[request.variant, request.batchSize ?? DEFAULT_PACE.batchSize],
  ].join("|");

export const createPlannerSlice: Slice<PlannerSlice> = (lab) => (set, get) => {
  const runs = createNewest();
  return {
    trainingRoom: null,
    refreshRoom: async () => {
      try {
        set({ trainingRoom: await lab.sae.room() });
      } catch {
        set({ trainingRoom: null }); // not known: then nothing is said to be too large
      }
    },
    trials: {},
    trial: IDLE,
    measurePace: async () => {
      const { model, trainRequest, training } = get();
      if (model.status !== "ready" || training.status === "running") return;
      const { requests } = planTraining(trainRequest, model.value.config);
      const byKey = new Map(requests.map((one) => [trialKey(one, model.value), one]));
      if (byKey.size === 0) return;
      const run = runs.start();
      const show = (trial: PlannerSlice["trial"]) => {
        if (run.isNewest()) set({ trial });
      };
      show({ status: "running", progress: null });
      try {
        const onProgress = (progress: TrialProgress) => show({ status: "running", progress });
        let last: TrialResult | null = null;
        for (const [key, request] of byKey) {
          const value = await lab.sae.trial(request, { signal: run.signal, onProgress });
          if (!run.isNewest()) return;
          const others = Object.entries(get().trials).filter(([known]) => known !== key);
          set({ trials: Object.fromEntries([...others.slice(1 - KEPT), [key, value]]) });
          last = value;
        }
        if (last) show({ status: "ready", value: last });
      } catch (e) {
        const error = toLabError(e);
        show(error.code === "cancelled" ? IDLE : { status: "failed", error });
      }
    },
    cancelTrial: () => {
      runs.stop();
      set({ trial: IDLE });
    },
  };
};

/** Trials as they were stored; what is damaged is left out. */
export function readTrials(value: unknown): Trials {
  if (typeof value !== "object" || value === null) return {};
  const sound = Object.entries(value).filter(([, trial]: [string, unknown]) => isTrial(trial));
  return Object.fromEntries(sound.slice(-KEPT));
}

const isTrial = (value: unknown): value is TrialResult =>
  typeof value === "object" &&
  value !== null &&
  "device" in value &&
  (value.device === "wasm" || value.device === "webgpu") &&
  ["perHarvestedToken", "perStep", "harvestedTokens", "steps"].every((key) => {
    const number = (value as Record<string, unknown>)[key];
    return typeof number === "number" && number > 0 && number < Infinity;
  });
