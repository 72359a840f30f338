/** What was pinned, hidden and grouped in feature circuits, as this browser keeps it. */
import type { GraphMarks } from "./feature-circuit-slice.ts";

export const MARKS_KEY = "glassroom.graph-marks";
type Kept = Pick<Storage, "getItem" | "setItem"> | null;
type Marks = Readonly<Record<string, GraphMarks>>;

/** A damaged entry costs the marks, never the page. */
export function storedMarks(storage: Kept): Marks {
  try {
    const found: unknown = JSON.parse(storage?.getItem(MARKS_KEY) ?? "{}");
    if (typeof found !== "object" || found === null || Array.isArray(found)) return {};
    return Object.fromEntries(
      Object.entries(found).flatMap(([key, value]) => {
        const marks = readMarks(value);
        return marks ? [[key, marks] as const] : [];
      }),
    );
  } catch {
    return {};
  }
}

export function storeMarks(storage: Kept, marks: Marks): void {
  try {
    storage?.setItem(MARKS_KEY, JSON.stringify(marks));
  } catch {
    return; // full or forbidden: they hold for this visit
  }
}

const isTexts = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((each) => typeof each === "string");

function readMarks(value: unknown): GraphMarks | null {
  const { pinned, hidden, groups } = (value ?? {}) as Partial<Record<keyof GraphMarks, unknown>>;
  if (!isTexts(pinned) || !isTexts(hidden) || !Array.isArray(groups)) return null;
  const read = groups.flatMap((group: unknown) => {
    const { name, members } = (group ?? {}) as { name?: unknown; members?: unknown };
    return typeof name === "string" && isTexts(members) ? [{ name, members }] : [];
  });
  return { pinned, hidden, groups: read };
}
