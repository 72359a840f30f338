/** Steering: the chosen features and their strengths, what they do to the next token, and two continuations. */
import { toLabError, type LabError } from "../core/lab-error.ts";
import { SAMPLING_KEYS } from "../core/sampling.ts";
import type {
  GeneratedToken,
  Generation,
  Prediction,
  SamplingOptions,
  SteerFeature,
  SteerSpec,
} from "../core/types.ts";
import { createLatest, createNewest } from "./newest.ts";
import { saeForPrompt } from "./sae-on-bench.ts";
import { samplingOf } from "./sampling.ts";
import type { Slice, Store } from "./store.ts";
import { IDLE, type Task } from "./task.ts";

/** How many tokens of each distribution the bars compare (the union is shown). */
const TOP_K = 8;

export interface SteeredPrediction {
  plain: Prediction;
  steered: Prediction;
}
export interface Continuation {
  /** What was added to the prompt. */
  text: string;
  tokens: GeneratedToken[];
  status: "idle" | "running" | "failed" | Generation["stopped"];
  error: LabError | null;
}
/** What a pair of continuations was made from, to tell when they are no longer of what is on the bench. */
export interface GeneratedWith {
  text: string;
  prependBos: boolean;
  modelId: string | null;
  features: SteerFeature[];
  sampling: SamplingOptions;
}

export interface SteerSlice {
  steerFeatures: SteerFeature[];
  /** Adds a feature at its own largest activation; one that is there already stays as it is. */
  addSteer: (feature: number) => void;
  setSteer: (index: number, patch: Partial<SteerFeature>) => void;
  removeSteer: (index: number) => void;
  clearSteer: () => void;
  /** Puts the features of one SAE away and takes those of another out again. */
  swapSteer: (from: string | null, to: string | null) => void;
  steered: Task<SteeredPrediction>;
  /** The last that was ready: the bars stay while the next is computed. */
  shownSteered: SteeredPrediction | null;
  /** Asks again; while one answer is computed, only the newest question waits. */
  refreshSteer: () => Promise<void>;
  continuations: { plain: Continuation; steered: Continuation };
  generatedWith: GeneratedWith | null;
  generateBoth: () => Promise<void>;
  stopGenerating: () => void;
}

const benchId = ({ model }: Pick<Store, "model">): string | null =>
  model.status === "ready" ? model.value.id : null;

/** Whether anything changed since on which the continuations depend. */
export function isOutdated(
  made: GeneratedWith,
  now: Pick<Store, "text" | "prependBos" | "steerFeatures" | "options" | "model">,
): boolean {
  return (
    made.text !== now.text ||
    made.prependBos !== now.prependBos ||
    made.modelId !== benchId(now) ||
    made.features !== now.steerFeatures ||
    SAMPLING_KEYS.some((key) => made.sampling[key] !== samplingOf(now)[key])
  );
}

const NO_TEXT: Continuation = { text: "", tokens: [], status: "idle", error: null };

/** Largest activation of a feature on the dashboard tokens; null if unknown or if it never fired. */
export function featureMax({ features }: Pick<Store, "features">, feature: number): number | null {
  if (features.status !== "ready") return null;
  const { rows } = features.value;
  const row =
    rows[feature]?.feature === feature ? rows[feature] : rows.find((r) => r.feature === feature);
  return row && row.max > 0 ? row.max : null;
}

export const createSteerSlice: Slice<SteerSlice> = (lab) => (set, get, api) => {
  const kept = new Map<string, SteerFeature[]>();
  /** Chosen before the statistics were there, and not moved since: these still take their own scale. */
  const unscaled = new Set<SteerFeature>();
  const generations = createNewest();

  const spec = (): SteerSpec | null => {
    const saeId = saeForPrompt(get());
    return saeId === null ? null : { saeId, features: get().steerFeatures };
  };

  const refresh = createLatest(async () => {
    const steer = spec();
    const { model } = lab;
    if (!steer || !model) {
      set({ steered: IDLE, shownSteered: null });
      return;
    }
    const { text } = get();
    set({ steered: { status: "running", progress: null } });
    try {
      const value = await model.steer(get().prompt(), { steer, topK: TOP_K });
      const stale = get().text !== text || get().saeId !== steer.saeId || lab.model !== model;
      if (!stale) set({ steered: { status: "ready", value }, shownSteered: value });
    } catch (e) {
      set({ steered: { status: "failed", error: toLabError(e) } });
    }
  });

  const put = (which: "plain" | "steered", patch: Partial<Continuation>) => {
    const { continuations } = get();
    set({ continuations: { ...continuations, [which]: { ...continuations[which], ...patch } } });
  };

  api.subscribe((now, before) => {
    if (now.features === before.features || unscaled.size === 0) return;
    const scaled = now.steerFeatures.map((s) => {
      const largest = unscaled.has(s) ? featureMax(now, s.feature) : null;
      return largest === null ? s : { ...s, coefficient: largest };
    });
    if (now.features.status === "ready") unscaled.clear();
    if (scaled.some((s, i) => s !== now.steerFeatures[i])) set({ steerFeatures: scaled });
  });

  return {
    steerFeatures: [],
    addSteer: (feature) => {
      const { steerFeatures } = get();
      if (steerFeatures.some((s) => s.feature === feature)) return;
      const largest = featureMax(get(), feature);
      const added: SteerFeature = { feature, mode: "add", coefficient: largest ?? 1 };
      if (largest === null && get().features.status !== "ready") unscaled.add(added);
      set({ steerFeatures: [...steerFeatures, added] });
    },
    setSteer: (index, patch) =>
      set({
        steerFeatures: get().steerFeatures.map((s, i) => (i === index ? { ...s, ...patch } : s)),
      }),
    removeSteer: (index) =>
      set({ steerFeatures: get().steerFeatures.filter((_, i) => i !== index) }),
    clearSteer: () => set({ steerFeatures: [] }),
    swapSteer: (from, to) => {
      const { steerFeatures, stopGenerating } = get();
      if (from === null && steerFeatures.length > 0) return; // a link named them before the SAE was there
      if (from !== null) kept.set(from, steerFeatures);
      stopGenerating();
      set({
        steerFeatures: (to === null ? undefined : kept.get(to)) ?? [],
        ...{ steered: IDLE, shownSteered: null, generatedWith: null },
        continuations: { plain: NO_TEXT, steered: NO_TEXT },
      });
    },
    steered: IDLE,
    shownSteered: null,
    refreshSteer: refresh,
    continuations: { plain: NO_TEXT, steered: NO_TEXT },
    generatedWith: null,
    generateBoth: async () => {
      const { model } = lab;
      const steer = spec();
      if (!model || !steer) return; // the button says why it cannot
      const { text, prependBos } = get();
      const sampling = samplingOf(get());
      const run = generations.start();
      const started: Continuation = { ...NO_TEXT, status: "running" };
      set({
        continuations: { plain: started, steered: started },
        generatedWith: {
          ...{ text, prependBos, sampling, features: steer.features },
          modelId: benchId(get()),
        },
      });
      const generate = async (which: "plain" | "steered") => {
        try {
          const { stopped } = await model.generate(text, {
            ...sampling,
            prependBos,
            steer: which === "steered" ? steer : null,
            signal: run.signal,
            onToken: (token) => {
              if (!run.isNewest()) return;
              const { tokens, text: soFar } = get().continuations[which];
              put(which, { tokens: [...tokens, token], text: soFar + token.text });
            },
          });
          if (run.isNewest()) put(which, { status: stopped });
        } catch (e) {
          const error = toLabError(e);
          if (run.isNewest() && error.code !== "cancelled") put(which, { status: "failed", error });
        }
      };
      await Promise.all([generate("plain"), generate("steered")]);
    },
    stopGenerating: () => {
      generations.stop();
      for (const which of ["plain", "steered"] as const) {
        if (get().continuations[which].status === "running") put(which, { status: "cancelled" });
      }
    },
  };
};
