/** The one choice of scale that GPT-2’s patterns need. */
import { useLab } from "../../../state/context.ts";
import { Checkbox } from "../../../ui/field.tsx";
import { WHAT_SCALE } from "./what.ts";

/** Leaves the first token out of the colours. */
export function ScaleChoice() {
  const dimFirst = useLab((s) => s.dimFirst);
  const setDimFirst = useLab((s) => s.setDimFirst);
  return (
    <Checkbox
      label="Leave out first token"
      title={WHAT_SCALE}
      checked={dimFirst}
      onChange={setDimFirst}
    />
  );
}
