/** What to rebuild, and how to be sparse: the choice, with one sentence about it, and the numbers that this way needs. */
import { useId } from "react";
import { DECODER_NORMS, TRAIN_VARIANTS, type TrainVariant } from "../../core/sae-recipe.ts";
import { useLab } from "../../state/context.ts";
import { needs, SPARSITY_FIELD, type TrainPlan } from "../../state/train-form.ts";
import { type Rebuilds, REBUILDS } from "../../state/train-hooks.ts";
import { Field, TextField } from "../../ui/field.tsx";
import { formatBytes } from "../../ui/format.ts";
import { Segmented } from "../../ui/segmented.tsx";
import { Choice, FormNumber } from "./form-parts.tsx";
import { VARIANT_WORDS } from "./variant-words.ts";

const REBUILDS_WORDS: Record<Rebuilds, { name: string; hint: string }> = {
  input: { name: "Input", hint: "An autoencoder: features of one place." },
  mlp: {
    name: "MLP output",
    hint: "A transcoder: reads what goes into the MLP, writes what comes out, so that its features stand for what the MLP does.",
  },
  "mlp-skip": {
    name: "MLP + skip",
    hint: "A transcoder beside a linear map of the input, which takes over what needs no features.",
  },
};

/** An autoencoder, or a transcoder with or without a skip connection. */
export function RebuildsField() {
  const value = useLab((s) => s.trainRequest.rebuilds);
  const set = useLab((s) => s.setTrainRequest);
  return (
    <Choice label="What it rebuilds" hint={REBUILDS_WORDS[value].hint}>
      <Segmented
        label="What it rebuilds"
        value={value}
        onChange={(rebuilds) => set({ rebuilds })}
        choices={REBUILDS.map((one) => ({ value: one, label: REBUILDS_WORDS[one].name }))}
      />
    </Choice>
  );
}

const LIST_WORDS = {
  k: { label: "Several k", placeholder: "16, 32, 64" },
  l1: { label: "Several λ", placeholder: "0.5, 1, 2, 4" },
  targetL0: { label: "Several N", placeholder: "16, 32, 64" },
} as const;

/** Lists in place of one value: every width with every value, in one run on one stream. */
export function SweepFields({ plan }: { plan: TrainPlan }) {
  const form = useLab((s) => s.trainRequest);
  const set = useLab((s) => s.setTrainRequest);
  const { label, placeholder } = LIST_WORDS[SPARSITY_FIELD[form.variant]];
  const { members, trainingBytes } = plan;
  return (
    <>
      <TextField
        label="Several widths"
        value={form.sweepWidths}
        onChange={(sweepWidths) => set({ sweepWidths })}
        placeholder="4, 8, 16"
        hint="multiples, with commas between; empty: the one above"
        error={plan.problems.sweepWidths}
        mono
      />
      <TextField
        label={label}
        value={form.sweepValues}
        onChange={(sweepValues) => set({ sweepValues })}
        placeholder={placeholder}
        hint={
          members > 1
            ? `${members} autoencoders on one stream: each batch is read once for all; ${formatBytes(trainingBytes)} in training`
            : "a sweep: each value with each width, trained in one run on one stream"
        }
        error={plan.problems.sweepValues}
        mono
      />
    </>
  );
}

export function VariantFields({ plan }: { plan: TrainPlan }) {
  const variant = useLab((s) => s.trainRequest.variant);
  const set = useLab((s) => s.setTrainRequest);
  const sentence = useId();
  return (
    <>
      <Field label="Sparsity">
        {(wiring) => (
          <div>
            <select
              className="input"
              value={variant}
              onChange={(e) => set({ variant: e.target.value as TrainVariant })}
              {...wiring}
              aria-describedby={sentence}
            >
              {TRAIN_VARIANTS.map((name) => (
                <option key={name} value={name}>
                  {VARIANT_WORDS[name].name}
                </option>
              ))}
            </select>
            <p id={sentence} className="train-sentence">
              {VARIANT_WORDS[variant].sentence}
            </p>
          </div>
        )}
      </Field>
      <Main variant={variant} plan={plan} />
    </>
  );
}

/** The one number that says how sparse. */
function Main({ variant, plan }: { variant: TrainVariant; plan: TrainPlan }) {
  switch (variant) {
    case "topk":
      return <FormNumber field="k" label="k, features active per token" plan={plan} />;
    case "batchtopk":
    case "matryoshka":
      return <FormNumber field="k" label="k, features active per token on average" plan={plan} />;
    case "jumprelu":
      return (
        <FormNumber
          field="targetL0"
          label="About N active features a token"
          plan={plan}
          hint="20–40 is usual"
        />
      );
    case "standard":
    case "gated":
      return (
        <FormNumber
          field="l1"
          label="λ, weight of the penalty"
          plan={plan}
          hint="larger is sparser"
        />
      );
  }
}

/** What most people leave as it is. */
export function VariantDetails({ plan }: { plan: TrainPlan }) {
  const variant = useLab((s) => s.trainRequest.variant);
  const decoderNorm = useLab((s) => s.trainRequest.decoderNorm);
  const set = useLab((s) => s.setTrainRequest);
  return (
    <>
      {variant === "standard" && (
        <Choice
          label="Penalty"
          hint={
            decoderNorm === "unit"
              ? "on f, with decoder rows kept at norm 1"
              : "on f times the norm of its decoder row, which is free"
          }
        >
          <Segmented
            label="Penalty"
            value={decoderNorm}
            onChange={(norm) => set({ decoderNorm: norm })}
            choices={DECODER_NORMS.map((norm) => ({
              value: norm,
              label: norm === "unit" ? "Plain" : "Weighted by norm",
            }))}
          />
        </Choice>
      )}
      {needs(variant, "levels") && (
        <FormNumber
          field="levels"
          label="Nested widths"
          plan={plan}
          hint="each half of the next, the last all features"
        />
      )}
      {needs(variant, "l0Weight") && (
        <>
          <FormNumber
            field="l0Weight"
            label="c, weight of the pull towards N"
            plan={plan}
            hint="1: a count twice the target costs as much as explaining nothing"
          />
          <FormNumber
            field="bandwidth"
            label="Bandwidth of the thresholds’ gradient"
            plan={plan}
            hint="in units in which an activation has norm √D"
          />
        </>
      )}
      {needs(variant, "sparsityWarmUp") && (
        <FormNumber
          field="sparsityWarmUp"
          label="Penalty rises over the first, % of the steps"
          plan={plan}
        />
      )}
    </>
  );
}
