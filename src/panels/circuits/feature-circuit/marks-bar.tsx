/** Groups in the making and made, what is hidden, and undo. */
import { useState } from "react";
import { useLab } from "../../../state/context.ts";
import type { GraphMarks } from "../../../state/feature-circuit-slice.ts";
import { Button, IconButton } from "../../../ui/button.tsx";
import { TextField } from "../../../ui/field.tsx";

interface MarksBarProps {
  marks: GraphMarks;
  /** Ids of the nodes that are about to be grouped. */
  chosen: readonly string[];
  onGroup: (name: string) => void;
  onUngroup: (name: string) => void;
  onClear: () => void;
  onShowAll: () => void;
}

export function MarksBar({ marks, chosen, ...on }: MarksBarProps) {
  const { past, future } = useLab((s) => s.undoneMarks);
  const undo = useLab((s) => s.undoMarks);
  const redo = useLab((s) => s.redoMarks);
  const [name, setName] = useState("");
  const [n, h] = [chosen.length, marks.hidden.length];
  const given = name.trim();
  return (
    <div className="graph-marks">
      <IconButton
        icon="undo"
        label="Undo the last mark"
        disabled={past.length === 0}
        onClick={undo}
      />
      <IconButton icon="redo" label="Redo it" disabled={future.length === 0} onClick={redo} />
      {n > 0 && (
        <form
          className="row"
          onSubmit={(e) => {
            e.preventDefault();
            if (given === "") return;
            on.onGroup(given);
            setName("");
          }}
        >
          <TextField
            label={`Name of the group of ${n}`}
            value={name}
            onChange={setName}
            maxLength={100}
          />
          <button type="submit" className="button" disabled={given === ""}>
            Group
          </button>
          <Button kind="quiet" onClick={on.onClear}>
            Let go
          </Button>
        </form>
      )}
      {marks.groups.map(({ name: own, members }) => (
        <Button
          key={own}
          kind="quiet"
          icon="close"
          title="Ungroup"
          onClick={() => on.onUngroup(own)}
        >
          {own} ({members.length})
        </Button>
      ))}
      {h > 0 && (
        <Button kind="quiet" onClick={on.onShowAll}>
          Show {h} hidden
        </Button>
      )}
      {marks.pinned.length > 0 && <span className="quiet">{marks.pinned.length} pinned</span>}
    </div>
  );
}
