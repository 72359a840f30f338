/** How texts are drawn: each setting's default and range, and its form in a link. */
import type { SamplingOptions } from "./types.ts";

export type SamplingKey = keyof SamplingOptions;
export interface SamplingRange {
  fallback: number;
  min: number;
  max: number;
  whole: boolean;
}

export const SAMPLING: Readonly<Record<SamplingKey, SamplingRange>> = {
  maxNewTokens: { fallback: 40, min: 1, max: 500, whole: true },
  temperature: { fallback: 0.8, min: 0, max: 5, whole: false },
  topK: { fallback: 0, min: 0, max: 1000, whole: true },
  topP: { fallback: 0.95, min: 0.01, max: 1, whole: false },
  repetitionPenalty: { fallback: 1, min: 0.1, max: 10, whole: false },
  seed: { fallback: 1, min: 0, max: 2 ** 31 - 1, whole: true },
};
export const SAMPLING_KEYS = Object.keys(SAMPLING) as SamplingKey[];

const optionName = (key: SamplingKey) => `sampling.${key}`;

/** Out of texts by name; what is missing or out of range is at its default. */
export function readSampling(options: Readonly<Record<string, string>>): SamplingOptions {
  const read = (key: SamplingKey): [SamplingKey, number] => {
    const { fallback, min, max, whole } = SAMPLING[key];
    const text = options[optionName(key)] ?? "";
    const value = text === "" ? NaN : Number(text);
    const good = value >= min && value <= max && (!whole || Number.isInteger(value));
    return [key, good ? value : fallback];
  };
  return Object.fromEntries(SAMPLING_KEYS.map(read)) as unknown as SamplingOptions;
}

/** The texts that a change comes to; null where the default holds. */
export const samplingTexts = (patch: Partial<SamplingOptions>): Record<string, string | null> =>
  Object.fromEntries(
    SAMPLING_KEYS.flatMap((key) => {
      const value = patch[key];
      if (value === undefined) return [];
      return [[optionName(key), value === SAMPLING[key].fallback ? null : String(value)]];
    }),
  );
