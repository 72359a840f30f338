/** What every lab must say first: the worker died, a model is on its way, or could not be had, or there is none; nothing is kept. */
import { useLab } from "../../state/context.ts";
import { linkMisfits } from "../../state/link-slice.ts";
import { EMBEDDED_MODEL } from "../../state/model-slice.ts";
import { Button } from "../../ui/button.tsx";
import { Empty } from "../../ui/empty.tsx";
import { ErrorCard } from "../../ui/error-card.tsx";
import { LoadStatus } from "./load-status.tsx";
import { RestartNotice } from "./restart-notice.tsx";

export function Notices() {
  const down = useLab((s) => s.recovery?.status === "down");
  const empty = useLab(
    (s) =>
      s.model.status !== "ready" && s.model.status !== "running" && s.loading.status === "idle",
  );
  const loadModel = useLab((s) => s.loadModel);
  if (down) return <RestartNotice />;
  return (
    <>
      <RestartNotice />
      <LinkNotice />
      <NotKept />
      <LoadStatus />
      {empty && (
        <Empty
          title="No model on the bench"
          actions={
            <Button kind="primary" onClick={() => void loadModel(EMBEDDED_MODEL)}>
              Load {EMBEDDED_MODEL}
            </Button>
          }
        >
          Load the model that comes with the page, choose another above, or drop a checkpoint’s
          files anywhere.
        </Empty>
      )}
    </>
  );
}

/** The browser has no room for what was computed, or lets the page keep nothing. */
function NotKept() {
  const error = useLab((s) => s.answerError);
  const dismiss = useLab((s) => s.dismissAnswerError);
  return (
    error && (
      <ErrorCard
        title="What is computed here will be gone after a reload"
        error={error}
        onDismiss={dismiss}
      />
    )
  );
}

/** A link that was cut off or changed on its way, or made for another bench: what of it is not as it says, and what is instead. */
function LinkNotice() {
  const parts = useLab((s) => s.unreadLink);
  const misfits = useLab((s) => linkMisfits(s).join("\n"));
  const dismiss = useLab((s) => s.dismissLink);
  if (parts.length === 0 && misfits === "") return null;
  return (
    <div className="card row" role="status">
      <div className="stack tight">
        {parts.length > 0 && (
          <p className="quiet">
            Not understood in the link: <span className="mono">{parts.join(", ")}</span>. The
            default is shown instead.
          </p>
        )}
        {misfits !== "" &&
          misfits.split("\n").map((words) => (
            <p key={words} className="quiet">
              {words}
            </p>
          ))}
      </div>
      <Button kind="quiet" onClick={dismiss}>
        Dismiss
      </Button>
    </div>
  );
}
