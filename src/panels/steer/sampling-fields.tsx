/** How the continuations are drawn. */
import { useLab } from "../../state/context.ts";
import type { SamplingOptions } from "../../core/types.ts";
import { IconButton } from "../../ui/button.tsx";
import { NumberInput } from "../../ui/number-input.tsx";

interface SamplingField {
  key: keyof SamplingOptions;
  label: string;
  about: string;
  min: number;
  max: number;
  step: number;
  whole: boolean;
}
const SEED_END = 2 ** 31 - 1;
const FIELDS: readonly SamplingField[] = [
  {
    ...{ key: "maxNewTokens", label: "Tokens", about: "New tokens at most" },
    ...{ min: 1, max: 500, step: 10, whole: true },
  },
  {
    ...{ key: "temperature", label: "Temperature", about: "0 always takes the likeliest token" },
    ...{ min: 0, max: 5, step: 0.1, whole: false },
  },
  {
    ...{ key: "topK", label: "Top k", about: "Only the k likeliest tokens; 0 for all" },
    ...{ min: 0, max: 1000, step: 5, whole: true },
  },
  {
    ...{
      key: "topP",
      label: "Top p",
      about: "The fewest tokens that reach this probability; 1 for all",
    },
    ...{ min: 0.01, max: 1, step: 0.05, whole: false },
  },
  {
    ...{
      key: "repetitionPenalty",
      label: "Repetition",
      about: "Above 1 against tokens that were there before; 1 leaves them alone",
    },
    ...{ min: 0.1, max: 10, step: 0.1, whole: false },
  },
  {
    ...{ key: "seed", label: "Seed", about: "The same seed draws the same texts" },
    ...{ min: 0, max: SEED_END, step: 1, whole: true },
  },
];

export function SamplingFields() {
  const sampling = useLab((s) => s.sampling);
  const set = useLab((s) => s.setSampling);
  const roll = () => set({ seed: crypto.getRandomValues(new Uint32Array(1))[0]! % 10_000 });
  return (
    <div className="sampling" role="group" aria-label="Sampling">
      {FIELDS.map(({ key, label, about, ...range }) => (
        <label key={key} title={about}>
          <span className="field-label">{label}</span>
          <span className="sampling-value">
            <NumberInput
              label={`${label}: ${about}`}
              value={sampling[key]}
              onChange={(value) => set({ [key]: value })}
              {...range}
            />
            {key === "seed" && <IconButton icon="dice" label="Another seed" onClick={roll} />}
          </span>
        </label>
      ))}
    </div>
  );
}
