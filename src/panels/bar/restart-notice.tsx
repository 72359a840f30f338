/** What happened to the worker, and what the lab does about it: being started again, running again, or down. */
import type { LabError } from "../../core/lab-error.ts";
import { useLab } from "../../state/context.ts";
import type { Recovery } from "../../state/recovery-slice.ts";
import { Button, IconButton } from "../../ui/button.tsx";
import { ErrorCard } from "../../ui/error-card.tsx";
import { Icon } from "../../ui/icons.tsx";
import { Progress } from "../../ui/progress.tsx";
import { loadFacts } from "./load-facts.ts";
import "./restart-notice.css";

/** What stopped it, in words. */
function whatHappened({ code }: LabError): string {
  if (code === "device-lost") return "The GPU was lost";
  if (code === "out-of-memory") return "The lab ran out of memory";
  return "The lab’s worker stopped";
}

export function RestartNotice() {
  const recovery = useLab((s) => s.recovery);
  const restart = useLab((s) => s.restartLab);
  if (!recovery) return null;
  switch (recovery.status) {
    case "restarting":
      return <Restarting {...recovery} />;
    case "restarted":
      return <Restarted {...recovery} />;
    case "down":
      return (
        <ErrorCard
          title="The lab stopped"
          error={recovery.error}
          actions={
            <Button kind="primary" onClick={() => void restart()}>
              Start it again
            </Button>
          }
        />
      );
  }
}

function Restarting({ cause, progress }: Extract<Recovery, { status: "restarting" }>) {
  const { label, share, facts } = loadFacts(progress);
  return (
    <div className="card" role="status">
      <strong>{whatHappened(cause)}. It is started again.</strong>
      <Progress label={label} share={share} facts={facts} />
    </div>
  );
}

function Restarted({ cause, info, repeats, trains }: Extract<Recovery, { status: "restarted" }>) {
  const dismiss = useLab((s) => s.dismissRecovery);
  const onCpu = cause.code === "device-lost" && info?.device === "wasm";
  return (
    <div className="card notice-card" role="status">
      <Icon name="warning" />
      <div>
        <strong>
          {whatHappened(cause)}, and {onCpu ? "the lab goes on without it" : "the lab runs again"}.
        </strong>
        <p>
          {onCpu && `The model runs on the processor now: ${info.deviceReason}. `}
          What you typed and chose is as it was
          {repeats && ", and what was interrupted is run again"}.
          {trains && " The training goes on from its last checkpoint."}
        </p>
      </div>
      <IconButton icon="close" label="Dismiss this message" onClick={dismiss} />
    </div>
  );
}
