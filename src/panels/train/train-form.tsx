/** What to train: where, how wide, how sparse, for how long. Wrong values are named at their field. */
import { useId, useState, type ReactNode } from "react";
import type { SaeVariant } from "../../core/sae.ts";
import { useLab } from "../../state/context.ts";
import {
  EXPANSIONS,
  planTraining,
  trainableHooks,
  type TrainForm,
  type TrainPlan,
} from "../../state/train-form.ts";
import { Field, TextField } from "../../ui/field.tsx";
import { Figure } from "../../ui/figure.tsx";
import { formatBytes, formatCount } from "../../ui/format.ts";
import { hookLabel } from "../../ui/hook-label.ts";
import { Progress } from "../../ui/progress.tsx";
import { Segmented } from "../../ui/segmented.tsx";

const WHAT = {
  words: (
    <>
      A sparse autoencoder (SAE) writes each activation <i>x</i> of the model as a sum of few
      directions out of a large dictionary. The dictionary is wider than the activation, and a
      penalty (L1) or a fixed budget (TopK) keeps all but a few of its features at zero. Single
      features then tend to mean one thing, which single neurons rarely do. It learns by rebuilding
      activations that the model on the bench produces on the lab’s corpus.
    </>
  ),
  formula:
    "f = ReLU(W_enc · x + b_enc)          TopK: only the k largest stay\nx̂ = W_dec · f + b_dec               ‖W_dec[i]‖ = 1\nL1:    loss = ‖x − x̂‖² + λ · ‖f‖₁\nTopK: loss = ‖x − x̂‖² + auxiliary loss of dead features",
  source:
    "Adam; inputs scaled to mean norm √D as SAELens’s expected_average_only_in, folded into the weights at the end.",
} as const;

export function TrainFormPanel() {
  const model = useLab((s) => s.model);
  const form = useLab((s) => s.trainRequest);
  const set = useLab((s) => s.setTrainRequest);
  const start = useLab((s) => s.startTraining);
  const running = useLab((s) => s.training.status === "running");
  const [more, setMore] = useState(false);
  if (model.status !== "ready") {
    return (
      <Figure title="Train an autoencoder" what={WHAT}>
        <Progress label="Waiting for a model on the bench" share={null} />
      </Figure>
    );
  }
  const { config } = model.value;
  const plan = planTraining(form, config);
  return (
    <Figure title="Train an autoencoder" what={WHAT} className="train-form">
      <form
        className="stack"
        aria-label="What to train"
        onSubmit={(e) => {
          e.preventDefault();
          void start();
        }}
      >
        <fieldset disabled={running} className="stack">
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
          <Choice label="Sparsity">
            <Segmented<SaeVariant>
              label="Sparsity"
              value={form.variant}
              onChange={(variant) => set({ variant })}
              choices={[
                { value: "standard", label: "L1 penalty" },
                { value: "topk", label: "TopK" },
              ]}
            />
          </Choice>
          {form.variant === "topk" ? (
            <FormNumber field="k" label="k, features active per token" plan={plan} />
          ) : (
            <FormNumber
              field="l1"
              label="λ, weight of the penalty"
              plan={plan}
              hint="larger is sparser"
            />
          )}
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
              <FormNumber field="lr" label="Learning rate" plan={plan} />
              <FormNumber field="batchSize" label="Batch, tokens per step" plan={plan} />
              <FormNumber
                field="seed"
                label="Seed"
                plan={plan}
                hint="The same seed and settings give the same run."
              />
            </div>
          </details>
        </fieldset>
        <div className="train-go">
          <p className="train-size">{sizeWords(plan)}</p>
          <button
            type="submit"
            className="button primary"
            disabled={running || plan.request === null}
          >
            {running ? "Training …" : "Train"}
          </button>
        </div>
      </form>
    </Figure>
  );
}

const hasHiddenProblem = ({ problems }: TrainPlan) =>
  Boolean(problems.lr ?? problems.batchSize ?? problems.seed);
const stepsWords = ({ steps, problems }: TrainPlan) =>
  problems.tokens || problems.batchSize ? null : `${steps.toLocaleString("en-US")} steps`;
const sizeWords = ({ parameters, bytes, trainingBytes }: TrainPlan) =>
  Number.isFinite(parameters)
    ? `${formatCount(parameters)} parameters · ${formatBytes(bytes)}, ${formatBytes(trainingBytes)} in training`
    : "";

type NumberField = "l1" | "k" | "lr" | "batchSize" | "tokens" | "seed";
interface FormNumberProps {
  field: NumberField;
  label: string;
  plan: TrainPlan;
  hint?: string | null;
}
function FormNumber({ field, label, plan, hint = null }: FormNumberProps) {
  const form: TrainForm = useLab((s) => s.trainRequest);
  const set = useLab((s) => s.setTrainRequest);
  return (
    <TextField
      label={label}
      value={form[field]}
      onChange={(text) => set({ [field]: text })}
      inputMode="decimal"
      mono
      hint={hint}
      error={plan.problems[field]}
    />
  );
}

interface HookFieldProps {
  plan: TrainPlan;
  layers: number;
  onChange: (hook: string) => void;
}
function HookField({ plan, layers, onChange }: HookFieldProps) {
  const hooks = trainableHooks({ n_layer: layers });
  return (
    <Field label="Where to listen" hint={<code>{plan.hook}</code>}>
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

function Choice({ label, hint, children }: { label: string; hint?: string; children: ReactNode }) {
  const id = useId();
  return (
    <div className="field" role="group" aria-labelledby={id}>
      <span id={id} className="field-label">
        {label}
      </span>
      <div>{children}</div>
      {hint && <div className="field-hint">{hint}</div>}
    </div>
  );
}
