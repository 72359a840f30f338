/** At which positions parts are shown, and so whose heads are asked for: they take longest. */
import { useMemo } from "react";
import { alignTokens } from "../../../charts/align.ts";
import { useLab } from "../../../state/context.ts";
import { useChoice } from "../../../state/options-slice.ts";
import { shownPosition } from "../../../state/prompt-slice.ts";
import type { Unit } from "./units.ts";

export const useWhere = () => useChoice("attribution.where", ["here", "all"]);

/** undefined: of every position. */
export function useHeadsAsked(by: Unit, where: "here" | "all"): number[] | undefined {
  const position = useLab(shownPosition);
  const a = useLab((s) => s.shownView?.tokens.ids);
  const b = useLab((s) => s.otherView?.tokens.ids);
  return useMemo(() => {
    if (by !== "head") return [];
    if (where === "all") return undefined;
    if (position === null || !a) return [];
    const partner = b && alignTokens(a, b).find((pair) => pair.a === position)?.b;
    return [...new Set([position, partner ?? position])];
  }, [by, where, position, a, b]);
}
