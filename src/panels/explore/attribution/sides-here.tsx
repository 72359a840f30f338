/** A figure at one position: of each side where it stands there, and their difference where both are asked the same. */
import type { ReactNode } from "react";
import { sameTarget, targetText } from "../../../charts/attribution.ts";
import type { Target } from "../../../core/attribution.ts";
import type { Sides } from "../../../state/figures-slice.ts";
import { SidesView } from "../sides.tsx";
import { type Here, Nothing, TargetLine } from "./parts.tsx";

export interface SidesHereProps<T> {
  sides: Sides<T>;
  /** Where each side stands; null where it has no such token. */
  at: { a: number | null; b: number | null };
  targetOf: (facts: T, position: number) => Target | null;
  children: (here: Here<T>) => ReactNode;
  difference: (a: Here<T>, b: Here<T>) => ReactNode;
}

export function SidesHere<T>({ sides, at, targetOf, children, difference }: SidesHereProps<T>) {
  const here = (side: "a" | "b"): Here<T> | string => {
    const [facts, position] = [sides[side], at[side]];
    if (facts === null || position === null) return "This side has no such token.";
    const target = targetOf(facts, position);
    if (target === null) {
      return "No token follows here: select an earlier position, or ask about another token.";
    }
    return { facts, position, target };
  };
  return (
    <SidesView
      sides={sides}
      difference={() => {
        const [a, b] = [here("a"), here("b")];
        if (typeof a === "string" || typeof b === "string") {
          return <Nothing>There is nothing to compare.</Nothing>;
        }
        if (!sameTarget(a.target, b.target)) {
          return (
            <Nothing>
              The sides are asked about different tokens, {targetText(a.target)} and{" "}
              {targetText(b.target)}: choose one by “a token …” to compare them.
            </Nothing>
          );
        }
        return difference(a, b);
      }}
    >
      {(_, side) => {
        const found = here(side);
        if (typeof found === "string") return <Nothing>{found}</Nothing>;
        return (
          <>
            <TargetLine target={found.target} />
            {children(found)}
          </>
        );
      }}
    </SidesView>
  );
}
