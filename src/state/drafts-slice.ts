/**
 * What is typed into a dialog and not put to use yet. A dialog that was closed, by mistake or to look something up, opens as it
 * was left, after a reload too.
 */
import type { TypedRecipe } from "../core/task-recipe.ts";
import { useLab } from "./context.ts";
import type { Slice } from "./store.ts";

export interface Drafts {
  /** Pairs as a table. */
  pairs: string;
  /** Templates, and how many pairs by which draw. */
  recipe: TypedRecipe & { count: number; seed: number };
  /** "The model gets this wrong", a case a line. */
  cases: { right: string; wrong: string };
  /** Labelled texts as a table. */
  labelled: string;
  /** A model of the Hub. */
  hubModel: { id: string; revision: string };
  /** An autoencoder of the Hub. */
  hubSae: { repo: string; path: string; revision: string };
}
export interface DraftsSlice {
  drafts: Readonly<Partial<Drafts>>;
  /** null: what was typed is forgotten. */
  setDraft: <N extends keyof Drafts>(name: N, value: Drafts[N] | null) => void;
}

export const createDraftsSlice: Slice<DraftsSlice> = () => (set, get) => ({
  drafts: {},
  setDraft: (name, value) => {
    const others = Object.entries(get().drafts).filter(([other]) => other !== name);
    const entries = value === null ? others : [...others, [name, value]];
    set({ drafts: Object.fromEntries(entries) as Partial<Drafts> });
  },
});

/**
 * As `useState`, of a dialog's fields together.
 * @param first holds while nothing is typed
 * @returns what is typed, how to change it, and how to forget it: null where nothing is typed
 */
export function useDraft<N extends keyof Drafts>(name: N, first: Drafts[N]) {
  const draft = useLab((s) => s.drafts[name]);
  const setDraft = useLab((s) => s.setDraft);
  const set = (value: Drafts[N]) => setDraft(name, value);
  const forget = draft === undefined ? null : () => setDraft(name, null);
  return [draft ?? first, set, forget] as const;
}
