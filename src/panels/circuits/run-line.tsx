/** A sweep's button, or how far it is: done of all, rate, what is left, and a way to stop. */
import type { ReactNode } from "react";
import { useLab } from "../../state/context.ts";
import type { PatchRun } from "../../state/patch-slice.ts";
import { formatDuration } from "../../ui/format.ts";
import { Progress } from "../../ui/progress.tsx";

interface RunLineProps {
  run: PatchRun | null;
  label: string;
  /** What starts it, and whatever stands beside. */
  children: ReactNode;
}
export function RunLine({ run, label, children }: RunLineProps) {
  const stop = useLab((s) => s.stopPatching);
  if (run?.status === "running") {
    const { done, total, seconds, secondsLeft } = run;
    const count = (n: number) => n.toLocaleString("en-US");
    return (
      <Progress
        label={label}
        share={total === 0 ? null : done / total}
        facts={
          total === 0
            ? []
            : [
                `${count(done)} of ${count(total)} experiments`,
                `${(done / Math.max(0.1, seconds)).toFixed(0)}/s`,
                ...(secondsLeft === null ? [] : [`${formatDuration(secondsLeft)} left`]),
              ]
        }
        onCancel={stop}
        cancelLabel="Stop"
      />
    );
  }
  return (
    <div className="row">
      {children}
      {run && (
        <span className="quiet">
          {run.status === "stopped"
            ? "Stopped; what was found stays."
            : run.status === "done" && run.total > 0
              ? `${run.total.toLocaleString("en-US")} ${run.total === 1 ? "experiment" : "experiments"} in ${run.seconds.toFixed(1)} s`
              : ""}
        </span>
      )}
    </div>
  );
}
