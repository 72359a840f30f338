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
  /** Where side a's position stands in side b; null if b has no such token. */
  partner: (position: number | null) => number | null;
  /** Where side a's position stands among the pairs. */
  pairOf: (position: number | null) => number | null;
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
    const pairOf = (position: number | null) => {
      const at = position === null ? -1 : pairs.findIndex((pair) => pair.a === position);
      return at < 0 ? null : at;
    };
    const partner = (position: number | null) => pairs[pairOf(position) ?? -1]?.b ?? null;
    return { pairs, labels, difference, partner, pairOf };
  }, [a, b]);
}
