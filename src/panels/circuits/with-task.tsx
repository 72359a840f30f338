/** What is about the task: read for the model on the bench, or why it cannot be. */
import { type ComponentType, useEffect } from "react";
import { useLab } from "../../state/context.ts";
import { chosenTask, type OpenTask, writtenFormula } from "../../state/task-slice.ts";
import { Button } from "../../ui/button.tsx";
import { Empty } from "../../ui/empty.tsx";
import { ErrorCard } from "../../ui/error-card.tsx";
import { Progress } from "../../ui/progress.tsx";

interface WithTaskProps {
  View: ComponentType<{ open: OpenTask }>;
  /** Goes to where the task is shown; null there. */
  onTask: (() => void) | null;
}

export function WithTask({ View, onTask }: WithTaskProps) {
  const model = useLab((s) => s.model);
  const open = useLab((s) => s.openTask);
  const error = useLab((s) => s.taskError);
  const refresh = useLab((s) => s.refreshTask);
  useTask();
  const [readPatches, readRoles] = [useLab((s) => s.readPatches), useLab((s) => s.readRoles)];
  useEffect(() => {
    void readPatches();
    void readRoles();
  }, [readPatches, readRoles]);
  const here = model.status === "ready" && open?.model === model.value.id ? open : null;
  const failed = error && (
    <ErrorCard
      title="The task cannot be read"
      error={error}
      actions={<Button onClick={() => void refresh()}>Try again</Button>}
    />
  );
  if (!here) return failed ?? <Progress label="Making the task" share={null} />;
  const runnable = here.read.filter(({ problem }) => problem === null).length;
  return (
    <>
      {failed}
      {onTask && <TaskLine open={here} runnable={runnable} onTask={onTask} />}
      {(runnable > 0 || !onTask) && <View open={here} />}
      {runnable === 0 && (
        <Empty title="No pair can be run yet">
          Every pair of the task says what keeps it from being run. Mend one, or open a task of the
          library.
        </Empty>
      )}
    </>
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
  const formula = useLab(writtenFormula);
  useEffect(() => {
    if (model.status === "ready") void refresh();
  }, [refresh, model, choice, own, count, seed, formula]);
}

interface TaskLineProps {
  open: OpenTask;
  runnable: number;
  onTask: () => void;
}
function TaskLine({ open: { task }, runnable, onTask }: TaskLineProps) {
  const progress = useLab((s) => s.taskProgress);
  const unmatched = useLab((s) => s.unmatchedCases);
  const { length } = task.pairs;
  return (
    <div className="row">
      <span>
        <strong>{task.name}</strong>{" "}
        <span className="quiet">
          {runnable === length
            ? `${length} ${length === 1 ? "pair" : "pairs"}`
            : `${runnable} of ${length} pairs can be run`}
          {progress ? `, ${progress.done} of ${progress.total} read …` : ""}
        </span>
      </span>
      <Button kind="quiet" onClick={onTask}>
        Change the task
      </Button>
      {unmatched.length > 0 && (
        <p role="status" className="quiet">
          Left out, since no right case has as many tokens: {unmatched.join(" · ")}.
        </p>
      )}
    </div>
  );
}
