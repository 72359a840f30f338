/** The edits in their order: each switched on and off or taken out, with undo and redo. */
import { details } from "../../../core/model-card.ts";
import { weightEditName } from "../../../core/model-edit.ts";
import { useLab } from "../../../state/context.ts";
import { openEditedModel } from "../../../state/edited-slice.ts";
import { IconButton } from "../../../ui/button.tsx";
import { Checkbox } from "../../../ui/field.tsx";

export function EditList() {
  const open = useLab(openEditedModel);
  const undone = useLab((s) => s.undoneWeights);
  const undo = useLab((s) => s.undoWeights);
  const redo = useLab((s) => s.redoWeights);
  const set = useLab((s) => s.setWeightEdit);
  const remove = useLab((s) => s.removeWeightEdit);
  if (!open) return null;
  return (
    <>
      <div className="row">
        <h3 className="small-title">
          {open.edits.length === 0
            ? "No edits yet"
            : `${open.edits.length} ${open.edits.length === 1 ? "edit" : "edits"}, in this order`}
        </h3>
        <IconButton
          icon="undo"
          label="Undo"
          disabled={undone.past.length === 0}
          onClick={() => void undo()}
        />
        <IconButton
          icon="redo"
          label="Redo"
          disabled={undone.future.length === 0}
          onClick={() => void redo()}
        />
      </div>
      {open.edits.length > 0 && (
        <ol className="weight-edits" aria-label="Edits of the weights">
          {open.edits.map((edit, i) => (
            // An edit has no name of its own: its place is what it is known by.
            <li key={i} className={edit.on ? "" : "off"}>
              <Checkbox
                label={<strong>{weightEditName(edit)}</strong>}
                checked={edit.on}
                onChange={(on) => void set(i, on)}
              />
              <span className="quiet">{details(edit)}</span>
              <IconButton
                icon="trash"
                label={`Take out ${weightEditName(edit)}`}
                onClick={() => void remove(i)}
              />
            </li>
          ))}
        </ol>
      )}
    </>
  );
}
