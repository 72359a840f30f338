/** How continuations are drawn, wherever they are: kept among the options, and so in the address. */
import { useEffect } from "react";
import {
  oddSampling,
  readSampling,
  SAMPLING,
  SAMPLING_KEYS,
  samplingTexts,
} from "../core/sampling.ts";
import type { SamplingOptions } from "../core/generation.ts";
import { useLab } from "./context.ts";
import type { Options } from "./options-slice.ts";

const known = new WeakMap<Options, SamplingOptions>();

/** The same object for the same options. */
export function samplingOf({ options }: { options: Options }): SamplingOptions {
  const sampling = known.get(options) ?? readSampling(options);
  known.set(options, sampling);
  return sampling;
}

export function useSampling() {
  const sampling = useLab(samplingOf);
  const setOptions = useLab((s) => s.setOptions);
  const tellOdd = useLab((s) => s.tellOdd);
  const options = useLab((s) => s.options);
  useEffect(() => {
    const odd = oddSampling(options);
    for (const key of SAMPLING_KEYS) {
      const value = options[`sampling.${key}`];
      const shown = String(SAMPLING[key].fallback);
      if (odd.includes(key) && value !== undefined) tellOdd(`sampling.${key}`, { value, shown });
    }
  }, [options, tellOdd]);
  const set = (patch: Partial<SamplingOptions>) => setOptions(samplingTexts(patch));
  return [sampling, set] as const;
}
