/** All that is said of an SAE's features: how much there is, labels for all of them in one go, files in and out, undo. */
import { useLab } from "../../state/context.ts";
import { useNotes } from "../../state/feature-notes.ts";
import { Button, IconButton } from "../../ui/button.tsx";
import { ErrorCard } from "../../ui/error-card.tsx";
import { Progress } from "../../ui/progress.tsx";
import { saveFiles } from "../../ui/save-files.ts";
import { FileButton } from "../../ui/file-button.tsx";
import { AskedElsewhere } from "./label-writer.tsx";
import "./label.css";

export function NotesBar({ saeId, total }: { saeId: string; total: number }) {
  const notes = useNotes(saeId);
  const history = useLab((s) => s.notesHistory);
  const undoNotes = useLab((s) => s.undoNotes);
  const redoNotes = useLab((s) => s.redoNotes);
  const exportNotes = useLab((s) => s.exportNotes);
  const importNotes = useLab((s) => s.importNotes);
  const labelAutomatically = useLab((s) => s.labelAutomatically);
  const busy = useLab((s) => s.labelling.status === "running");
  const labels = [...notes.features.values()].filter(({ label }) => label !== null).length;
  const nothing = notes.features.size === 0 && notes.lists.length === 0;
  return (
    <section className="notes-bar card" aria-label="Labels of this autoencoder">
      <div className="notes-bar-line">
        <p>
          <strong>Labels</strong>{" "}
          <span className="quiet">
            {labels.toLocaleString("en-US")} of {total.toLocaleString("en-US")} features
            {notes.lists.length > 0 &&
              `, ${notes.lists.length} ${notes.lists.length === 1 ? "list" : "lists"}`}
          </span>
        </p>
        <Button
          disabled={busy}
          title="From the tokens of the strongest examples, or the tokens promoted; no language model. Your own labels stay."
          onClick={() => void labelAutomatically(saeId, null)}
        >
          Label all automatically
        </Button>
        <IconButton
          icon="undo"
          label="Undo the last change of labels, notes or lists"
          disabled={history.past.length === 0}
          onClick={undoNotes}
        />
        <IconButton
          icon="redo"
          label="Redo the change of labels, notes or lists"
          disabled={history.future.length === 0}
          onClick={redoNotes}
        />
        <IconButton
          icon="download"
          label="Export labels, notes and lists as JSON"
          disabled={nothing}
          onClick={() => void exportNotes(saeId).then((made) => saveFiles(made ? [made] : []))}
        />
        <FileButton
          kind="quiet"
          icon="upload"
          label="Import labels, notes and lists"
          files="File of labels"
          accept=".json"
          onFiles={([file]) => void importNotes(saeId, file!)}
        />
      </div>
      <Labelling />
      <AskedElsewhere />
      <Messages />
    </section>
  );
}

/** What is being labelled, or came of it. */
export function Labelling() {
  const labelling = useLab((s) => s.labelling);
  const cancel = useLab((s) => s.cancelLabelling);
  const dismiss = useLab((s) => s.dismissLabelling);
  switch (labelling.status) {
    case "idle":
      return null;
    case "failed":
      return <ErrorCard title="Labelling" error={labelling.error} onDismiss={dismiss} />;
    case "ready":
      return <Said words={labelling.value} onDismiss={dismiss} />;
    case "running": {
      const { what, done, total, since } = labelling.progress!;
      const share = total > 0 ? done / total : null;
      const facts =
        total > 0 ? [`${done.toLocaleString("en-US")} of ${total.toLocaleString("en-US")}`] : [];
      if (share !== null && share > 0.05 && since > 1500) {
        const left = (since * (1 - share)) / share / 1000;
        facts.push(`${Math.ceil(left)} s left`);
      }
      return <Progress label={what} share={share} facts={facts} onCancel={cancel} />;
    }
  }
}

function Messages() {
  const words = useLab((s) => s.notesWords);
  const error = useLab((s) => s.notesError);
  const dismiss = useLab((s) => s.dismissNotes);
  if (error) return <ErrorCard title="Labels and lists" error={error} onDismiss={dismiss} />;
  return words && <Said words={words} onDismiss={dismiss} />;
}

function Said({ words, onDismiss }: { words: string; onDismiss: () => void }) {
  return (
    <div className="notes-bar-line" role="status">
      <p className="quiet">{words}</p>
      <IconButton icon="close" label="Dismiss this message" onClick={onDismiss} />
    </div>
  );
}
