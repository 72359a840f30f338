/** The circuits that this browser keeps for models of these sizes: open, rename, delete, save, bring in. */
import { useState } from "react";
import { circuitDot, readCircuit, writeCircuit } from "../../../core/circuit-file.ts";
import { edgesKept, type FoundCircuit } from "../../../core/found-circuit.ts";
import { LabError, toLabError } from "../../../core/lab-error.ts";
import { useLab } from "../../../state/context.ts";
import { Button, IconButton } from "../../../ui/button.tsx";
import { Dropdown } from "../../../ui/dropdown.tsx";
import { ErrorCard } from "../../../ui/error-card.tsx";
import { saveFiles } from "../../../ui/save-files.ts";
import { FileButton } from "../../../ui/file-button.tsx";
import { newId } from "../../../core/new-id.ts";

interface ShelfProps {
  circuits: readonly FoundCircuit[];
  shown: FoundCircuit | null;
  read: boolean;
}
const MOST_BYTES = 20e6;

export function CircuitShelf({ circuits, shown, read }: ShelfProps) {
  const show = useLab((s) => s.showCircuit);
  const change = useLab((s) => s.changeCircuit);
  const remove = useLab((s) => s.removeCircuit);
  const removed = useLab((s) => s.removedCircuit);
  const restore = useLab((s) => s.restoreCircuit);
  const failed = useLab((s) => s.circuitsError);
  const [name, setName] = useState<string | null>(null);
  if (!read) return null;
  const rename = () => {
    if (shown && name !== null && name.trim() !== "") void change(shown.id, { name: name.trim() });
    setName(null);
  };
  const save = (what: string, type: string, text: string) =>
    saveFiles([new File([text], `${fileName(shown!.name)}.${what}`, { type })]);
  return (
    <section className="stack" aria-label="Circuits">
      <div className="row">
        {circuits.length > 0 && (
          <Dropdown
            label="Circuit that is shown"
            value={shown?.id ?? ""}
            choices={[
              { value: "", label: shown ? "No circuit" : "Open a circuit …" },
              ...circuits.map((each) => ({
                value: each.id,
                label: `${each.name} · ${edgesKept(each.mask)} edges · ${each.savedAt.slice(0, 16).replace("T", " ")}`,
              })),
            ]}
            onChange={(id) => {
              setName(null);
              show(id === "" ? null : id);
            }}
          />
        )}
        {shown && name === null && (
          <>
            <IconButton
              icon="edit"
              label="Rename the circuit"
              onClick={() => setName(shown.name)}
            />
            <IconButton
              icon="trash"
              label="Delete the circuit"
              onClick={() => void remove(shown.id)}
            />
            <Button
              kind="quiet"
              icon="download"
              onClick={() => save("json", "application/json", writeCircuit(shown))}
            >
              JSON
            </Button>
            <Button
              kind="quiet"
              icon="download"
              onClick={() => save("dot", "text/vnd.graphviz", circuitDot(shown))}
            >
              DOT
            </Button>
          </>
        )}
        {shown && name !== null && (
          <form
            className="row"
            onSubmit={(e) => {
              e.preventDefault();
              rename();
            }}
          >
            <input
              className="input"
              aria-label="Name of the circuit"
              value={name}
              autoFocus
              onChange={(e) => setName(e.target.value)}
              onKeyDown={(e) => {
                if (e.key === "Escape") setName(null);
              }}
            />
            <Button onClick={rename}>Rename</Button>
          </form>
        )}
        <OpenFile />
        {removed && (
          <Button kind="quiet" icon="undo" onClick={() => void restore()}>
            Bring back {removed.name}
          </Button>
        )}
      </div>
      {failed && <ErrorCard title="The circuits could not be kept" error={failed} />}
    </section>
  );
}

const fileName = (name: string) =>
  name.replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-|-$/g, "") || "circuit";

function OpenFile() {
  const keep = useLab((s) => s.keepCircuit);
  const model = useLab((s) => s.model);
  const [error, setError] = useState<LabError | null>(null);
  const take = async (file: File) => {
    try {
      const found = readCircuit(await file.slice(0, MOST_BYTES).text(), newId());
      const { n_layer, n_head } = model.status === "ready" ? model.value.config : found;
      if (found.n_layer !== n_layer || found.n_head !== n_head) {
        throw new LabError(
          "bad-file",
          `the circuit is of a model with ${found.n_layer} layers of ${found.n_head} heads; the one on the bench has ${n_layer} of ${n_head}`,
        );
      }
      await keep(found);
      setError(null);
    } catch (e) {
      setError(toLabError(e));
    }
  };
  return (
    <>
      <FileButton
        kind="quiet"
        icon="upload"
        files="File of a circuit"
        drops="a circuit as JSON"
        accept=".json,application/json"
        onFiles={([file]) => void take(file!)}
      >
        Open JSON
      </FileButton>
      {error && (
        <ErrorCard title="The file is no circuit" error={error} onDismiss={() => setError(null)} />
      )}
    </>
  );
}
