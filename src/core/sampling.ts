/** How texts are drawn: each setting's default and range, and its form in a link. */
import type { SamplingOptions } from "./generation.ts";

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

const optionName = (key: SamplingKey) => `sampling.${key}` as const;

type Texts = Readonly<Record<string, string>>;

/** Out of texts by name; what is missing or out of range is at its default. */
export const readSampling = (options: Texts): SamplingOptions =>
  Object.fromEntries(
    SAMPLING_KEYS.map((key) => [key, readOne(options, key) ?? SAMPLING[key].fallback]),
  ) as unknown as SamplingOptions;

/** Those whose text is no value of theirs: the default holds. */
export const oddSampling = (options: Texts): SamplingKey[] =>
  SAMPLING_KEYS.filter(
    (key) => options[optionName(key)] !== undefined && readOne(options, key) === null,
  );

function readOne(options: Texts, key: SamplingKey): number | null {
  const { min, max, whole } = SAMPLING[key];
  const text = options[optionName(key)] ?? "";
  const value = text === "" ? NaN : Number(text);
  return value >= min && value <= max && (!whole || Number.isInteger(value)) ? value : null;
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
