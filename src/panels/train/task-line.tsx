/** The training run as one line, shown in every lab but its own. Says when it has ended, until that is read. */
import { useLab } from "../../state/context.ts";
import { Button, IconButton } from "../../ui/button.tsx";
import { Progress } from "../../ui/progress.tsx";
import { trainFacts } from "./train-facts.ts";
import "./task-line.css";

export function TaskLine() {
  const training = useLab((s) => s.training);
  const speed = useLab((s) => s.trainPoints.at(-1)?.tokensPerSecond ?? null);
  const lab = useLab((s) => s.labTab);
  const setLab = useLab((s) => s.setLab);
  const selectSae = useLab((s) => s.selectSae);
  const dismiss = useLab((s) => s.dismissTraining);
  if (lab === "train" || training.status === "idle") return null;

  if (training.status === "running") {
    const { label, share, facts } = trainFacts(training.progress, speed);
    return (
      <aside className="task-line" aria-label="Training">
        <Progress label={label} share={share} facts={facts} />
        <Button kind="quiet" onClick={() => setLab("train")}>
          Watch
        </Button>
      </aside>
    );
  }
  const done = training.status === "ready";
  return (
    <aside className="task-line" aria-label="Training">
      <span role="status">
        {done
          ? `“${training.value.name}” is trained.`
          : `Training stopped: ${training.error.message}`}
      </span>
      {done ? (
        <Button
          onClick={() => {
            void selectSae(training.value.id);
            dismiss();
            setLab("features");
          }}
        >
          See its features
        </Button>
      ) : (
        <Button onClick={() => setLab("train")}>Open</Button>
      )}
      <IconButton icon="close" label="Dismiss this message" onClick={dismiss} />
    </aside>
  );
}
