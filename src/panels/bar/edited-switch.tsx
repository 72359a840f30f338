/** Whether the weights on the bench are edited, with one click to the base and back. */
import { useLab } from "../../state/context.ts";
import { openEditedModel } from "../../state/edited-slice.ts";
import { Button } from "../../ui/button.tsx";

export function EditedSwitch() {
  const edited = useLab((s) => (s.model.status === "ready" ? s.model.value.edited : undefined));
  const open = useLab(openEditedModel);
  const loading = useLab((s) => s.loading.status === "running");
  const bench = useLab((s) => s.benchEdited);
  if (edited) {
    const count = `${edited.edits} ${edited.edits === 1 ? "edit" : "edits"}`;
    return (
      <Button
        kind="quiet"
        disabled={loading}
        title={`The weights are those of ${edited.base} with ${count}. Put the base on the bench`}
        onClick={() => void bench(false)}
      >
        {count}: to the base
      </Button>
    );
  }
  if (!open || open.edits.length === 0) return null;
  return (
    <Button
      kind="quiet"
      disabled={loading}
      title={`Put ${open.name} on the bench`}
      onClick={() => void bench(true)}
    >
      To the edited
    </Button>
  );
}
