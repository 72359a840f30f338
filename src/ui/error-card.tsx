/** An error where it matters: what happened, what to do, and the button that does it. */
import type { ReactNode } from "react";
import type { LabError } from "../core/lab-error.ts";
import { adviceFor, asSentence } from "./advice.ts";
import { IconButton } from "./button.tsx";
import { Icon } from "./icons.tsx";

export interface ErrorCardProps {
  /** What was being done: "Loading openai-community/gpt2". */
  title: string;
  error: LabError;
  /** What to do, where the advice for the code in general does not fit. */
  advice?: string | undefined;
  /** Buttons: try again, choose another … */
  actions?: ReactNode;
  onDismiss?: () => void;
}
export function ErrorCard({
  title,
  error,
  advice = adviceFor(error),
  actions,
  onDismiss,
}: ErrorCardProps) {
  return (
    <div className="card error-card" role="alert">
      <Icon name="warning" />
      <div>
        <h2>{title}</h2>
        <p>{asSentence(error.message)}</p>
        {advice !== "" && <p className="advice">{advice}</p>}
        {actions && <div className="actions">{actions}</div>}
      </div>
      {onDismiss && <IconButton icon="close" label="Dismiss this message" onClick={onDismiss} />}
    </div>
  );
}
