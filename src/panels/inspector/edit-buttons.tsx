/** Changes what the inspector shows: at every position, or at the selected one. */
import { useState } from "react";
import { type EditOp, type EditTarget, opsOf } from "../../core/bench-edit.ts";
import { useLab } from "../../state/context.ts";
import { shownPosition } from "../../state/prompt-slice.ts";
import { Button } from "../../ui/button.tsx";
import { Checkbox } from "../../ui/field.tsx";

const LABEL: Record<EditOp, { label: string; title: string; amount: number }> = {
  zero: { label: "Ablate", title: "Set it to 0", amount: 0 },
  mean: { label: "Mean", title: "Set it to its mean over the corpus", amount: 0 },
  scale: { label: "× 2", title: "Double it; the factor can be changed below", amount: 2 },
  clamp: { label: "Clamp", title: "Hold its activation at a value", amount: 10 },
  add: { label: "Add", title: "Add so much of it", amount: 1 },
};

/** @param clampAt where a feature is held at first */
export function EditButtons({ target, clampAt }: { target: EditTarget; clampAt?: number }) {
  const addEdit = useLab((s) => s.addEdit);
  const position = useLab(shownPosition);
  const [here, setHere] = useState(false);
  return (
    <div className="row" role="group" aria-label="Edit">
      {opsOf(target).map((op) => (
        <Button
          key={op}
          title={LABEL[op].title}
          onClick={() =>
            addEdit({
              target,
              op,
              amount: op === "clamp" ? (clampAt ?? LABEL[op].amount) : LABEL[op].amount,
              pos: here ? position : null,
            })
          }
        >
          {LABEL[op].label}
        </Button>
      ))}
      <Checkbox
        label="only here"
        title="At the selected position alone"
        checked={here}
        onChange={setHere}
      />
    </div>
  );
}
