/** The bench's single-key shortcuts. They rest while something is being typed, and while a dialog is open. */
import { useEffect } from "react";
import { useLab } from "../../state/context.ts";
import { shownPosition } from "../../state/prompt-slice.ts";
import type { LabTab } from "../../state/view-slice.ts";
import { isTyping } from "../../ui/typing.ts";
import { PROMPT_ID } from "./prompt-box.tsx";

export const SHORTCUTS: readonly (readonly [keys: string, does: string])[] = [
  ["/", "write in the prompt"],
  ["1 – 4", "open a lab"],
  [", and .", "select the token before or after"],
  ["[ and ]", "previous or next head"],
  ["Esc", "back to all heads"],
  ["n", "in Generate: one more token"],
  ["arrows", "move in whatever has the focus: tokens, heads, cells of a pattern"],
];

/** With the caret at its end, to write on. */
function toThePrompt(): void {
  const box = document.getElementById(PROMPT_ID);
  if (!(box instanceof HTMLTextAreaElement)) return;
  box.focus();
  box.setSelectionRange(box.value.length, box.value.length);
}

export function useShortcuts(labs: readonly LabTab[]): void {
  const setLab = useLab((s) => s.setLab);
  const selectPosition = useLab((s) => s.selectPosition);
  const position = useLab(shownPosition);
  useEffect(() => {
    const onKey = (e: KeyboardEvent) => {
      if (e.ctrlKey || e.metaKey || e.altKey || isTyping(e.target)) return;
      const lab = labs[Number(e.key) - 1];
      if (lab) setLab(lab);
      else if (e.key === "/") toThePrompt();
      else if (e.key === "," && position !== null) selectPosition(position - 1);
      else if (e.key === "." && position !== null) selectPosition(position + 1);
      else return;
      e.preventDefault();
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  });
}
