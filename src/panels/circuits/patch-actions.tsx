/** Patch, preview, make exact, stop: and how far it is. */
import { useState } from "react";
import { strongestCells } from "../../charts/patch-grid.ts";
import { ATTRIBUTIONS } from "../../core/patching.ts";
import { hasGradient } from "../../core/task.ts";
import { useLab } from "../../state/context.ts";
import { Button } from "../../ui/button.tsx";
import { formatDuration } from "../../ui/format.ts";
import { NumberInput } from "../../ui/number-input.tsx";
import { Progress } from "../../ui/progress.tsx";
import { Segmented } from "../../ui/segmented.tsx";
import type { PatchFigureProps } from "./patch-view.ts";

const TOP = 10; // cells that are made exact at once, at first

const useRunning = (of: "patchRuns" | "previewRuns") =>
  useLab((s) => Object.values(s[of]).find(({ status }) => status === "running")) ?? null;

export function PatchActions(props: PatchFigureProps) {
  const { setup, options, run, preview, guess, exact, rest, method, setMethod } = props;
  const stop = useLab((s) => s.stopPatching);
  const [top, setTop] = useState(TOP);
  // Whatever is shown, what runs can be seen and stopped.
  const [sweep, estimate] = [useRunning("patchRuns"), useRunning("previewRuns")];
  const busy = sweep ?? estimate;
  if (busy) {
    const rate = busy.done / Math.max(0.1, busy.seconds);
    return (
      <Progress
        label={`${sweep ? "Patching" : "Taking gradients"}${busy === run || busy === preview ? "" : ", for other settings"}`}
        share={busy.total === 0 ? null : busy.done / busy.total}
        facts={
          busy.total === 0
            ? []
            : [
                `${busy.done.toLocaleString("en-US")} of ${busy.total.toLocaleString("en-US")} ${sweep ? "runs" : "pairs"}`,
                ...(sweep ? [`${rate.toFixed(0)} runs/s`] : []),
                ...(busy.secondsLeft === null ? [] : [`${formatDuration(busy.secondsLeft)} left`]),
              ]
        }
        onCancel={stop}
        cancelLabel="Stop"
      />
    );
  }
  const graded = hasGradient(options.metric);
  const missing = guess && strongestCells(guess, rest, top).filter((i) => !exact?.stats[i]);
  return (
    <div className="row">
      <Button kind="primary" icon="play" onClick={props.onRun}>
        Patch all {setup.grid.count.toLocaleString("en-US")} cells
      </Button>
      <Button
        disabled={!graded}
        title={graded ? "An estimate of all cells at once" : "A rank has no slope"}
        onClick={props.onPreview}
      >
        Preview
      </Button>
      <Segmented
        label="Preview by"
        value={method}
        choices={ATTRIBUTIONS.map((value) => ({
          value,
          label: value,
          title:
            value === "gradient"
              ? "Attribution patching: one backward pass a pair"
              : "Integrated gradients between both prompts: eight backward passes a pair",
        }))}
        onChange={setMethod}
      />
      {missing && (
        <span className="row tight-row">
          <Button disabled={missing.length === 0} onClick={() => props.exactOf(missing)}>
            Exact for the strongest
          </Button>
          <NumberInput
            label="How many of the strongest cells"
            value={top}
            onChange={setTop}
            min={1}
            max={setup.grid.count}
            whole
            className="narrow"
          />
        </span>
      )}
      {run && run.status !== "running" && (
        <span className="quiet">
          {run.status === "stopped"
            ? "Stopped; what was found stays."
            : run.status === "done" && run.total > 0
              ? `${run.total.toLocaleString("en-US")} ${run.total === 1 ? "run" : "runs"} in ${run.seconds.toFixed(1)} s`
              : ""}
        </span>
      )}
    </div>
  );
}
