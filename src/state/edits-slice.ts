/** The edits on the bench: a list that is always visible, each of which can be switched off, with undo and redo. */
import { type BenchEdit, isInModel, samePlace, toEdit } from "../core/bench-edit.ts";
import type { Edit } from "../core/edits.ts";
import { outputOf } from "../core/sae.ts";
import type { Slice, Store } from "./store.ts";

export interface EditsSlice {
  benchEdits: readonly BenchEdit[];
  /** Adds an edit; one at the same place takes the place of the one before. */
  addEdit: (edit: Omit<BenchEdit, "on">) => void;
  changeEdit: (index: number, patch: Partial<Pick<BenchEdit, "amount" | "on" | "pos">>) => void;
  removeEdit: (index: number) => void;
  clearEdits: () => void;
  /** The lists before, newest last; and those that were undone. */
  undoneEdits: {
    past: readonly (readonly BenchEdit[])[];
    future: readonly (readonly BenchEdit[])[];
  };
  undoEdits: () => void;
  redoEdits: () => void;
}

const REMEMBERED = 100; // steps of undo

export const createEditsSlice: Slice<EditsSlice> = () => (set, get) => {
  const change = (benchEdits: readonly BenchEdit[]) => {
    const { benchEdits: before, undoneEdits } = get();
    const past = [...undoneEdits.past, before].slice(-REMEMBERED);
    set({ benchEdits, undoneEdits: { past, future: [] } });
    void get().refreshPrompt();
  };
  const step = (from: "past" | "future", to: "past" | "future") => {
    const { benchEdits, undoneEdits } = get();
    const next = undoneEdits[from].at(-1);
    if (!next) return;
    const left = undoneEdits[from].slice(0, -1);
    const kept = [...undoneEdits[to], benchEdits];
    const undone = from === "past" ? { past: left, future: kept } : { past: kept, future: left };
    set({ benchEdits: next, undoneEdits: undone });
    void get().refreshPrompt();
  };
  return {
    benchEdits: [],
    addEdit: (edit) => {
      const added: BenchEdit = { ...edit, on: true };
      const { benchEdits } = get();
      const at = benchEdits.findIndex((other) => samePlace(other, added));
      change(at < 0 ? [...benchEdits, added] : benchEdits.with(at, added));
    },
    changeEdit: (index, patch) => {
      const edit = get().benchEdits[index];
      if (edit) change(get().benchEdits.with(index, { ...edit, ...patch }));
    },
    removeEdit: (index) => change(get().benchEdits.filter((_, i) => i !== index)),
    clearEdits: () => {
      if (get().benchEdits.length > 0) change([]);
    },
    undoneEdits: { past: [], future: [] },
    undoEdits: () => step("past", "future"),
    redoEdits: () => step("future", "past"),
  };
};

type EditState = Pick<Store, "benchEdits" | "model" | "saes">;

/** Why an edit of the list does nothing now; null if it does what it says. */
export function editMisfit({ model, saes }: EditState, { target }: BenchEdit): string | null {
  if (model.status === "ready" && !isInModel(target, model.value.config)) {
    return "the model on the bench has no such place";
  }
  if (target.kind !== "feature") return null;
  const found = saes.status === "ready" && saes.value.some(({ id }) => id === target.sae);
  return found ? null : "its autoencoder is not in this browser";
}

/** What is switched on and fits the model on the bench, for the engine. */
export function activeEdits(state: EditState): Edit[] {
  const { saes } = state;
  const hook = (id: string): string | null => {
    const sae = saes.status === "ready" ? saes.value.find((s) => s.id === id) : undefined;
    return sae ? outputOf(sae.config).hook : null;
  };
  return state.benchEdits.flatMap((edit) => {
    if (!edit.on || editMisfit(state, edit) !== null) return [];
    return toEdit(edit, hook) ?? [];
  });
}
