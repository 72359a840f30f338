/** A question before something is gone for good, in the place of the button that asked for it. Escape says no. */
import { Button } from "./button.tsx";

export interface ConfirmProps {
  /** What would be gone: "Delete my run?" */
  label: string;
  question: string;
  yes: string;
  no: string;
  onYes: () => void;
  onNo: () => void;
}
/** The focus comes to the answer that changes nothing; whoever asks gives it back. */
export function Confirm({ label, question, yes, no, onYes, onNo }: ConfirmProps) {
  return (
    <div
      className="confirm"
      role="group"
      aria-label={label}
      onKeyDown={(e) => {
        if (e.key !== "Escape") return;
        e.preventDefault();
        onNo();
      }}
    >
      <span>{question}</span>
      <Button kind="danger" onClick={onYes}>
        {yes}
      </Button>
      <Button autoFocus onClick={onNo}>
        {no}
      </Button>
    </div>
  );
}
