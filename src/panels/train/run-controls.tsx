/** The run under way: how far it is, pause, resume, cancel. */
import { useEffect, useRef } from "react";
import type { TrainProgress } from "../../core/sae.ts";
import { useLab } from "../../state/context.ts";
import { Button } from "../../ui/button.tsx";
import { Icon } from "../../ui/icons.tsx";
import { Progress } from "../../ui/progress.tsx";
import { trainFacts } from "./train-facts.ts";

export function RunControls({ progress }: { progress: TrainProgress | null }) {
  const speed = useLab((s) => s.trainPoints.at(-1)?.tokensPerSecond ?? null);
  const pause = useLab((s) => s.pauseTraining);
  const cancel = useLab((s) => s.cancelTraining);
  const status = progress?.status ?? "preparing";
  const { label, share, facts } = trainFacts(progress, speed);
  const controls = useRef<HTMLDivElement>(null);
  // Whoever pressed Train at the foot of a long form sees what comes of it, and has the keyboard there.
  useEffect(() => {
    const { activeElement: focused } = document;
    const lost = focused === document.body || focused?.matches(":disabled");
    if (lost) controls.current?.focus({ preventScroll: true });
    void controls.current?.scrollIntoView({ block: "nearest" }); // some browsers return a promise
  }, []);
  return (
    <div className="run-controls" ref={controls} tabIndex={-1}>
      <Progress label={label} share={share} facts={facts} />
      {progress?.warning !== undefined && (
        <p className="run-warning" role="alert">
          <Icon name="warning" /> No checkpoint is kept: {progress.warning}
        </p>
      )}
      <div className="row">
        {(status === "running" || status === "paused") && (
          <Button
            icon={status === "paused" ? "play" : "pause"}
            onClick={() => void pause(status !== "paused")}
          >
            {status === "paused" ? "Go on" : "Pause"}
          </Button>
        )}
        <Button icon="stop" onClick={cancel}>
          Cancel
        </Button>
        <p className="quiet">
          It goes on while you use the other labs. A checkpoint is kept in this browser as it runs.
        </p>
      </div>
    </div>
  );
}
