/** Long work: what, how much of how much, how fast, what is left, and a way to stop it. */
import { Button } from "./button.tsx";

export interface ProgressProps {
  label: string;
  /** 0–1; null while it cannot be told. */
  share: number | null;
  /** "4.2 of 7.0 MB", "3.1 MB/s", "2 s left": only what is known. */
  facts?: readonly string[];
  onCancel?: (() => void) | undefined;
  cancelLabel?: string;
}
export function Progress({
  label,
  share,
  facts = [],
  onCancel,
  cancelLabel = "Cancel",
}: ProgressProps) {
  const known = share === null ? null : Math.min(1, Math.max(0, share));
  return (
    <div className="progress">
      <div className="progress-facts">
        <span>{label}</span>
        {facts.map((fact) => (
          <span key={fact} className="mono">
            {fact}
          </span>
        ))}
      </div>
      {onCancel ? (
        <Button kind="quiet" onClick={onCancel}>
          {cancelLabel}
        </Button>
      ) : (
        <span />
      )}
      <div
        className={known === null ? "progress-bar unknown" : "progress-bar"}
        role="progressbar"
        aria-label={label}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={known === null ? undefined : Math.round(known * 100)}
        aria-valuetext={facts.length > 0 ? facts.join(", ") : undefined}
        style={{ gridColumn: "1 / -1" }}
      >
        <span style={known === null ? undefined : { transform: `scaleX(${known})` }} />
      </div>
    </div>
  );
}
