/** How to be sparse: the choice, with one sentence about it, and the numbers that this way needs. */
import { useId } from "react";
import { DECODER_NORMS, TRAIN_VARIANTS, type TrainVariant } from "../../core/sae-recipe.ts";
import { useLab } from "../../state/context.ts";
import { needs, type TrainPlan } from "../../state/train-form.ts";
import { Field } from "../../ui/field.tsx";
import { Segmented } from "../../ui/segmented.tsx";
import { Choice, FormNumber } from "./form-parts.tsx";
import { VARIANT_WORDS } from "./variant-words.ts";

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
