/** Beside the graph: what its marks mean, a name for a group, a node or an edge to put in. */
import { useState } from "react";
import { Button } from "../../../ui/button.tsx";

export const Legend = () => (
  <p className="quiet circuit-legend">
    <span className="key head">head</span> <span className="key mlp">MLP</span>{" "}
    <span className="key-line helps" aria-hidden="true" /> helps{" "}
    <span className="key-line hurts" aria-hidden="true" /> works against it. q, k, v: what of the
    head reads it. Drag a node to pin it; Ctrl and the wheel, or two fingers, zoom. Keys: arrows, E
    for edges, Enter, Space to mark, H to hide, Delete, P to unpin, Shift with arrows to move.
  </p>
);

export function GroupForm(props: {
  count: number;
  onGroup: (name: string) => void;
  onClear: () => void;
}) {
  const [name, setName] = useState("");
  const good =
    name.trim() !== "" && props.count >= 2 && !/^(input|logits|a\d+\.h\d+|m\d+)$/.test(name.trim());
  return (
    <form
      className="row"
      onSubmit={(e) => {
        e.preventDefault();
        if (good) props.onGroup(name.trim());
      }}
    >
      <input
        className="input"
        aria-label={`Name of a group of the ${props.count} marked nodes`}
        placeholder={props.count < 2 ? "mark two or more" : `name for ${props.count} nodes`}
        value={name}
        onChange={(e) => setName(e.target.value)}
      />
      <button type="submit" className="button" disabled={!good}>
        Group
      </button>
      <Button kind="quiet" onClick={props.onClear}>
        Unmark
      </Button>
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
