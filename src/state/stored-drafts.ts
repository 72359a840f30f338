/** What was typed into dialogs and not put to use yet, as this browser keeps it. */
import type { Drafts } from "./drafts-slice.ts";

export const DRAFTS_KEY = "glassroom.drafts";
/** Characters; more is held for this visit only. */
const MOST = 500_000;
type Kept = Pick<Storage, "getItem" | "setItem"> | null;

/** What each looks like. */
const EMPTY: Drafts = {
  pairs: "",
  recipe: { clean: "", corrupted: "", answers: "", wrong: "", lists: "", count: 0, seed: 0 },
  cases: { right: "", wrong: "" },
  labelled: "",
  hubModel: { id: "", revision: "" },
  hubSae: { repo: "", path: "", revision: "" },
};

/** A damaged entry costs what was typed, never the page. */
export function storedDrafts(storage: Kept): Partial<Drafts> {
  try {
    const found: unknown = JSON.parse(storage?.getItem(DRAFTS_KEY) ?? "{}");
    const entries = Object.entries(EMPTY).flatMap(([name, empty]: [string, unknown]) => {
      const value = (found as Record<string, unknown> | null)?.[name];
      return isLike(value, empty) ? [[name, value]] : [];
    });
    return Object.fromEntries(entries) as Partial<Drafts>;
  } catch {
    return {};
  }
}

export function storeDrafts(storage: Kept, drafts: Partial<Drafts>): void {
  const text = JSON.stringify(drafts);
  if (text.length > MOST) return;
  try {
    storage?.setItem(DRAFTS_KEY, text);
  } catch {
    return; // full or forbidden: they hold for this visit
  }
}

/** Of the same type, with the same fields. */
function isLike(value: unknown, empty: unknown): boolean {
  if (typeof empty !== "object" || empty === null) return typeof value === typeof empty;
  if (typeof value !== "object" || value === null) return false;
  return Object.entries(empty).every(([key, each]) =>
    isLike((value as Record<string, unknown>)[key], each),
  );
}
