/**
 * Comparing two runs: the prompt without and with the bench's edits, or two prompts. Whoever shows numbers of a run shows
 * those of both sides, and their difference b − a.
 */
import type { Edit } from "../core/edits.ts";
import type { PromptInput } from "../api/lab.ts";
import { activeEdits } from "./edits-slice.ts";
import type { Slice, Store } from "./store.ts";

/** What of two sides is drawn. */
export const SHOWN_SIDES = ["all", "a", "b", "difference"] as const;
export type ShownSides = (typeof SHOWN_SIDES)[number];

export interface CompareSlice {
  /** The second prompt; null: none. */
  otherText: string | null;
  setOtherText: (text: string | null) => void;
  /** Puts the second prompt in the first one's place. */
  swapPrompts: () => void;
  shownSides: ShownSides;
  setShownSides: (shown: ShownSides) => void;
}
export interface RunSpec {
  prompt: PromptInput;
  edits: Edit[];
}
export interface Runs {
  a: RunSpec;
  b: RunSpec | null;
}

export const createCompareSlice: Slice<CompareSlice> = () => (set, get) => ({
  otherText: null,
  setOtherText: (otherText) => {
    if (otherText === get().otherText) return;
    set({ otherText });
    void get().refreshPrompt();
  },
  swapPrompts: () => {
    const { otherText, text } = get();
    if (otherText === null) return;
    set({ otherText: text });
    get().replaceText(otherText);
  },
  shownSides: "all",
  setShownSides: (shownSides) => set({ shownSides }),
});

/** The runs of the moment. With two prompts the edits hold for both, so that the prompts alone are compared. */
export function runs(
  state: Pick<Store, "text" | "prependBos" | "otherText" | "benchEdits" | "model" | "saes">,
): Runs {
  const edits = activeEdits(state);
  const { text, prependBos, otherText } = state;
  const prompt = { text, prependBos };
  if (otherText !== null) {
    return { a: { prompt, edits }, b: { prompt: { text: otherText, prependBos }, edits } };
  }
  const plain = { prompt, edits: [] };
  return { a: plain, b: edits.length > 0 ? { prompt, edits } : null };
}

/** What the sides are called. */
export const sideNames = ({ otherText }: Pick<Store, "otherText">) =>
  otherText === null ? { a: "unedited", b: "edited" } : { a: "prompt A", b: "prompt B" };
