/** The k likeliest next tokens at the selected position, at a temperature; of two sides the change too. */
import { comparePredictions } from "../../../charts/bars.ts";
import { CompareBars } from "../../../charts/compare-bars.tsx";
import type { PredictionFacts, TrackedFacts } from "../../../core/prediction.ts";
import type { Prediction } from "../../../core/types.ts";
import { sideNames } from "../../../state/compare-slice.ts";
import { useLab } from "../../../state/context.ts";
import type { Sides } from "../../../state/figures-slice.ts";
import { nextTokenPython } from "../../../python/next-token.ts";
import { useRunFacts } from "../../../state/run-facts.ts";
import { Empty } from "../../../ui/empty.tsx";
import { Field, Slider } from "../../../ui/field.tsx";
import { Figure } from "../../../ui/figure.tsx";
import { NumberInput } from "../../../ui/number-input.tsx";
import { chancesAt, eitherLists, LISTED_COLUMNS, listedRows } from "../listed.ts";
import { NextTokens } from "../next-tokens.tsx";
import { SidesView } from "../sides.tsx";
import { WHAT_NEXT } from "./what.ts";

export interface NextSettings {
  k: number;
  setK: (k: number) => void;
  temperature: number;
  setTemperature: (temperature: number) => void;
}
export interface NextFigureProps extends NextSettings {
  sides: Sides<PredictionFacts>;
  /** The selected position of each side; null where it has no such token. */
  at: Sides<number | null>;
  /** Chances of all tokens listed on either side, for the change; null while they are computed. */
  chances: Sides<TrackedFacts> | null;
}

export const MOST_TOKENS = 50;

export function NextFigure(props: NextFigureProps) {
  const { sides, at, chances, k, setK, temperature, setTemperature } = props;
  const runFacts = useRunFacts();
  const names = sideNames({ otherText: useLab((s) => s.otherText) });
  return (
    <Figure
      title="Next token"
      name="next-token"
      what={WHAT_NEXT}
      table={() => nextTable(sides, at)}
      python={() => nextTokenPython(runFacts(), at, k, temperature)}
    >
      <div className="next-settings">
        <Field label="Tokens">
          {({ id }) => (
            <NumberInput
              id={id}
              label="How many tokens"
              value={k}
              onChange={setK}
              min={1}
              max={MOST_TOKENS}
              whole
            />
          )}
        </Field>
        <Slider
          label="Temperature τ"
          value={temperature}
          onChange={setTemperature}
          min={0.1}
          max={3}
          step={0.1}
          format={(value) => value.toFixed(1)}
        />
      </div>
      <SidesView
        sides={sides}
        difference={() => {
          const both = comparable(sides, at, chances);
          return both ? (
            <CompareBars
              comparison={comparePredictions(both.a, both.b, "change")}
              caption={`Next token: ${names.a} and ${names.b}`}
              names={names}
            />
          ) : (
            <Empty title={at.b === null ? "No such token on the other side" : "Computing …"} />
          );
        }}
      >
        {(facts, side) => {
          const position = at[side];
          return position === null || !facts.top[position] ? (
            <Empty title="No such token on this side" />
          ) : (
            <NextTokens
              {...{ side, position }}
              tokens={facts.tokens}
              prediction={facts.top[position]}
              logits
            />
          );
        }}
      </SidesView>
    </Figure>
  );
}

/** Both distributions over the tokens of either list; null while a token's chances are not there for both. */
function comparable(
  { a, b }: Sides<PredictionFacts>,
  at: Sides<number | null>,
  chances: Sides<TrackedFacts> | null,
): (Sides<Prediction> & { b: Prediction }) | null {
  if (!b || at.a === null || at.b === null || !chances?.b) return null;
  if (chances.a.temperature !== a.temperature) return null;
  const ids = eitherLists(a.top[at.a], b.top[at.b]);
  const before = chancesAt(chances.a.tracked, ids, at.a);
  const after = chancesAt(chances.b.tracked, ids, at.b);
  return before && after && { a: before, b: after };
}

const nextTable = (sides: Sides<PredictionFacts>, at: Sides<number | null>) => ({
  columns: ["side", "position", ...LISTED_COLUMNS, "temperature"],
  rows: (["a", "b"] as const).flatMap((side) => {
    const position = at[side];
    const facts = sides[side];
    const top = position === null ? undefined : facts?.top[position];
    if (!facts || !top) return [];
    return listedRows(top).map((row) => [side, position, ...row, facts.temperature]);
  }),
});
