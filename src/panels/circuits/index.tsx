/** Circuits: a task of clean and corrupted prompts, and what happens when activations of one are put into the other. */
import { useEffect } from "react";
import { useLab } from "../../state/context.ts";
import { chosenTask } from "../../state/task-slice.ts";
import { Button } from "../../ui/button.tsx";
import { Empty } from "../../ui/empty.tsx";
import { ErrorCard } from "../../ui/error-card.tsx";
import { Progress } from "../../ui/progress.tsx";
import { BaselineFigure } from "./baseline-figure.tsx";
import { PatchPart } from "./patch-part.tsx";
import { TaskFigure } from "./task-figure.tsx";
import "./circuits.css";

export default function Circuits() {
  const model = useLab((s) => s.model);
  const open = useLab((s) => s.openTask);
  const error = useLab((s) => s.taskError);
  const refresh = useLab((s) => s.refreshTask);
  useTask();
  if (model.status === "failed") return null; // the notices above say why
  if (model.status !== "ready") return <Progress label="Waiting for the model" share={null} />;
  const here = open?.model === model.value.id ? open : null;
  const failed = error && (
    <ErrorCard
      title="The task cannot be read"
      error={error}
      actions={<Button onClick={() => void refresh()}>Try again</Button>}
    />
  );
  if (!here) return failed ?? <Progress label="Making the task" share={null} />;
  const runnable = here.read.some(({ problem }) => problem === null);
  return (
    <div className="stack circuits">
      {failed}
      <TaskFigure open={here} />
      {runnable ? (
        <>
          <BaselineFigure open={here} />
          <PatchPart open={here} />
        </>
      ) : (
        <Empty title="No pair can be run yet">
          Every pair above says what keeps it from being run. Mend one, or open a task of the
          library.
        </Empty>
      )}
    </div>
  );
}

/** Reads the task anew whenever it is another, or the model is. */
function useTask() {
  const refresh = useLab((s) => s.refreshTask);
  const model = useLab((s) => s.model);
  const choice = useLab(chosenTask);
  const own = useLab((s) => (chosenTask(s) === "own" ? s.ownTask : null));
  const count = useLab((s) => s.options["circuits.count"]);
  const seed = useLab((s) => s.options["circuits.seed"]);
  useEffect(() => {
    if (model.status === "ready") void refresh();
  }, [refresh, model, choice, own, count, seed]);
}
