/** [ and ] walk through the heads; Escape unlocks the pair that is read out, and with none goes back to all heads. */
import { useEffect } from "react";
import { useLab } from "../../../state/context.ts";

export interface HeadKeys {
  before: () => void;
  after: () => void;
  leave: () => void;
}

export function useHeadKeys({ before, after, leave }: HeadKeys): void {
  const locked = useLab((s) => s.lock !== null);
  const unlock = useLab((s) => s.unlock);
  useEffect(() => {
    const onKey = (e: KeyboardEvent) => {
      const target = e.target as HTMLElement;
      if (e.defaultPrevented || target.closest("input, textarea, select")) return;
      if (document.querySelector("dialog[open], :popover-open")) return; // Escape closes those first
      if (e.key === "[") before();
      if (e.key === "]") after();
      if (e.key === "Escape") (locked ? unlock : leave)();
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  });
}
