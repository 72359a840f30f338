/** Pairs pasted as a table. */
import { useState } from "react";
import { type LabError, toLabError } from "../../core/lab-error.ts";
import { readTable, writeTable } from "../../core/task-table.ts";
import type { Task } from "../../core/task.ts";
import { useLab } from "../../state/context.ts";
import { useDraft } from "../../state/drafts-slice.ts";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { Checkbox, LinesField } from "../../ui/field.tsx";
import { asSentence } from "../../ui/advice.ts";

export function PasteDialog({ task, onClose }: { task: Task; onClose: () => void }) {
  const editTask = useLab((s) => s.editTask);
  const [text, setText, forget] = useDraft("pairs", writeTable(task.pairs.slice(0, 3)));
  const [added, setAdded] = useState(false);
  const [error, setError] = useState<LabError | null>(null);
  const take = () => {
    try {
      const pairs = readTable(text);
      editTask(
        added
          ? { ...task, pairs: [...task.pairs, ...pairs] }
          : { name: "Pasted", prependBos: true, pairs },
      );
      forget?.();
      onClose();
    } catch (e) {
      setError(toLabError(e));
    }
  };
  return (
    <Dialog title="Paste pairs" onClose={onClose}>
      <div className="stack">
        <p>
          One pair a line, columns by tabs or commas: clean prompt, corrupted prompt, answer, wrong
          answer. “|” stands between several answers. A word gets the space that it has inside a
          text; "33" in double quotes is taken as it is.
        </p>
        <LinesField
          label="Table"
          error={error && asSentence(error.message)}
          rows={9}
          value={text}
          onChange={setText}
        />
        <Checkbox label="Add them to the pairs there are" checked={added} onChange={setAdded} />
        <div className="row">
          <Button kind="primary" onClick={take}>
            Read the table
          </Button>
          {forget && (
            <Button kind="quiet" onClick={forget}>
              Begin again with the task’s pairs
            </Button>
          )}
        </div>
      </div>
    </Dialog>
  );
}
