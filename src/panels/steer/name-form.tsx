/** A name, and Enter. */
import { useState } from "react";
import { Button } from "../../ui/button.tsx";

export interface NameFormProps {
  label: string;
  first: string;
  onName: (name: string) => void;
  onCancel: () => void;
}

export function NameForm({ label, first, onName, onCancel }: NameFormProps) {
  const [name, setName] = useState(first);
  return (
    <form
      className="row"
      onSubmit={(e) => {
        e.preventDefault();
        if (name.trim() !== "") onName(name.trim());
      }}
      onKeyDown={(e) => {
        if (e.key === "Escape") onCancel();
      }}
    >
      <input
        className="input"
        aria-label={label}
        placeholder={label}
        maxLength={100}
        autoFocus
        value={name}
        onChange={(e) => setName(e.target.value)}
        onFocus={(e) => e.target.select()}
      />
      <button type="submit" className="button" disabled={name.trim() === ""}>
        Save
      </button>
      <Button kind="quiet" onClick={onCancel}>
        Cancel
      </Button>
    </form>
  );
}
