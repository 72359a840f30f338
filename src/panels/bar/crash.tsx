import { useLab } from "../../state/context.ts";
import { Button } from "../../ui/button.tsx";
import { ErrorCard } from "../../ui/error-card.tsx";

/** Shown when the worker has died: starts another and loads the model again. */
export function Crash({ onRestart }: { onRestart: () => void }) {
  const crashed = useLab((s) => s.crashed);
  if (!crashed) return null;
  return (
    <ErrorCard
      title="The lab stopped"
      error={crashed}
      actions={
        <Button kind="primary" onClick={onRestart}>
          Start it again
        </Button>
      }
    />
  );
}
