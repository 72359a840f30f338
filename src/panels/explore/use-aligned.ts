/** The two sides' tokens, aligned, for differences by position. */
import { useMemo } from "react";
import { type AlignedPair, alignedDifference, alignTokens } from "../../charts/align.ts";
import type { Tokens } from "../../core/types.ts";
import type { Sides } from "../../state/figures-slice.ts";
import { tokenLabels } from "../../ui/token-text.ts";

export interface Aligned {
  pairs: readonly AlignedPair[];
  /** One a pair: the token, or "A → B" where one stands in another's place. */
  labels: readonly string[];
  /** b − a of numbers by row and position; NaN where one side has none. */
  difference: (a: Float32Array, b: Float32Array, rows: number) => Float32Array;
}

/** @param sides of whatever holds its tokens */
export function useAligned(sides: Sides<{ tokens: Tokens }>): Aligned {
  const a = sides.a.tokens;
  const b = sides.b?.tokens ?? a;
  return useMemo(() => {
    const pairs = alignTokens(a.ids, b.ids);
    const [namesA, namesB] = [a, b].map(({ strings }) =>
      tokenLabels(strings).map(({ text }) => text),
    );
    const labels = pairs.map((pair) => {
      const [before, after] = [
        pair.a === null ? "–" : namesA![pair.a]!,
        pair.b === null ? "–" : namesB![pair.b]!,
      ];
      return before === after ? before : `${before} → ${after}`;
    });
    const difference: Aligned["difference"] = (x, y, rows) => alignedDifference(x, y, pairs, rows);
    return { pairs, labels, difference };
  }, [a, b]);
}
