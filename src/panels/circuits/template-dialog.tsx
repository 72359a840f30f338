/** Pairs from templates of one's own, begun with those of the task at hand. */
import { useMemo, useState } from "react";
import { type LabError, toLabError } from "../../core/lab-error.ts";
import { LIBRARY } from "../../core/task-library.ts";
import { readRecipe, type TypedRecipe, writeRecipe } from "../../core/task-recipe.ts";
import { useLab } from "../../state/context.ts";
import { useDraft } from "../../state/drafts-slice.ts";
import { type TaskChoice } from "../../state/task-slice.ts";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { LinesField, TextField } from "../../ui/field.tsx";
import { SmallNumber } from "../../ui/small-number.tsx";
import { asSentence } from "../../ui/advice.ts";

export function TemplateDialog({ choice, onClose }: { choice: TaskChoice; onClose: () => void }) {
  const build = useLab((s) => s.buildFromTemplates);
  // What draws from the vocabulary or counts cannot be typed.
  const typable = choice !== "own" && choice !== "induction" && choice !== "greater-than";
  const from = typable ? choice : "ioi-flip";
  const first = useMemo(() => writeRecipe(LIBRARY[from].recipe), [from]);
  const [typed, setTyped, forget] = useDraft("recipe", { ...first, count: 16, seed: 0 });
  const { count, seed, ...recipe } = typed;
  const [error, setError] = useState<LabError | null>(null);
  const make = async () => {
    try {
      await build({ recipe: readRecipe(recipe), count, seed });
      onClose();
    } catch (e) {
      setError(toLabError(e));
    }
  };
  const field = (name: keyof TypedRecipe, label: string) => (
    <TextField
      label={label}
      mono
      value={typed[name]}
      onChange={(text) => setTyped({ ...typed, [name]: text })}
    />
  );
  return (
    <Dialog title="Pairs from templates" onClose={onClose}>
      <div className="stack">
        <p>
          Slots in braces are filled by draws from the lists. Both prompts share a draw. Words that
          are not one token for this model are left out.
        </p>
        {field("clean", "Clean prompt")}
        {field("corrupted", "Corrupted prompt")}
        {field("answers", "Answer")}
        {field("wrong", "Wrong answer")}
        <LinesField
          label="Words"
          hint="“A, B = Mary John” gives slots A and B different words. “A = France/Paris” gives {A} and {A.2}; _ stands for a space."
          error={error && asSentence(error.message)}

          rows={6}
          value={typed.lists}
          onChange={(lists) => setTyped({ ...typed, lists })}
        />
        <div className="row">
          <SmallNumber
            label="Pairs"
            value={count}
            onChange={(value) => setTyped({ ...typed, count: value })}
            min={1}
            max={200}
            whole
          />
          <SmallNumber
            label="Seed"
            value={seed}
            onChange={(value) => setTyped({ ...typed, seed: value })}
            min={0}
            max={999_999}
            whole
          />
          <Button kind="primary" onClick={() => void make()}>
            Make the pairs
          </Button>
          {forget && (
            <Button kind="quiet" onClick={forget}>
              Begin again with “{LIBRARY[from].label}”
            </Button>
          )}
        </div>
      </div>
    </Dialog>
  );
}
