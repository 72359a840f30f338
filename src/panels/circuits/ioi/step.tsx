/** A step of the notebook: what it asks, its button, what was found, the way to its own part. */
import type { ReactNode } from "react";
import { Button } from "../../../ui/button.tsx";
import { Progress } from "../../../ui/progress.tsx";

export type StepStatus = "waiting" | "ready" | "running" | "done" | "stopped" | "failed";
export interface StepProps {
  number: number;
  title: string;
  asks: string;
  status: StepStatus;
  /** What has to come before, where it waits. */
  waitsFor: string | null;
  progress: { done: number; total: number } | null;
  error: string | null;
  /** What was found, a paragraph a line. */
  sentence: string | null;
  onRun: () => void;
  onStop: () => void;
  onOpen: () => void;
  /** The part that it opens. */
  part: string;
  children: ReactNode;
}

export function Step(props: StepProps) {
  const { number, title, asks, status, waitsFor, progress, error, sentence, children } = props;
  const { onRun, onStop, onOpen, part } = props;
  return (
    <li className="figure guide-step" aria-label={`Step ${number}: ${title}`}>
      <div className="figure-head">
        <h2>
          {number}. {title}
        </h2>
      </div>
      <p className="guide-words">{asks}</p>
      {status === "running" ? (
        <Progress
          label="Running"
          share={progress && progress.total > 0 ? progress.done / progress.total : null}
          facts={progress && progress.total > 0 ? [`${progress.done} of ${progress.total}`] : []}
          onCancel={onStop}
          cancelLabel="Stop"
        />
      ) : (
        <div className="row">
          <Button icon="play" disabled={status === "waiting"} onClick={onRun}>
            {status === "done" ? "Run again" : "Run"}
          </Button>
          <Button kind="quiet" onClick={onOpen}>
            Open in {part}
          </Button>
          {status === "waiting" && waitsFor && <span className="quiet">{waitsFor}</span>}
        </div>
      )}
      {error && <p role="alert">{error}</p>}
      {sentence?.split("\n").map((line) => (
        <p key={line} className="guide-found">
          {line}
        </p>
      ))}
      {children}
    </li>
  );
}
