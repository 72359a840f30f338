/** Fine-tuning of the chosen components: the examples, the recipe, the curve, and the result as an edit of the list. */
import { useState } from "react";
import { Curves } from "../../../charts/curves.tsx";
import { allComponents, componentNames, type TuneComponent } from "../../../core/model-edit.ts";
import { partSize, partsOf } from "../../../core/weight-parts.ts";
import {
  decodeComponents,
  encodeComponents,
  MOST_TUNE_STEPS,
  readTuneText,
  TUNE_DEFAULTS,
  type TuneCurve,
  type TuneRecipe,
} from "../../../core/tune.ts";
import { useLab } from "../../../state/context.ts";
import { openEditedModel } from "../../../state/edited-slice.ts";
import { listKey, type TuneRun } from "../../../state/tune-slice.ts";
import { numberIn, useRead, useText, wholeIn } from "../../../state/options-slice.ts";
import { useRunFacts } from "../../../state/run-facts.ts";
import { tunePython } from "../../../python/tune.ts";
import { Button } from "../../../ui/button.tsx";
import { ErrorCard } from "../../../ui/error-card.tsx";
import { Checkbox, LinesField } from "../../../ui/field.tsx";
import { Figure } from "../../../ui/figure.tsx";
import { formatCount, formatDuration } from "../../../ui/format.ts";
import { SmallNumber } from "../../../ui/small-number.tsx";
import { Progress } from "../../../ui/progress.tsx";
import { ComponentGrid } from "./component-grid.tsx";
import { useTaskPairs } from "./use-task-pairs.ts";

const WHAT = {
  words:
    "Trains only the chosen components on examples; every other number of the model stays as it is, bit by bit. The loss is the mean of −ln p over the wanted tokens. Its gradient goes back through the whole model to the chosen weights. Kept is the step with the lowest loss on what was held out, or, if nothing was, on the examples themselves.",
  formula:
    "dL/dW_O = zᵀ · dL/d attn_out,  dL/dW_in = LN(x)ᵀ · dL/d pre,  …;  g cut to the longest length;  δ ← δ − rate · (m̂ / (√v̂ + 1e-8) + decay · δ),  W = W_before + δ",
  source:
    "AdamW: Loshchilov and Hutter 2019, β = 0.9, 0.999. A second copy of the model is in memory while it runs.",
};

export function TuneFigure() {
  const model = useLab((s) => s.model);
  const run = useLab((s) => s.tuneRun);
  const curve = useLab((s) => s.tuneCurves[listKey(s)]) ?? null;
  const shown = run ?? curve;
  const start = useLab((s) => s.startTune);
  const open = useLab(openEditedModel);
  const prependBos = useLab((s) => s.prependBos);
  const text = useLab((s) => s.tuneText);
  const setText = useLab((s) => s.setTuneText);
  const [chosenText, setChosenText] = useText("edit.chosen", "");
  const [withPairs, setWithPairs] = useText("edit.pairs", "");
  const pairs = useTaskPairs();
  const facts = useRunFacts();
  const [rate, setRate] = useRead("edit.rate", numberIn(1e-7, 1), TUNE_DEFAULTS.learningRate);
  const [steps, setSteps] = useRead("edit.steps", wholeIn(1, MOST_TUNE_STEPS), TUNE_DEFAULTS.steps);
  const [batch, setBatch] = useRead("edit.batch", wholeIn(1, 4096), TUNE_DEFAULTS.batch);
  const [decay, setDecay] = useRead("edit.decay", numberIn(0, 100), TUNE_DEFAULTS.decay);
  const [clip, setClip] = useRead("edit.clip", numberIn(0, 1e6), TUNE_DEFAULTS.clip);
  const [heldOut, setHeldOut] = useRead("edit.heldOut", numberIn(0, 0.5), TUNE_DEFAULTS.heldOut);
  const [seed, setSeed] = useRead("edit.seed", wholeIn(0, 2 ** 31), TUNE_DEFAULTS.seed);
  if (model.status !== "ready") return null;
  const { config } = model.value;
  const all = allComponents(config);
  const chosen = decodeComponents(chosenText, all);
  const numbers = chosen
    .flatMap((component) => partsOf(component, config))
    .reduce((sum, part) => sum + partSize(part), 0);
  const { examples, problem } = readTuneText(text);
  const usePairs = withPairs !== "" && pairs.length > 0;
  const count = examples.length + (usePairs ? pairs.length : 0);
  const setChosen = (components: readonly TuneComponent[]) =>
    setChosenText(encodeComponents(components));
  const running = run !== null && run.status !== "failed";
  const recipe: TuneRecipe = {
    ...{ components: chosen, examples, pairs: usePairs ? pairs : [], prependBos },
    ...{ learningRate: rate, steps, batch, decay, clip, heldOut, seed },
  };
  const number = (
    label: string,
    value: number,
    onChange: (value: number) => void,
    min: number,
    max: number,
    whole = false,
  ) => <SmallNumber {...{ label, value, onChange, min, max, whole }} />;
  return (
    <Figure
      title="Fine-tune chosen components"
      name="fine-tuning"
      what={WHAT}
      python={
        chosen.length === 0 || count === 0
          ? { none: "Choose what is trained, and on which examples." }
          : () => tunePython(facts(), open?.base ?? null, open?.edits ?? [], recipe)
      }
      table={() => ({
        columns: [
          ...["step", "loss of the batch (nats)", "training loss (nats)"],
          ...["held-out loss (nats)", "gradient's length"],
        ],
        rows: (shown?.points ?? []).map((point) => [
          ...[point.step, point.batch, point.train, point.heldOut, point.norm],
        ]),
      })}
    >
      <div className="tune-form">
        <div className="stack">
          <ComponentGrid config={config} chosen={chosen} onChange={setChosen} />
          <div className="row">
            <Checkbox
              label="final LN"
              checked={chosen.some(({ kind }) => kind === "finalNorm")}
              onChange={(on) =>
                setChosen(
                  on
                    ? [...chosen, { kind: "finalNorm" }]
                    : chosen.filter(({ kind }) => kind !== "finalNorm"),
                )
              }
            />
            <Button kind="quiet" disabled={chosen.length === 0} onClick={() => setChosen([])}>
              Choose none
            </Button>
          </div>
          <p className="quiet">
            {chosen.length === 0
              ? "Choose what is trained: heads (W_Q, W_K, W_V, W_O), b_O, MLPs, LayerNorms. Embeddings are not: W_E is W_U too, so a step on a few examples moves every token’s logit at every position, and no part of a circuit with it."
              : `${componentNames(chosen)}: ${formatCount(numbers)} numbers`}
          </p>
        </div>
        <div className="stack">
          <LinesField
            label="Examples, one a line: prompt => wanted"
            hint="What stands after => is wanted as it is, with its space: The capital of France is => Paris"
            error={problem}

            rows={6}
            value={text}
            onChange={setText}
          />
          <Checkbox
            label={`and the ${pairs.length} pairs of the task: after the clean prompt its first answer`}
            checked={usePairs}
            disabled={pairs.length === 0}
            onChange={(on) => setWithPairs(on ? "yes" : "")}
          />
        </div>
      </div>
      <div className="edit-fields">
        {number("Learning rate", rate, setRate, 1e-7, 1)}
        {number("Steps", steps, setSteps, 1, MOST_TUNE_STEPS, true)}
        {number("Examples a step", batch, setBatch, 1, 4096, true)}
        {number("Decay to the base", decay, setDecay, 0, 100)}
        {number("Longest gradient (0: any)", clip, setClip, 0, 1e6)}
        {number("Share held out", heldOut, setHeldOut, 0, 0.5)}
        {number("Seed", seed, setSeed, 0, 2 ** 31, true)}
        {!running && (
          <Button
            kind="primary"
            disabled={chosen.length === 0 || count === 0 || problem !== null}
            onClick={() => void start(recipe)}
          >
            Fine-tune
          </Button>
        )}
      </div>
      <p className="quiet">
        {count} {count === 1 ? "example" : "examples"}
        {open && open.edits.length > 0 && "; on top of the edits of the list"}
      </p>
      {run ? <RunOf run={run} /> : curve && <CurveOf curve={curve} />}
    </Figure>
  );
}

function RunOf({ run }: { run: TuneRun }) {
  const stop = useLab((s) => s.stopTune);
  const cancel = useLab((s) => s.cancelTune);
  const { points, recipe, status, error } = run;
  const step = points.at(-1)?.step ?? 0;
  const left = run.stepsPerSecond > 0 ? (recipe.steps - step) / run.stepsPerSecond : null;
  return (
    <>
      {status !== "failed" && (
        <div className="row">
          <Progress
            label={status === "opening" ? "Opening a second copy of the model" : "Fine-tuning"}
            share={status === "opening" ? null : step / recipe.steps}
            facts={
              status === "opening"
                ? []
                : [
                    `step ${step} of ${recipe.steps}`,
                    `${run.stepsPerSecond.toPrecision(2)}/s`,
                    ...(left === null ? [] : [`${formatDuration(left)} left`]),
                  ]
            }
            onCancel={cancel}
          />
          {status === "running" && <Button onClick={stop}>Stop and keep the best</Button>}
        </div>
      )}
      {error && <ErrorCard title="The fine-tuning did not end" error={error} />}
      <Loss run={run} mark={null} />
    </>
  );
}

function CurveOf({ curve }: { curve: TuneCurve }) {
  const { outcome, heldOut } = curve;
  return (
    <>
      <p role="status">
        {outcome.edit
          ? `${outcome.stopped ? "Stopped" : "Done"}: step ${outcome.edit.step} was kept and put into the list. ${said("Examples", outcome.edit.loss)}${outcome.edit.heldOut ? `; ${said("held out", outcome.edit.heldOut)}` : ""}.`
          : `No step of ${outcome.steps} was better than none${heldOut > 0 ? " on what was held out" : ""}: nothing is added. Take a smaller learning rate, or more examples.`}
      </p>
      <Loss run={curve} mark={outcome.edit?.step ?? null} />
    </>
  );
}

type LossProps = { run: Pick<TuneCurve, "points" | "heldOut">; mark: number | null };
function Loss({ run: { points, heldOut }, mark }: LossProps) {
  const [cursor, setCursor] = useState<number | null>(null);
  const curves = [
    { name: "batch", y: points.map(({ batch }) => batch) },
    { name: "examples", y: points.map(({ train }) => train) },
    ...(heldOut > 0 ? [{ name: "held out", y: points.map((point) => point.heldOut) }] : []),
  ];
  return (
    points.length > 0 && (
      <Curves
        title="Loss"
        about="mean −ln p of the wanted tokens, in nats"
        x={points.map((point) => point.step)}
        curves={curves}
        xWords={(x) => `step ${x}`}
        xLabel="step"
        format={(value) => value.toFixed(3)}
        mark={mark}
        cursor={cursor}
        onCursor={setCursor}
        empty="Nothing has been measured yet"
      />
    )
  );
}

const said = (what: string, [before, after]: readonly [number, number]) =>
  `${what} ${before.toFixed(3)} → ${after.toFixed(3)} nats`;
