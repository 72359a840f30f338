/** The likeliest tokens of the selected state at the selected position. */
import { comparePredictions } from "../../../charts/bars.ts";
import { CompareBars } from "../../../charts/compare-bars.tsx";
import type { LensFacts, LensTokens } from "../../../core/prediction.ts";
import type { Prediction } from "../../../core/types.ts";
import { sideNames } from "../../../state/compare-slice.ts";
import { useLab } from "../../../state/context.ts";
import { type Asked, type Sides, useFigure } from "../../../state/figures-slice.ts";
import { lensPython } from "../../../python/prediction.ts";
import { useRunFacts } from "../../../state/run-facts.ts";
import { Empty } from "../../../ui/empty.tsx";
import { Figure } from "../../../ui/figure.tsx";
import { chancesAt, eitherLists, LISTED_COLUMNS, listedRows } from "../listed.ts";
import { NextTokens } from "../next-tokens.tsx";
import { SidesView } from "../sides.tsx";
import { tokensEach } from "./measures.ts";
import { WHAT_CELL } from "./what.ts";

export interface CellFigureProps {
  sides: Sides<LensFacts>;
  state: number;
  /** The selected position of each side; null where it has no such token. */
  at: Sides<number | null>;
}

export function CellFigure({ sides, state, at }: CellFigureProps) {
  const runFacts = useRunFacts();
  const names = sideNames({ otherText: useLab((s) => s.otherText) });
  const of = (side: "a" | "b") => {
    const facts = sides[side];
    const position = at[side];
    return facts && position !== null ? cellPrediction(facts, state, position) : null;
  };
  // For the change every token listed on either side needs its chances on both.
  const wanted = sides.b ? eitherLists(of("a"), of("b")) : [];
  const positions = [...new Set([at.a, at.b])].filter((position) => position !== null);
  const chances = useFigure(
    "lensTokens",
    wanted.length > 0 ? { state: sides.a.states[state]!, at: positions, track: wanted } : null,
  );
  return (
    <Figure
      title={`Lens at ${sides.a.states[state]!}`}
      name="lens-cell"
      what={WHAT_CELL}
      python={() => lensPython(runFacts(), { mid: sides.a.states.includes("0_mid"), texts: [] })}
      table={() => ({
        columns: ["side", "state", "position", ...LISTED_COLUMNS],
        rows: (["a", "b"] as const).flatMap((side) => {
          const top = of(side);
          const name = sides.a.states[state]!;
          return top ? listedRows(top).map((row) => [side, name, at[side], ...row]) : [];
        }),
      })}
    >
      <SidesView
        sides={sides}
        difference={() => {
          const both = comparable(chances, { state: sides.a.states[state]!, at, ids: wanted });
          return both ? (
            <CompareBars
              comparison={comparePredictions(both.a, both.b, "change")}
              caption={`Lens: ${names.a} and ${names.b}`}
              names={names}
            />
          ) : (
            <Empty
              title={
                at.b === null
                  ? "No such token on the other side"
                  : chances.error
                    ? `They could not be compared: ${chances.error.message}`
                    : "Computing …"
              }
            />
          );
        }}
      >
        {(facts, side) => {
          const prediction = of(side);
          return prediction ? (
            <NextTokens
              {...{ side, prediction }}
              tokens={facts.tokens}
              position={at[side]!}
              logits
            />
          ) : (
            <Empty title={at[side] === null ? "No such token on this side" : "Computing …"} />
          );
        }}
      </SidesView>
    </Figure>
  );
}

/** null while the cell is not computed */
function cellPrediction(facts: LensFacts, state: number, position: number): Prediction | null {
  const k = tokensEach(facts);
  const from = (state * facts.tokens.ids.length + position) * k;
  const part = (values: Int32Array | Float32Array) => Array.from(values.subarray(from, from + k));
  const ids = part(facts.topIds);
  if (ids[0] === undefined || ids[0] < 0) return null;
  return {
    ids,
    strings: ids.map((id) => facts.strings[id]!),
    logits: part(facts.topLogits),
    probabilities: part(facts.topProbabilities),
  };
}

/** Both sides' chances of the tokens of either list; null until all of them are there. */
function comparable(
  { shown }: Asked<Sides<LensTokens>, unknown>,
  { state, at, ids }: { state: string; at: Sides<number | null>; ids: readonly number[] },
): (Sides<Prediction> & { b: Prediction }) | null {
  const of = (facts: LensTokens | null | undefined, position: number | null) => {
    if (position === null || facts?.state !== state) return null;
    return chancesAt(facts.tracked, ids, facts.at.indexOf(position));
  };
  const [a, b] = [of(shown?.a, at.a), of(shown?.b, at.b)];
  return a && b && { a, b };
}
