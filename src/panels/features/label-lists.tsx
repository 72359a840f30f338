/** The lists that a feature is in: put into one, taken out, or a new one begun with it. */
import { useState } from "react";
import { useLab } from "../../state/context.ts";
import { useNotes } from "../../state/feature-notes.ts";
import { Checkbox } from "../../ui/field.tsx";
import { PopoverButton } from "../../ui/popover.tsx";

export function LabelLists({ saeId, feature }: { saeId: string; feature: number }) {
  const { lists } = useNotes(saeId);
  const addToList = useLab((s) => s.addToList);
  const removeFromList = useLab((s) => s.removeFromList);
  const makeList = useLab((s) => s.makeList);
  const [name, setName] = useState("");
  const among = lists.filter((list) => list.features.includes(feature)).length;
  return (
    <PopoverButton
      label={`Lists with feature ${feature}`}
      className="button"
      sign={among === 0 ? "Lists" : `Lists (${among})`}
      popoverClass="label-lists"
      role="group"
    >
      {lists.length === 0 && <p className="quiet">No list yet.</p>}
      {lists.map((list) => (
        <Checkbox
          key={list.id}
          label={`${list.name} (${list.features.length})`}
          checked={list.features.includes(feature)}
          onChange={(into) => (into ? addToList : removeFromList)(saeId, list.id, [feature])}
        />
      ))}
      <form
        className="row"
        onSubmit={(e) => {
          e.preventDefault();
          if (name.trim() === "") return;
          makeList(saeId, name, [feature]);
          setName("");
        }}
      >
        <input
          className="input"
          aria-label="Name of a new list"
          placeholder="New list"
          maxLength={120}
          value={name}
          onChange={(e) => setName(e.target.value)}
        />
        <button type="submit" className="button" disabled={name.trim() === ""}>
          Add
        </button>
      </form>
    </PopoverButton>
  );
}
