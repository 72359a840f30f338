/** How a long study stands: its progress with a way to stop it, or, once stopped, a way to go on. */
import type { StudyName } from "../../../api/lab.ts";
import { Button } from "../../../ui/button.tsx";
import { Progress } from "../../../ui/progress.tsx";
import type { Stoppable } from "./use-stoppable.ts";

type LongStudy = Extract<StudyName, "headCircuits" | "vocabularySpectra" | "composition">;

export function StudyState<S extends LongStudy>({ study }: { study: Stoppable<S> }) {
  const { running, progress } = study.asked;
  if (study.stopped) {
    return (
      <div className="row">
        <span className="quiet">Stopped.</span>
        <Button onClick={study.resume}>Compute</Button>
      </div>
    );
  }
  if (!running || !progress) return null;
  return (
    <Progress
      label={progress.stage}
      share={progress.share}
      facts={[`${(progress.share * 100).toFixed(0)} %`]}
      onCancel={study.stop}
      cancelLabel="Stop"
    />
  );
}
