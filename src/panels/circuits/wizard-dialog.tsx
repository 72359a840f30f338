/** "The model gets this wrong": cases it gets right and cases it gets wrong, out of which pairs are built. */
import { useState } from "react";
import { type LabError, toLabError } from "../../core/lab-error.ts";
import { readCases } from "../../core/task-cases.ts";
import { useLab } from "../../state/context.ts";
import { useDraft } from "../../state/drafts-slice.ts";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { LinesField } from "../../ui/field.tsx";
import { asSentence } from "../../ui/advice.ts";

const RIGHT = "The capital of France is\tParis\nThe capital of Italy is\tRome";
const WRONG = "The capital of Brazil is\tBrasília";

export function WizardDialog({ onClose }: { onClose: () => void }) {
  const build = useLab((s) => s.buildFromCases);
  const [{ right, wrong }, setTyped] = useDraft("cases", { right: "", wrong: "" });
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<LabError | null>(null);
  const start = async () => {
    setBusy(true);
    setError(null);
    try {
      await build(readCases(right, "right"), readCases(wrong, "wrong"));
      onClose();
    } catch (e) {
      setError(toLabError(e));
    }
    setBusy(false);
  };
  const area = (
    label: string,
    value: string,
    set: (text: string) => void,
    placeholder: string,
    hint: string,
  ) => (
    <LinesField
      label={label}
      hint={hint}
      rows={5}
      value={value}
      placeholder={placeholder}
      onChange={set}
    />
  );
  return (
    <Dialog title="The model gets this wrong" onClose={onClose}>
      <div className="stack">
        <p>
          Paste prompts that it completes well, and prompts that it does not. Each wrong one is put
          beside the right one that is most like it, and activations of the right run are tried in
          the wrong one: where the answer comes back, there the two part.
        </p>
        {area(
          "It gets these right",
          right,
          (text) => setTyped({ right: text, wrong }),
          RIGHT,
          "Prompt, tab, what comes next. One a line.",
        )}
        {area(
          ...([
            "It gets these wrong",
            wrong,
            (text: string) => setTyped({ right, wrong: text }),
            WRONG,
          ] as const),
          "Prompt, tab, what should come next, and if you like another tab and what it says instead.",
        )}
        {error && (
          <p className="field-error" role="alert">
            {asSentence(error.message)}
          </p>
        )}
        <div className="row">
          <Button kind="primary" icon="play" disabled={busy} onClick={() => void start()}>
            Build the pairs and search
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
