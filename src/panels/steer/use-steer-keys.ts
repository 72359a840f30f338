/** Ctrl+Z and Ctrl+Shift+Z (or Ctrl+Y) are the rows' while the Steer lab is on the screen, wherever no text is being typed. */
import { useEffect } from "react";
import { useLab } from "../../state/context.ts";

export function useSteerKeys(): void {
  const undo = useLab((s) => s.undoSteer);
  const redo = useLab((s) => s.redoSteer);
  useEffect(() => {
    const onKey = (e: KeyboardEvent) => {
      const target = e.target as HTMLElement;
      if (!(e.ctrlKey || e.metaKey) || e.defaultPrevented) return;
      if (target.closest("input:not([type=checkbox], [type=range]), textarea, dialog")) return;
      const key = e.key.toLowerCase();
      if (key === "z" && !e.shiftKey) undo();
      else if (key === "y" || (key === "z" && e.shiftKey)) redo();
      else return;
      e.preventDefault(); // the edits' own keys then leave it alone
    };
    addEventListener("keydown", onKey, { capture: true });
    return () => removeEventListener("keydown", onKey, { capture: true });
  }, [undo, redo]);
}
