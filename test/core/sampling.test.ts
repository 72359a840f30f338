import { expect, it } from "vitest";
import { readSampling, SAMPLING, SAMPLING_KEYS, samplingTexts } from "../../src/core/sampling.ts";

const defaults = Object.fromEntries(SAMPLING_KEYS.map((key) => [key, SAMPLING[key].fallback]));

it("goes through a link and back", () => {
  const patch = { temperature: 0, topK: 5, topP: 0.5, seed: 77 };
  const texts = samplingTexts({ ...patch, maxNewTokens: 40 });
  expect(texts).toEqual({
    "sampling.maxNewTokens": null, // the default is not written
    "sampling.temperature": "0",
    "sampling.topK": "5",
    "sampling.topP": "0.5",
    "sampling.seed": "77",
  });
  const kept = Object.fromEntries(Object.entries(texts).filter(([, text]) => text !== null));
  expect(readSampling(kept as Record<string, string>)).toEqual({ ...defaults, ...patch });
});

it.each(["", "x", "NaN", "Infinity", "-1", "1e9", "2.5"])(
  "takes %o for no number of tokens",
  (text) => {
    expect(readSampling({ "sampling.maxNewTokens": text })).toEqual(defaults);
  },
);
