/** The user's texts that this browser keeps, for panels that let one be chosen; none before they are known. */
import { useEffect } from "react";
import type { KeptText } from "../core/kept-text.ts";
import { useLab } from "./context.ts";

const NONE: readonly KeptText[] = [];

export function useKeptTexts(): readonly KeptText[] {
  const texts = useLab((s) => s.texts);
  const refresh = useLab((s) => s.refreshTexts);
  useEffect(() => {
    if (texts.status === "idle") void refresh();
  }, [texts.status, refresh]);
  return texts.status === "ready" ? texts.value : NONE;
}
