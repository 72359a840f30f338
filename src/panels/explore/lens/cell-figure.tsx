/** The likeliest tokens of the selected state at the selected position. */
import { comparePredictions } from "../../../charts/bars.ts";
import { CompareBars } from "../../../charts/compare-bars.tsx";
import type { LensFacts } from "../../../core/prediction.ts";
import type { Prediction } from "../../../core/types.ts";
import { sideNames } from "../../../state/compare-slice.ts";
import { useLab } from "../../../state/context.ts";
import type { Sides } from "../../../state/figures-slice.ts";
import { lensPython } from "../../../python/prediction.ts";
import { useRunFacts } from "../../../state/run-facts.ts";
import { Empty } from "../../../ui/empty.tsx";
import { Figure } from "../../../ui/figure.tsx";
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
  return (
    <Figure
      title={`Lens at ${sides.a.states[state]!}`}
      name="lens-cell"
      what={WHAT_CELL}
      python={() => lensPython(runFacts(), { mid: sides.a.states.includes("0_mid"), texts: [] })}
      table={() => ({
        columns: ["side", "state", "position", "rank", "id", "token", "logit", "probability"],
        rows: (["a", "b"] as const).flatMap((side) => {
          const top = of(side);
          const name = sides.a.states[state]!;
          return (top?.ids ?? []).map((id, i) => [
            ...[side, name, at[side], i + 1, id],
            ...[top!.strings[i]!, top!.logits[i]!, top!.probabilities[i]!],
          ]);
        }),
      })}
    >
      <SidesView
        sides={sides}
        difference={() => {
          const both = comparable(of("a"), of("b"));
          return both ? (
            <CompareBars
              comparison={comparePredictions(both.a, both.b, "change")}
              caption={`Lens: ${names.a} and ${names.b}`}
              names={names}
            />
          ) : (
            <Empty title="The two sides list no token in common" />
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

/** The tokens that both sides list: what a list leaves out is unknown here, not 0. */
function comparable(
  a: Prediction | null,
  b: Prediction | null,
): (Sides<Prediction> & { b: Prediction }) | null {
  const ids = a && b ? a.ids.filter((id) => b.ids.includes(id)) : [];
  if (!a || !b || ids.length === 0) return null;
  const of = (p: Prediction): Prediction => {
    const places = ids.map((id) => p.ids.indexOf(id));
    return {
      ids,
      strings: places.map((i) => p.strings[i]!),
      logits: places.map((i) => p.logits[i]!),
      probabilities: places.map((i) => p.probabilities[i]!),
    };
  };
  return { a: of(a), b: of(b) };
}
