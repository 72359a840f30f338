/** Train: a sparse autoencoder on the model on the bench, in this browser, watched live. */
import { useEffect } from "react";
import type { SaeSummary } from "../../core/sae.ts";
import { useLab } from "../../state/context.ts";
import { Button } from "../../ui/button.tsx";
import { ErrorCard } from "../../ui/error-card.tsx";
import { Figure } from "../../ui/figure.tsx";
import { metricsWords } from "../../ui/sae-words.ts";
import { Ahead } from "./ahead.tsx";
import { Curves } from "./curves.tsx";
import { Planner } from "./planner.tsx";
import { SweepMembers } from "./sweep-members.tsx";
import { RunControls } from "./run-controls.tsx";
import { Strip } from "./strip.tsx";
import { TrainFormPanel } from "./train-form.tsx";
import { useCurves } from "./use-curves.ts";
import { useShownRun } from "./use-shown-run.ts";
import { useTrainPython } from "./use-train-python.ts";
import { Unfinished } from "./unfinished.tsx";
import "./train.css";

export default function Train() {
  const running = useLab((s) => s.training.status === "running");
  const readRuns = useLab((s) => s.readRuns);
  useEffect(() => void readRuns(), [readRuns]);
  return (
    <div className="train-lab">
      <div className="train">
        <TrainFormPanel />
        <div className="train-run">
          {!running && <Unfinished />}
          <Run />
          <Strip />
          {running && <Unfinished />}
          {!running && <Planner />}
        </div>
      </div>
    </div>
  );
}

function Run() {
  const training = useLab((s) => s.training);
  const points = useLab((s) => s.trainPoints);
  const python = useTrainPython("run");
  const curves = useCurves();
  const hasPoints = points.length > 0;
  return (
    <Figure
      title="The run"
      name="training"
      table={() => ({
        columns: ["step", "tokens", ...curves.map(({ key }) => key)],
        rows: points.map((point) => [
          point.step,
          point.tokens,
          ...curves.map(({ at }) => at(point)),
        ]),
      })}
      python={python}
      controls={<RunChoice />}
      what={{
        words:
          "Each curve is a mean over the training tokens since its last point, from the live run. Losses are in the scaled units of training, where an activation has norm √D on average, and are drawn on a logarithmic axis. Point at a chart, or focus it and use the arrow keys, to read all of them at one moment. The “?” of each one has its formula.",
        formula: curves
          .flatMap(({ title, formula }) => (formula ? [`${title}: ${formula}`] : []))
          .join("\n"),
      }}
    >
      {training.status === "running" && <RunControls progress={training.progress} />}
      {training.status === "failed" && <Failed />}
      {(training.status === "idle" || training.status === "ready") &&
        (hasPoints || training.status === "ready" ? <Ended /> : <Ahead />)}
      <SweepMembers />
      {(hasPoints || training.status === "running") && <Curves />}
    </Figure>
  );
}

function Failed() {
  const training = useLab((s) => s.training);
  const start = useLab((s) => s.startTraining);
  const dismiss = useLab((s) => s.dismissTraining);
  if (training.status !== "failed") return null;
  return (
    <ErrorCard
      title="Training stopped"
      error={training.error}
      actions={<Button onClick={() => void start()}>Start again</Button>}
      onDismiss={dismiss}
    />
  );
}

/** Whose charts are shown, where several are kept. */
function RunChoice() {
  const runs = useLab((s) => s.keptRuns);
  const shown = useLab((s) => s.shownRun);
  const show = useLab((s) => s.showRun);
  const idle = useLab((s) => s.training.status !== "running");
  const saes = useLab((s) => s.saes);
  // They may have been renamed.
  const nameNow = ({ id, name, members }: (typeof runs)[number]) => {
    const now = saes.status === "ready" ? saes.value.find((sae) => sae.id === id)?.name : null;
    return `${now ?? name}${members.length > 1 ? ` and ${members.length - 1} more` : ""}`;
  };
  const known = runs.some(({ id }) => id === shown);
  if (!idle || runs.length < (known ? 2 : 1)) return null;
  return (
    <label className="row">
      <span className="quiet">of</span>
      <select
        className="input run-choice"
        aria-label="Run whose curves are shown"
        value={known ? shown! : ""}
        onChange={(e) => show(e.target.value)}
      >
        {!known && <option value="">the last run</option>}
        {runs.map((run) => (
          <option key={run.id} value={run.id}>
            {nameNow(run)}
          </option>
        ))}
      </select>
    </label>
  );
}

/** What became of the run that is shown. */
function Ended() {
  const sae = useShownRun();
  const kept = useLab((s) => s.keptRuns.find(({ id }) => id === s.shownRun));
  if (sae?.status === "finished") return <Finished sae={sae} />;
  const name = sae?.name ?? kept?.name;
  const what = name === undefined ? "The run" : `“${name}”`;
  return (
    <p className="quiet">
      {sae
        ? `${what} was stopped before its end; it can be resumed from its last checkpoint.`
        : `${what} is not on the shelf; these are its curves.`}
    </p>
  );
}

function Finished({ sae }: { sae: SaeSummary }) {
  const selectSae = useLab((s) => s.selectSae);
  const setLab = useLab((s) => s.setLab);
  const members = useLab((s) => s.sweepPoints);
  const { id, name } = sae;
  const trained = members.length;
  const go = (lab: "features" | "steer") => {
    void selectSae(id);
    setLab(lab);
  };
  return (
    <div className="train-finished card" role="status">
      {trained > 1 ? (
        <p>
          <strong>{trained} autoencoders are trained</strong> and stored in this browser. The name
          of each, below, leads to its features; there their report cards stand side by side, once
          they are measured.
        </p>
      ) : (
        <p>
          <strong>“{name}” is trained</strong> and stored in this browser. On tokens it has not seen
          it {metricsWords(sae) ?? "has not been measured"}.
        </p>
      )}
      <div className="row">
        <Button kind="primary" onClick={() => go("features")}>
          {trained > 1 ? "Explore the first" : "Explore its features"}
        </Button>
        {trained < 2 && <Button onClick={() => go("steer")}>Steer with it</Button>}
      </div>
    </div>
  );
}
