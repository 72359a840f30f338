/**
 * The worked example: the indirect object from start to end, on the model of the bench. Each step asks the same question as the
 * part that it opens, so that what was computed here is there, and the other way round.
 */
import { useEffect, useEffectEvent, useState } from "react";
import type { Gpt2Config } from "../../core/types.ts";
import { useLab } from "../../state/context.ts";
import type { OpenTask } from "../../state/task-slice.ts";
import { Button } from "../../ui/button.tsx";
import { Empty } from "../../ui/empty.tsx";
import { Step } from "./ioi/step.tsx";
import { useSteps } from "./use-ioi-steps.tsx";
import { STEPS } from "./ioi/words.ts";

export default function IoiPart({ open }: { open: OpenTask }) {
  const model = useLab((s) => s.model);
  const chooseTask = useLab((s) => s.chooseTask);
  if (model.status !== "ready") return null;
  if (!open.choice.startsWith("ioi")) {
    return (
      <Empty title="The worked example is about the indirect object">
        <Button onClick={() => chooseTask("ioi-flip")}>Open that task</Button>
      </Empty>
    );
  }
  return <Notebook open={open} config={model.value.config} />;
}

function Notebook({ open, config }: { open: OpenTask; config: Gpt2Config }) {
  const setOptions = useLab((s) => s.setOptions);
  const readCircuits = useLab((s) => s.readCircuits);
  const readEap = useLab((s) => s.readEap);
  const readTests = useLab((s) => s.readVerify);
  useEffect(() => {
    void readCircuits();
    void readEap();
    void readTests();
  }, [readCircuits, readEap, readTests]);
  // The task that all steps are run for; of another one nothing starts by itself.
  const [auto, setAuto] = useState<OpenTask["task"] | null>(null);
  const steps = useSteps(open, config);
  // What waits for something that this task does not have keeps no later step from being run.
  const next = steps.find((step) => step.status !== "done" && step.status !== "waiting");
  const { id, status } = next ?? { id: null, status: null };
  const isAuto = auto === open.task && (status === "ready" || status === "running");
  const start = useEffectEvent(() => next?.run());
  useEffect(() => {
    if (isAuto && status === "ready") start();
  }, [isAuto, id, status]);
  const done = steps.filter((step) => step.status === "done").length;
  return (
    <>
      <div className="row">
        <Button
          kind="primary"
          icon="play"
          disabled={isAuto || id === null}
          onClick={() => {
            setAuto(open.task);
            if (status === "stopped" || status === "failed") next?.run();
          }}
        >
          Run all {steps.length} steps
        </Button>
        {isAuto && (
          <Button
            onClick={() => {
              setAuto(null);
              next?.stop();
            }}
          >
            Stop
          </Button>
        )}
        <span className="quiet" aria-live="polite">
          {done} of {steps.length} done
        </span>
      </div>
      <ol className="guide">
        {steps.map((step, i) => (
          <Step
            key={step.id}
            number={i + 1}
            {...STEPS[step.id]}
            {...step}
            onRun={step.run}
            onStop={step.stop}
            onOpen={() => {
              step.open?.();
              setOptions(step.options);
            }}
          >
            {step.result}
          </Step>
        ))}
      </ol>
    </>
  );
}
