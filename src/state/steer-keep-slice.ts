/** Presets of steering, and experiments saved with their texts: kept in this browser, exported and imported. */
import { toLabError, type LabError } from "../core/lab-error.ts";
import { samplingTexts } from "../core/sampling.ts";
import {
  decodeSteerFile,
  type SteerExperiment,
  type SteerFile,
  type SteerPreset,
} from "./steer-file.ts";
import { steerAttention } from "./steer-slice.ts";
import type { Slice } from "./store.ts";

export interface SteerKeepSlice {
  /** By name; newest first. */
  steerPresets: readonly SteerPreset[];
  /** The rows of now, under a name; one of that name is replaced. */
  savePreset: (name: string) => void;
  applyPreset: (name: string) => void;
  removePreset: (name: string) => void;
  /** Newest first. */
  steerExperiments: readonly SteerExperiment[];
  /** The samples on the screen with all that they were made of. @param now ISO 8601 */
  saveExperiment: (name: string, now: string) => void;
  /** Puts its prompt, rows, settings and texts on the screen again. */
  openExperiment: (savedAt: string) => void;
  removeExperiment: (savedAt: string) => void;
  /** What was put away last, until something else is. */
  removedSteer: { what: string; before: SteerFile } | null;
  restoreRemovedSteer: () => void;
  /** @returns how many of each came in; what was here under the same name is replaced */
  importSteer: (json: string) => { presets: number; experiments: number } | LabError;
  /** Why the browser could not keep them; null while it does. */
  steerKeepError: string | null;
}

export const createSteerKeepSlice: Slice<SteerKeepSlice> = () => (set, get) => {
  const attentionText = (attention: string) => (attention === "free" ? null : attention);
  const file = (): SteerFile => ({
    presets: [...get().steerPresets],
    experiments: [...get().steerExperiments],
  });
  const merged = <T>(news: readonly T[], olds: readonly T[], key: (each: T) => string): T[] => {
    const names = new Set(news.map(key));
    return [...news, ...olds.filter((old) => !names.has(key(old)))];
  };
  const putPresets = (presets: readonly SteerPreset[]) =>
    set({ steerPresets: merged(presets, get().steerPresets, ({ name }) => name) });
  return {
    steerPresets: [],
    savePreset: (name) =>
      putPresets([{ name, rows: [...get().steerRows], attention: steerAttention(get()) }]),
    applyPreset: (name) => {
      const preset = get().steerPresets.find((each) => each.name === name);
      if (!preset) return;
      get().setSteerRows(preset.rows);
      get().setOption("steer.attention", attentionText(preset.attention));
    },
    removePreset: (name) =>
      set({
        removedSteer: { what: `Preset “${name}”`, before: file() },
        steerPresets: get().steerPresets.filter((each) => each.name !== name),
      }),
    steerExperiments: [],
    saveExperiment: (name, savedAt) => {
      const { generatedWith: made, steerSamples, steerExperiments } = get();
      if (!made) return;
      const { text: prompt, prependBos, modelId, rows, attention, sampling } = made;
      if (modelId === null) return;
      const experiment: SteerExperiment = {
        ...{ name, savedAt, modelId, prompt, prependBos, attention, sampling },
        rows: [...rows],
        samples: [...steerSamples],
      };
      set({ steerExperiments: [experiment, ...steerExperiments] });
    },
    openExperiment: (savedAt) => {
      const found = get().steerExperiments.find((each) => each.savedAt === savedAt);
      if (!found) return;
      const { rows, attention, sampling, samples, prompt, prependBos, modelId } = found;
      get().stopGenerating();
      get().setSteerRows(rows);
      get().setOptions({
        ...samplingTexts(sampling),
        "steer.attention": attentionText(attention),
        "steer.samples": samples.length > 1 ? String(samples.length) : null,
      });
      get().setPrependBos(prependBos);
      get().setText(prompt);
      set({
        steerSamples: samples,
        generatedWith: { text: prompt, prependBos, modelId, rows, attention, sampling },
      });
    },
    removeExperiment: (savedAt) => {
      const found = get().steerExperiments.find((each) => each.savedAt === savedAt);
      set({
        removedSteer: { what: `Experiment “${found?.name ?? ""}”`, before: file() },
        steerExperiments: get().steerExperiments.filter((each) => each.savedAt !== savedAt),
      });
    },
    removedSteer: null,
    restoreRemovedSteer: () => {
      const { removedSteer } = get();
      if (!removedSteer) return;
      const { presets, experiments } = removedSteer.before;
      set({
        steerPresets: merged(get().steerPresets, presets, ({ name }) => name),
        steerExperiments: merged(get().steerExperiments, experiments, (each) => each.savedAt),
        removedSteer: null,
      });
    },
    importSteer: (json) => {
      try {
        const { presets, experiments } = decodeSteerFile(json);
        putPresets(presets);
        set({
          steerExperiments: merged(experiments, get().steerExperiments, (each) => each.savedAt),
        });
        return { presets: presets.length, experiments: experiments.length };
      } catch (e) {
        return toLabError(e);
      }
    },
    steerKeepError: null,
  };
};
