/** Ctrl+Z and Ctrl+Shift+Z (or Ctrl+Y) for the edits, wherever nothing is being typed: there they are the text's. */
import { useEffect } from "react";
import { useLab } from "../../state/context.ts";

export function useEditKeys(): void {
  const undo = useLab((s) => s.undoEdits);
  const redo = useLab((s) => s.redoEdits);
  useEffect(() => {
    const onKey = (e: KeyboardEvent) => {
      const target = e.target as HTMLElement;
      if (!(e.ctrlKey || e.metaKey) || e.defaultPrevented) return;
      if (target.closest("input:not([type=checkbox]), textarea, select, dialog")) return;
      const key = e.key.toLowerCase();
      if (key === "z" && !e.shiftKey) undo();
      else if (key === "y" || (key === "z" && e.shiftKey)) redo();
      else return;
      e.preventDefault();
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, [undo, redo]);
}
