/** The lens's numbers, a row for each cell. Pure. */
import type { LensFacts } from "../../../core/prediction.ts";
import type { Sides } from "../../../state/figures-slice.ts";
import type { Table } from "../../../ui/figure-numbers.ts";
import { tokensEach } from "./measures.ts";

/** Columns of tracked tokens are those of side a: both sides are asked for the same. */
export function lensTable(sides: Sides<LensFacts>): Table {
  const named = sides.a.tracked.map(({ string }) => string);
  return {
    columns: [
      ...["side", "state", "position", "token", "likeliest", "probability", "logit"],
      ...["entropy (bits)", "KL(final ‖ lens) (bits)", "rank of next", "probability of next"],
      ...named.flatMap((name) => [`rank of ${name}`, `probability of ${name}`, `logit of ${name}`]),
    ],
    rows: (["a", "b"] as const).flatMap((side) => {
      const facts = sides[side];
      return facts ? rowsOf(facts).map((row) => [side, ...row]) : [];
    }),
  };
}

/** A cell that is not computed yet has no row. */
function rowsOf(facts: LensFacts): (string | number | null)[][] {
  const k = tokensEach(facts);
  const T = facts.tokens.ids.length;
  const orNull = (value: number) => (Number.isNaN(value) ? null : value);
  return facts.states.flatMap((state, s) =>
    facts.tokens.strings.flatMap((token, t) => {
      const cell = s * T + t;
      const id = facts.topIds[cell * k]!;
      if (id < 0) return [];
      return [
        [
          ...[state, t, token, facts.strings[id]!, facts.topProbabilities[cell * k]!],
          ...[facts.topLogits[cell * k]!, facts.entropy[cell]!, facts.divergence[cell]!],
          ...[orNull(facts.next.rank[cell]!), orNull(facts.next.probability[cell]!)],
          ...facts.tracked.flatMap(({ rank, probability, logit }) => [
            ...[rank[cell]!, probability[cell]!, logit[cell]!],
          ]),
        ],
      ];
    }),
  );
}
