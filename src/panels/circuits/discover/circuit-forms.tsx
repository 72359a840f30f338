/** Beside the graph: what its marks mean, a name for a group, a node or an edge to put in. */
import { type RefObject, useState } from "react";
import { Button } from "../../../ui/button.tsx";

export const Legend = () => (
  <p className="quiet circuit-legend">
    <span className="key head">head</span> <span className="key mlp">MLP</span>{" "}
    <span className="key-line helps" aria-hidden="true" /> helps{" "}
    <span className="key-line hurts" aria-hidden="true" /> works against it. q, k, v: what of the
    head reads it. Drag a node to pin it; Ctrl and the wheel, or two fingers, zoom. Keys: arrows, E
    for edges, Enter, Space to mark, G to group what is marked, H to hide, Delete, P to unpin, Shift
    with arrows to move, Ctrl+Z to undo.
  </p>
);

interface GroupFormProps {
  count: number;
  field: RefObject<HTMLInputElement | null>;
  onGroup: (name: string) => void;
  onClear: () => void;
  onLeave: () => void;
}
export function GroupForm({ count, field, onGroup, onClear, onLeave }: GroupFormProps) {
  const [name, setName] = useState("");
  const isTaken = /^(input|logits|a\d+\.h\d+|m\d+)$/.test(name.trim());
  const good = name.trim() !== "" && count >= 2 && !isTaken;
  return (
    <form
      className="row"
      onSubmit={(e) => {
        e.preventDefault();
        if (good) onGroup(name.trim());
      }}
    >
      <input
        ref={field}
        className="input"
        aria-label={`Name of a group of the ${count} marked nodes`}
        placeholder={count < 2 ? "mark two or more" : `name for ${count} nodes`}
        value={name}
        maxLength={60}
        onChange={(e) => setName(e.target.value)}
        onKeyDown={(e) => {
          if (e.key === "Escape") onLeave();
        }}
      />
      <button type="submit" className="button" disabled={!good}>
        Group
      </button>
      <Button kind="quiet" onClick={onClear}>
        Unmark
      </Button>
      {isTaken && <span role="alert">A node has this name.</span>}
    </form>
  );
}

/** @param onAdd what is wrong with the text; null if it was added */
export function AddForm({ onAdd }: { onAdd: (text: string) => string | null }) {
  const [text, setText] = useState("");
  const [problem, setProblem] = useState<string | null>(null);
  return (
    <form
      className="row"
      onSubmit={(e) => {
        e.preventDefault();
        if (text.trim() === "") return;
        const wrong = onAdd(text.trim());
        setProblem(wrong);
        if (wrong === null) setText("");
      }}
    >
      <input
        className="input mono"
        aria-label="Node or edge to add"
        placeholder="a0.h1 or m0->a1.h2<q>"
        value={text}
        onChange={(e) => setText(e.target.value)}
      />
      <button type="submit" className="button" disabled={text.trim() === ""}>
        Add
      </button>
      {problem && <span role="alert">{problem}</span>}
    </form>
  );
}
