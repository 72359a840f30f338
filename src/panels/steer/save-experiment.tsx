/** Saves the texts with all that they were made of, under a name. */
import { useState } from "react";
import { useLab } from "../../state/context.ts";
import { Button } from "../../ui/button.tsx";
import { NameForm } from "./name-form.tsx";

export function SaveExperiment() {
  const save = useLab((s) => s.saveExperiment);
  const made = useLab((s) => s.generatedWith);
  const [naming, setNaming] = useState(false);
  const [saved, setSaved] = useState<typeof made>(null);
  if (naming) {
    return (
      <NameForm
        label="Name of the experiment"
        first={made?.text.slice(0, 40).trim() ?? ""}
        onName={(name) => {
          save(name, new Date().toISOString());
          setSaved(made);
          setNaming(false);
        }}
        onCancel={() => setNaming(false)}
      />
    );
  }
  if (saved === made && saved !== null)
    return (
      <span role="status" className="quiet">
        Saved below.
      </span>
    );
  return <Button onClick={() => setNaming(true)}>Save</Button>;
}
