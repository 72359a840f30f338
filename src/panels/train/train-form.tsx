/** What to train: where, how wide, how sparse, for how long. Wrong values are named at their field. */
import { useState } from "react";
import { TRAIN_VARIANTS } from "../../core/sae-recipe.ts";
import { useLab } from "../../state/context.ts";
import {
  EXPANSIONS,
  type NumberField,
  planTraining,
  type TrainPlan,
} from "../../state/train-form.ts";
import { type Rebuilds, trainableHooks } from "../../state/train-hooks.ts";
import { chosenTexts } from "../../state/texts-slice.ts";
import { Checkbox, Field, TextField } from "../../ui/field.tsx";
import { Figure, type What } from "../../ui/figure.tsx";
import { formatBytes, formatCount, formatDuration } from "../../ui/format.ts";
import { hookLabel } from "../../ui/hook-label.ts";
import { Progress } from "../../ui/progress.tsx";
import { Segmented } from "../../ui/segmented.tsx";
import { Choice, FormNumber } from "./form-parts.tsx";
import { TextChoice } from "./text-choice.tsx";
import { MisfitNote, useTrainingPlan } from "./planner.tsx";
import { SaeLens } from "./sae-lens.tsx";
import { RebuildsField, SweepFields, VariantDetails, VariantFields } from "./variant-fields.tsx";
import { useTrainPython } from "./use-train-python.ts";
import { VARIANT_WORDS } from "./variant-words.ts";

const VARIANT_FORMULAS = TRAIN_VARIANTS.map((variant) => VARIANT_WORDS[variant].formula).join("\n");
const HOW =
  "Adam, gradients clipped to norm 1, decoder rows of norm 1; inputs scaled to mean norm √D as SAELens’s expected_average_only_in, folded into the weights at the end.";
const SPARSE =
  "a penalty, a budget or thresholds keep all but a few of its features at zero. Single features then tend to mean one thing, which single neurons rarely do.";

const AUTOENCODER = {
  words: (
    <>
      A sparse autoencoder (SAE) writes each activation <i>x</i> of the model as a sum of few
      directions out of a large dictionary. The dictionary is wider than the activation, and{" "}
      {SPARSE} It learns by rebuilding activations that the model on the bench produces on the lab’s
      corpus.
    </>
  ),
  formula: `pre = x · W_enc + b_enc          x̂ = f · W_dec + b_dec
loss = ‖x − x̂‖² + …

${VARIANT_FORMULAS}`,
  source: HOW,
} as const;

/** The loss is of y there: no line of it may say x̂. */
const transcoder = (skip: boolean) => ({
  words: (
    <>
      A transcoder reads what goes into an MLP, <i>x</i>, and writes what the MLP would make of it,{" "}
      <i>y</i>, as a sum of few directions out of a large dictionary; {SPARSE} It can stand in for
      the MLP, whose neurons it explains.
      {skip && " The skip connection takes over what is linear in x, which needs no features."}
    </>
  ),
  formula: `pre = x · W_enc + b_enc          ŷ = f · W_dec + b_dec${skip ? " + x · W_skipᵀ" : ""}
loss = ‖y − ŷ‖² + …

${VARIANT_FORMULAS.replaceAll("x − x̂", "y − ŷ")}`,
  source: `${HOW} Inputs and outputs each have a scale of their own. Dunefsky et al., “Transcoders Find Interpretable LLM Feature Circuits” (2024)${skip ? "; Paulo et al., “Transcoders Beat Sparse Autoencoders for Interpretability” (2025)" : ""}.`,
});
const WHAT: Record<Rebuilds, What> = {
  input: AUTOENCODER,
  mlp: transcoder(false),
  "mlp-skip": transcoder(true),
};

export function TrainFormPanel() {
  const model = useLab((s) => s.model);
  const form = useLab((s) => s.trainRequest);
  const set = useLab((s) => s.setTrainRequest);
  const texts = useLab((s) => s.texts);
  const start = useLab((s) => s.startTraining);
  const running = useLab((s) => s.training.status === "running");
  const found = useTrainingPlan();
  const [more, setMore] = useState(false);
  const python = useTrainPython("form");
  const table = () => ({ columns: ["setting", "value"], rows: Object.entries(form) });
  if (model.status !== "ready") {
    return (
      <Figure
        title="Train an autoencoder"
        name="training-settings"
        what={WHAT[form.rebuilds]}
        table={table}
        python={python}
      >
        <Progress label="Waiting for a model on the bench" share={null} />
      </Figure>
    );
  }
  const { config } = model.value;
  const plan = planTraining(form, config);
  const { problem } = chosenTexts(form, texts);
  return (
    <Figure
      title="Train an autoencoder"
      name="training-settings"
      what={WHAT[form.rebuilds]}
      table={table}
      python={python}
      className="train-form"
    >
      <form
        className="stack"
        aria-label="What to train"
        onSubmit={(e) => {
          e.preventDefault();
          void start();
        }}
      >
        <fieldset disabled={running} className="stack">
          <RebuildsField />
          <HookField plan={plan} layers={config.n_layer} onChange={(hook) => set({ hook })} />
          <Choice
            label="Width"
            hint={`${plan.dSae.toLocaleString("en-US")} features: ${form.expansion} × ${plan.dIn}`}
          >
            <Segmented
              label="Width, as a multiple of the hook’s width"
              value={form.expansion}
              onChange={(expansion) => set({ expansion })}
              choices={EXPANSIONS.map((n) => ({ value: String(n), label: `${n}×` }))}
            />
          </Choice>
          <VariantFields plan={plan} />
          <TextChoice />
          <FormNumber field="tokens" label="Tokens" plan={plan} hint={stepsWords(plan)} />
          <details
            className="train-more"
            open={more || hasHiddenProblem(plan)}
            onToggle={(e) => setMore(e.currentTarget.open)}
          >
            <summary>More settings</summary>
            <div className="stack">
              <TextField
                label="Name"
                value={form.name}
                onChange={(name) => set({ name })}
                placeholder="made from the settings"
                maxLength={80}
              />
              <SweepFields plan={plan} />
              <VariantDetails plan={plan} />
              <FormNumber field="lr" label="Learning rate" plan={plan} />
              <FormNumber
                field="lrWarmUp"
                label="Learning rate rises over the first, % of the steps"
                plan={plan}
              />
              <FormNumber
                field="lrDecay"
                label="…and falls to 0 over the last, % of the steps"
                plan={plan}
              />
              <FormNumber field="batchSize" label="Batch, tokens per step" plan={plan} />
              <FormNumber
                field="seed"
                label="Seed"
                plan={plan}
                hint="The same seed and settings give the same run."
              />
              <Checkbox
                label="Keep its state when it ends, so that it can be forked"
                title="All that it takes to go on: four times the room of its weights"
                checked={form.keepState === "yes"}
                onChange={(on) => set({ keepState: on ? "yes" : "" })}
              />
            </div>
          </details>
        </fieldset>
        <div className="train-go">
          <p className="train-size">
            {sizeWords(plan, found?.plan.memory.total)}
            {typeof found?.plan.seconds === "number" &&
              ` · about ${formatDuration(found.plan.seconds)} here`}
          </p>
          {found && <MisfitNote plan={found.plan} />}
          <button
            type="submit"
            className="button primary"
            disabled={running || plan.request === null || problem !== null}
          >
            {running ? "Training …" : "Train"}
          </button>
          <SaeLens />
        </div>
      </form>
    </Figure>
  );
}

const HIDDEN: readonly NumberField[] = [
  ...(["lr", "lrWarmUp", "lrDecay", "batchSize", "seed"] as const),
  ...(["sparsityWarmUp", "l0Weight", "bandwidth", "levels"] as const),
];
const hasHiddenProblem = ({ problems }: TrainPlan) =>
  [...HIDDEN, "sweepWidths" as const, "sweepValues" as const].some((field) => problems[field]);
const stepsWords = ({ steps, problems }: TrainPlan) =>
  problems.tokens || problems.batchSize ? null : `${steps.toLocaleString("en-US")} steps`;
const sizeWords = ({ parameters, bytes, members }: TrainPlan, inTraining: number | undefined) =>
  Number.isFinite(parameters)
    ? `${members > 1 ? `${members} autoencoders · ` : ""}${formatCount(parameters)} parameters · ${formatBytes(bytes)}${inTraining === undefined ? "" : `, ${formatBytes(inTraining)} in training`}`
    : "";

interface HookFieldProps {
  plan: TrainPlan;
  layers: number;
  onChange: (hook: string) => void;
}
function HookField({ plan, layers, onChange }: HookFieldProps) {
  const rebuilds = useLab((s) => s.trainRequest.rebuilds);
  const hooks = trainableHooks({ n_layer: layers }, rebuilds);
  return (
    <Field
      label="Where to listen"
      hint={<code>{plan.out ? `${plan.hook} → ${plan.out.hook}` : plan.hook}</code>}
    >
      {(wiring) => (
        <select
          className="input"
          value={plan.hook}
          onChange={(e) => onChange(e.target.value)}
          {...wiring}
        >
          {Array.from({ length: layers }, (_, layer) => (
            <optgroup key={layer} label={`Block ${layer}`}>
              {hooks
                .filter((hook) => hook.startsWith(`blocks.${layer}.`))
                .map((hook) => (
                  <option key={hook} value={hook}>
                    {hookLabel(hook)}
                  </option>
                ))}
            </optgroup>
          ))}
        </select>
      )}
    </Field>
  );
}
