/** Labelled texts pasted, dropped, or from a file. */
import { useState, type DragEvent } from "react";
import { type LabError, toLabError } from "../../../core/lab-error.ts";
import { MOST_TABLE, readLabelled } from "../../../core/probe-table.ts";
import { useLab } from "../../../state/context.ts";
import { useDraft } from "../../../state/drafts-slice.ts";
import { asSentence } from "../../../ui/advice.ts";
import { Button } from "../../../ui/button.tsx";
import { Dialog } from "../../../ui/dialog.tsx";
import { LinesField } from "../../../ui/field.tsx";
import { FileButton } from "../../../ui/file-button.tsx";

/** More than this is not put into the field, where it could not be typed in. */
const TYPED_MOST = 200_000;
const EXAMPLE = 'text,label\n"A lovely day, and warm.",good\nNothing went right.,bad\n';

export function TableDialog({ onClose }: { onClose: () => void }) {
  const table = useLab((s) => s.probeTable);
  const setTable = useLab((s) => s.setProbeTable);
  const here = table && table.text.length <= TYPED_MOST ? table.text : EXAMPLE;
  const [text, setText, forget] = useDraft("labelled", here);
  const [error, setError] = useState<LabError | null>(null);
  const take = (name: string, given: string) => {
    try {
      // A long table is read by the worker alone, which says what is wrong where the data are shown.
      if (given.length <= TYPED_MOST) readLabelled(given);
      setTable({ name, text: given });
      forget?.();
      onClose();
    } catch (e) {
      setError(toLabError(e));
      if (given.length <= TYPED_MOST) setText(given);
    }
  };
  const open = async (file: File) => take(file.name, await file.slice(0, 4 * MOST_TABLE).text());
  const onDrop = (e: DragEvent) => {
    const [file] = e.dataTransfer.files;
    if (!file) return;
    e.preventDefault();
    e.stopPropagation();
    void open(file);
  };
  return (
    <Dialog title="Labelled texts" onClose={onClose}>
      <div
        className="stack"
        onDragOver={(e) => {
          e.preventDefault();
          e.stopPropagation();
        }}
        onDrop={onDrop}
      >
        <p>
          One text a line and its label, by commas or tabs (a text with commas in double quotes); or
          JSON, one {'{"text": …, "label": …}'} a line. To label tokens, mark them in the text as{" "}
          <code>the [[cat|noun]] sat</code>, or give {'"marks": [{"start", "end", "label"}]'}; the
          label of such a text, if it has one, is that of its other tokens. More than ten different
          numbers are read as numbers, all else as classes.
        </p>
        <LinesField
          label="Table"
          error={error && asSentence(error.message)}
          rows={10}
          value={text}
          onChange={setText}
        />
        <div className="row">
          <Button kind="primary" onClick={() => take("pasted table", text)}>
            Read the table
          </Button>
          <FileButton
            files="File of labelled texts"
            accept=".csv,.tsv,.txt,.jsonl,.json"
            onFiles={([file]) => void open(file!)}
          >
            From a file
          </FileButton>
          {forget && (
            <Button kind="quiet" onClick={forget}>
              Begin again
            </Button>
          )}
          <span className="quiet">or drop it here: CSV, TSV, JSONL</span>
        </div>
      </div>
    </Dialog>
  );
}
