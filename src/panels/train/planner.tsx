/** Before training: what it takes here, and what it would take elsewhere, with the arithmetic. */
import { useEffect, useState } from "react";
import { useLab } from "../../state/context.ts";
import { LARGER, largerPlan } from "../../state/larger-plans.ts";
import { trialKey } from "../../state/planner-slice.ts";
import { planTraining } from "../../state/train-form.ts";
import { trainingPlan, type TrainingPlan } from "../../state/training-plan.ts";
import { Button } from "../../ui/button.tsx";
import { ErrorCard } from "../../ui/error-card.tsx";
import { Figure } from "../../ui/figure.tsx";
import { formatBytes } from "../../ui/format.ts";
import { Icon } from "../../ui/icons.tsx";
import { Progress } from "../../ui/progress.tsx";
import { largerRows, type PlannerRow, planRows } from "./planner-rows.ts";
import { useTrainPython } from "./use-train-python.ts";

const WHAT = {
  words:
    "What the run that the form asks for takes: parameters, memory at the moment when most is held, operations, and time on this device once a second of it has been tried. An operation is one addition or one multiplication. A sweep reads each batch once for all its autoencoders, which take their steps in turn. Below it, the same at larger scales: half of the model is run to reach a hook in its middle, as many tokens a feature as gpt2-small-res-jb had, everything of the autoencoder in float32 and the model in bfloat16, on H100s that reach 40 % of their peak.",
  formula:
    "parameters P = W_enc + W_dec + b_enc + b_dec (+ those of the variant)\nmemory = 36 · P + 12 · rows · D + 4 · B · (4 · D + 3 · F)  bytes\nFLOP a token = blocks · (8d² + 4·d·m + 4·T·d) + 10 · D · F\ntime = tokens · s a token + steps · s a step\nGPU-hours = FLOP / (peak · utilisation) / 3600",
  source:
    "gpt2-small-res-jb’s card: 300M tokens for 24,576 features. NVIDIA’s H100 data sheet: 80 GB, 989 TFLOP/s in bfloat16 without sparsity. Layers and utilisation are assumptions.",
} as const;

/** The form's run as a plan; null while the form has problems. */
export function useTrainingPlan() {
  const model = useLab((s) => s.model);
  const form = useLab((s) => s.trainRequest);
  const room = useLab((s) => s.trainingRoom);
  const trials = useLab((s) => s.trials);
  if (model.status !== "ready") return null;
  const [first, ...others] = planTraining(form, model.value.config).requests;
  if (!first) return null;
  const known = [first, ...others].map((request) => trials[trialKey(request, model.value)] ?? null);
  return { plan: trainingPlan([first, ...others], model.value, room, known), trials: known };
}

export function Planner() {
  const found = useTrainingPlan();
  const python = useTrainPython("form");
  const modelId = useLab((s) => (s.model.status === "ready" ? s.model.value.id : null));
  const refresh = useLab((s) => s.refreshRoom);
  const [larger, setLarger] = useState(false);
  useEffect(() => {
    if (modelId !== null) void refresh();
  }, [modelId, refresh]);
  const rows = found ? planRows(found.plan, found.trials) : [];
  const cases = LARGER.map((at) => ({ ...at, rows: largerRows(largerPlan(at)) }));
  return (
    <Figure
      title="What it takes"
      name="training-plan"
      what={WHAT}
      table={() => ({
        columns: ["run", "quantity", "value", "arithmetic"],
        rows: [
          { name: "this run", rows },
          ...cases.map(({ name, rows }) => ({ name, rows })),
        ].flatMap(({ name, rows: own }) =>
          own.map(({ quantity, value, arithmetic }) => [name, quantity, value, arithmetic]),
        ),
      })}
      python={python}
    >
      {found ? (
        <>
          <Rows rows={rows} />
          <Measure measured={found.plan.seconds !== null} />
          <details open={larger} onToggle={(e) => setLarger(e.currentTarget.open)}>
            <summary>At 7B and at frontier scale</summary>
            {cases.map(({ name, dModel, expansion, rows: own }) => (
              <div key={name} className="planner-case">
                <h3>
                  {name}: d {dModel.toLocaleString("en-US")}, {expansion}×
                </h3>
                <Rows rows={own} />
              </div>
            ))}
          </details>
        </>
      ) : (
        <p className="quiet">The form has a value that cannot be used; it is named there.</p>
      )}
    </Figure>
  );
}

function Rows({ rows }: { rows: readonly PlannerRow[] }) {
  return (
    <table className="planner-rows">
      <thead className="visually-hidden">
        <tr>
          <th scope="col">Quantity</th>
          <th scope="col">Value</th>
          <th scope="col">Arithmetic</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(({ quantity, value, arithmetic }) => (
          <tr key={quantity}>
            <th scope="row">{quantity}</th>
            <td className="mono">{value}</td>
            <td className="planner-arithmetic">{arithmetic}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const PHASES = {
  preparing: "Preparing the trial",
  harvest: "Timing the harvest",
  steps: "Timing steps",
} as const;

function Measure({ measured }: { measured: boolean }) {
  const trial = useLab((s) => s.trial);
  const measure = useLab((s) => s.measurePace);
  const cancel = useLab((s) => s.cancelTrial);
  const plan = useTrainingPlan()?.plan;
  const widths = new Set(plan?.members.map(({ shape }) => shape.dSae)).size;
  if (trial.status === "running") {
    return (
      <Progress label={PHASES[trial.progress ?? "preparing"]} share={null} onCancel={cancel} />
    );
  }
  return (
    <>
      {trial.status === "failed" && (
        <ErrorCard title="The trial failed" error={trial.error} onDismiss={cancel} />
      )}
      <div className="row">
        <Button
          icon="play"
          disabled={(plan?.misfit ?? null) !== null}
          onClick={() => void measure()}
        >
          {measured ? "Measure again" : "Measure the time here"}
        </Button>
        <p className="quiet">
          {widths > 1
            ? `A second of real training for each of the ${widths} widths, timed and thrown away.`
            : "A second of real training, timed and thrown away."}
        </p>
      </div>
    </>
  );
}

/** Why a run does not fit, where it is said before it is started. */
export function MisfitNote({ plan }: { plan: TrainingPlan }) {
  if (!plan.misfit) return null;
  const { what, needed, available } = plan.misfit;
  const WORDS = {
    heap: "WebAssembly’s memory in a tab, which ends at",
    tensor: "one of its tensors, and this GPU works in one piece on at most",
    memory: "all of it with the model, and this computer has",
  };
  return (
    <p className="run-warning" role="alert">
      <Icon name="warning" />
      <span>
        This run does not fit here: it needs about {formatBytes(needed)} for {WORDS[what]}{" "}
        {formatBytes(available)}. Choose a smaller width or batch, or go on in SAELens.
      </span>
    </p>
  );
}
