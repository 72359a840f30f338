/** How a text is drawn: one field for each setting. */
import { useEffect, useState } from "react";
import { SAMPLING, SAMPLING_KEYS, type SamplingKey } from "../core/sampling.ts";
import type { SamplingOptions } from "../core/generation.ts";
import { IconButton } from "./button.tsx";
import { Checkbox } from "./field.tsx";
import { NumberInput } from "./number-input.tsx";
import "./sampling-fields.css";

interface FieldWords {
  label: string;
  about: string;
  /** Of the arrow keys. */
  step: number;
}
const WORDS: Readonly<Record<SamplingKey, FieldWords>> = {
  maxNewTokens: { label: "Tokens", about: "New tokens at most", step: 10 },
  temperature: { label: "Temperature", about: "0 always takes the likeliest token", step: 0.1 },
  topK: { label: "Top k", about: "Only the k likeliest tokens; 0 for all", step: 5 },
  topP: {
    label: "Top p",
    about: "The fewest tokens that reach this probability; 1 for all",
    step: 0.05,
  },
  repetitionPenalty: {
    label: "Repetition",
    about: "Above 1 against tokens that were there before; 1 leaves them alone",
    step: 0.1,
  },
  seed: { label: "Seed", about: "The same seed draws the same texts", step: 1 },
};

export interface SamplingFieldsProps {
  value: SamplingOptions;
  onChange: (patch: Partial<SamplingOptions>) => void;
  /** Whether some field holds what is no value for it: what is drawn then is not what the fields say. */
  onWrong: (wrong: boolean) => void;
}

export function SamplingFields({ value, onChange, onWrong }: SamplingFieldsProps) {
  const [wrong, setWrong] = useState<readonly SamplingKey[]>([]);
  const mark = (key: SamplingKey, bad: boolean) =>
    setWrong((keys) => [...keys.filter((other) => other !== key), ...(bad ? [key] : [])]);
  const some = wrong.length > 0;
  useEffect(() => onWrong(some), [onWrong, some]);
  const roll = () => onChange({ seed: crypto.getRandomValues(new Uint32Array(1))[0]! % 10_000 });
  return (
    <div className="sampling" role="group" aria-label="Sampling">
      {SAMPLING_KEYS.map((key) => {
        const { label, about, step } = WORDS[key];
        const { min, max, whole } = SAMPLING[key];
        return (
          <label key={key} title={about}>
            <span className="field-label">{label}</span>
            <span className="sampling-value">
              <NumberInput
                label={`${label}: ${about}`}
                value={value[key]}
                onChange={(number) => onChange({ [key]: number })}
                onWrong={(bad) => mark(key, bad)}
                {...{ min, max, step, whole }}
              />
              {key === "seed" && <IconButton icon="dice" label="Another seed" onClick={roll} />}
            </span>
          </label>
        );
      })}
      <Checkbox
        label="Greedy"
        title="Always the likeliest token: temperature 0. Top k, top p and the seed then make no difference."
        checked={value.temperature === 0}
        onChange={(greedy) => onChange({ temperature: greedy ? 0 : SAMPLING.temperature.fallback })}
      />
    </div>
  );
}
