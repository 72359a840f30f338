/**
 * The prompt and what the model makes of it. One run at a time: text that changes meanwhile is run when the answer is
 * there, only in its newest form, so that quick typing shows every answer the model has time for and ends on the last.
 */
import { type LabError, toLabError } from "../core/lab-error.ts";
import type { Tokens } from "../core/types.ts";
import type { PromptInput, PromptView } from "../api/lab.ts";
import { type RunSpec, runs } from "./compare-slice.ts";
import { createLatest } from "./newest.ts";
import { saeForPrompt } from "./sae-on-bench.ts";
import type { Slice, Store } from "./store.ts";
import { IDLE, type Task } from "./task.ts";

export const DEFAULT_PROMPT = "Then, Mary and John went to the park. John gave a book to";
/** How many next tokens are asked for at each position. */
export const TOP_K = 10;

/** What a replacement may put in place of what is there. */
export type BenchPatch = { text: string } & Partial<
  Pick<
    Store,
    | "prependBos"
    | "otherText"
    | "labTab"
    | "exploreView"
    | "head"
    | "neuron"
    | "position"
    | "options"
    | "benchEdits"
    | "shownSides"
  >
>;

export interface PromptSlice {
  text: string;
  prependBos: boolean;
  prompt: () => PromptInput;
  setText: (text: string) => void;
  /** A change that is not typing (a sample, a continuation): the browser's own undo does not know of it. */
  replaceText: (text: string) => void;
  /** The same with more of the bench: one step, taken back whole. */
  replaceBench: (patch: BenchPatch) => void;
  /** The last replacement; it can be taken back while the text is as it was after it. */
  replaced: { before: BenchPatch; after: string } | null;
  /** Takes the last replacement back, if nothing was typed since. @returns whether it did */
  undoReplace: () => boolean;
  setPrependBos: (prependBos: boolean) => void;
  promptView: Task<PromptView>;
  /** The last answer: stays on screen while the next is computed, or when it fails. */
  shownView: PromptView | null;
  /** The same of the other side of a comparison; null when there is none. */
  otherView: PromptView | null;
  /** Why there is no answer for the other side. */
  otherProblem: LabError | null;
  refreshPrompt: () => Promise<void>;
  /** The selected position; null follows the last token. May lie past the end of a shorter prompt. */
  position: number | null;
  selectPosition: (position: number | null) => void;
}

/** The other side's answer: what is wrong with it does not keep the first from being shown. */
async function settled(
  view: Promise<PromptView> | null,
): Promise<Pick<PromptSlice, "otherView" | "otherProblem">> {
  try {
    return { otherView: await view, otherProblem: null };
  } catch (e) {
    return { otherView: null, otherProblem: toLabError(e) };
  }
}

/** Whether there is nothing to run: no text, and no BOS before it. */
export const isEmptyPrompt = ({ text, prependBos }: Pick<Store, "text" | "prependBos">): boolean =>
  text === "" && !prependBos;

/** The position that everything shows, or null while there are no tokens. */
export function shownPosition({
  shownView,
  position,
}: Pick<Store, "shownView" | "position">): number | null {
  const last = (shownView?.tokens.ids.length ?? 0) - 1;
  return last < 0 ? null : Math.min(position ?? last, last);
}

/** The selected position in a figure whose prompt may be the one before, and shorter: then its last token stands for it. */
export const positionIn =
  ({ ids }: Pick<Tokens, "ids">) =>
  (state: Parameters<typeof shownPosition>[0]): number | null => {
    const position = shownPosition(state);
    return position === null || ids.length === 0 ? null : Math.min(position, ids.length - 1);
  };

export const createPromptSlice: Slice<PromptSlice> = (lab) => (set, get) => {
  const refreshPrompt = createLatest(async () => {
    const { model } = lab;
    if (!model) return; // the prompt is run when a model arrives
    set({ promptView: { status: "running", progress: null } });
    const saeId = saeForPrompt(get());
    const { basis } = get();
    const { a, b } = runs(get());
    const view = ({ prompt, edits }: RunSpec) =>
      model.view(prompt, { saeId, topK: TOP_K, edits, basis });
    try {
      const value = await view(a);
      const other = await settled(b && view(b));
      set({ promptView: { status: "ready", value }, shownView: value, ...other });
    } catch (e) {
      const error = toLabError(e);
      set({ promptView: { status: "failed", error } });
      // Another tab may have deleted the SAE: the shelf then says so, and the prompt is run with the one that is left.
      if (error.code === "not-found" && saeId !== null) void get().refreshSaes();
    }
  });
  return {
    text: DEFAULT_PROMPT,
    prependBos: true,
    prompt: () => ({ text: get().text, prependBos: get().prependBos }),
    setText: (text) => {
      if (text === get().text) return;
      set({ text, hover: null, lock: null });
      void refreshPrompt();
    },
    replaceText: (text) => get().replaceBench({ text, position: null }),
    replaceBench: (patch) => {
      const state = get();
      const keys = Object.keys(patch) as (keyof BenchPatch)[];
      const before = Object.fromEntries(keys.map((key) => [key, state[key]])) as BenchPatch;
      set({ ...patch, hover: null, replaced: { before, after: patch.text } });
      void refreshPrompt();
    },
    replaced: null,
    undoReplace: () => {
      const { replaced, text } = get();
      if (replaced?.after !== text) return false;
      set({ ...replaced.before, hover: null, replaced: null });
      void refreshPrompt();
      return true;
    },
    setPrependBos: (prependBos) => {
      if (prependBos === get().prependBos) return;
      const { position } = get();
      // The same token stays selected although every index moves by one.
      const moved = position === null ? null : Math.max(0, position + (prependBos ? 1 : -1));
      set({ prependBos, position: moved, hover: null, lock: null });
      void refreshPrompt();
    },
    promptView: IDLE,
    shownView: null,
    otherView: null,
    otherProblem: null,
    refreshPrompt,
    position: null,
    selectPosition: (position) => {
      const last = (get().shownView?.tokens.ids.length ?? 0) - 1;
      set({ position: position === null || position === last ? null : Math.max(0, position) });
    },
  };
};
