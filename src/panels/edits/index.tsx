/** The edits on the bench, the second prompt, and which side of a comparison is shown: always in sight while there are any. */
import "./edits.css";
import { type BenchEdit, targetName } from "../../core/bench-edit.ts";
import { SHOWN_SIDES, sideNames } from "../../state/compare-slice.ts";
import { useLab } from "../../state/context.ts";
import { editMisfit } from "../../state/edits-slice.ts";
import { asSentence } from "../../ui/advice.ts";
import { Button, IconButton } from "../../ui/button.tsx";
import { NumberInput } from "../../ui/number-input.tsx";
import { Segmented } from "../../ui/segmented.tsx";
import { useEditKeys } from "./use-edit-keys.ts";

export function EditBar() {
  const edits = useLab((s) => s.benchEdits);
  const { past, future } = useLab((s) => s.undoneEdits);
  const undo = useLab((s) => s.undoEdits);
  const redo = useLab((s) => s.redoEdits);
  const clear = useLab((s) => s.clearEdits);
  const compared = useLab((s) => s.otherView !== null);
  const tab = useLab((s) => s.labTab);
  // With two prompts what is wrong stands beside the second one.
  const problem = useLab((s) => (s.otherText === null ? s.otherProblem : null));
  useEditKeys();
  if (edits.length === 0 && past.length + future.length === 0 && !compared) return null;
  return (
    <section className="edit-bar" aria-label="Edits">
      <span className="edit-bar-name">Edits</span>
      {edits.length === 0 && <span className="quiet">none</span>}
      <ul className="edit-list">
        {edits.map((edit, i) => (
          <EditChip key={JSON.stringify([edit.target, edit.pos])} edit={edit} index={i} />
        ))}
      </ul>
      <div className="row tight">
        <IconButton icon="undo" label="Undo (Ctrl+Z)" disabled={past.length === 0} onClick={undo} />
        <IconButton
          icon="redo"
          label="Redo (Ctrl+Shift+Z)"
          disabled={future.length === 0}
          onClick={redo}
        />
        {edits.length > 1 && (
          <Button kind="quiet" onClick={clear}>
            Remove all
          </Button>
        )}
      </div>
      {problem && (
        <span className="edit-problem" role="alert">
          {asSentence(problem.message)}
        </span>
      )}
      {edits.length > 0 && tab !== "explore" && (
        <span className="quiet">
          Explore compares with them; the other labs show the model unedited.
        </span>
      )}
      {compared && tab === "explore" && <SideChoice />}
    </section>
  );
}

function SideChoice() {
  const otherText = useLab((s) => s.otherText);
  const shown = useLab((s) => s.shownSides);
  const setShown = useLab((s) => s.setShownSides);
  const { a, b } = sideNames({ otherText });
  const label = { all: "side by side", a, b, difference: "difference" };
  return (
    <Segmented
      label="Sides shown"
      value={shown}
      choices={SHOWN_SIDES.map((value) => ({ value, label: label[value] }))}
      onChange={setShown}
    />
  );
}

const VERB = { zero: "→ 0", mean: "→ mean", scale: "×", clamp: "=", add: "+" } as const;

const AMOUNT = {
  zero: "",
  mean: "",
  scale: "Factor of",
  clamp: "Activation of",
  add: "Added along",
};

function EditChip({ edit, index }: { edit: BenchEdit; index: number }) {
  const changeEdit = useLab((s) => s.changeEdit);
  const removeEdit = useLab((s) => s.removeEdit);
  const misfit = useLab((s) => editMisfit(s, edit));
  const name = targetName(edit.target);
  const where = edit.pos === null ? "" : ` at position ${edit.pos}`;
  const takesAmount = edit.op === "scale" || edit.op === "clamp" || edit.op === "add";
  return (
    <li className={edit.on && misfit === null ? "edit-chip" : "edit-chip off"} title={misfit ?? ""}>
      <label>
        <input
          type="checkbox"
          checked={edit.on}
          onChange={(e) => changeEdit(index, { on: e.target.checked })}
        />
        <span className="mono">
          {name}
          {edit.pos !== null && `@${edit.pos}`} {VERB[edit.op]}
        </span>
      </label>
      {takesAmount && (
        <NumberInput
          label={`${AMOUNT[edit.op]} ${name}${where}`}
          value={edit.amount}
          onChange={(amount) => changeEdit(index, { amount })}
        />
      )}
      {misfit !== null && <span className="quiet">not used: {misfit}</span>}
      <IconButton
        icon="close"
        label={`Remove the edit of ${name}${where}`}
        onClick={() => removeEdit(index)}
      />
    </li>
  );
}
