/** The tracked tokens' chances at every position. */
import { useMemo } from "react";
import type { TrackedFacts } from "../../../core/prediction.ts";
import type { Sides } from "../../../state/figures-slice.ts";
import { useChoice } from "../../../state/options-slice.ts";
import { useVocabulary } from "../../../state/vocabulary.ts";
import { trackedPython } from "../../../python/prediction.ts";
import { useRunFacts } from "../../../state/run-facts.ts";
import { Empty } from "../../../ui/empty.tsx";
import { Figure } from "../../../ui/figure.tsx";
import { formatSigned } from "../../../ui/format.ts";
import { Segmented } from "../../../ui/segmented.tsx";
import { tokenLabels } from "../../../ui/token-text.ts";
import { CHANCES, chanceScale, chanceText, chanceValues, sayChance } from "../chances.ts";
import { SidesMatrix } from "../sides-matrix.tsx";
import { TrackTokens } from "../track-tokens.tsx";
import { WHAT_TRACKED } from "./what.ts";

export interface TrackedFigureProps {
  /** null while no token is tracked, or the first answer is computed */
  sides: Sides<TrackedFacts> | null;
  /** Those that are tracked: the answer may hold more. */
  ids: readonly number[];
}

export function TrackedFigure({ sides, ids }: TrackedFigureProps) {
  const vocabulary = useVocabulary();
  const runFacts = useRunFacts();
  const [show, setShow] = useChoice("track.show", CHANCES);
  const own = useMemo(() => sides && onlyOf(sides, ids), [sides, ids]);
  const values = useMemo(() => own && valuesOf(own, show), [own, show]);
  return (
    <Figure
      title="Tracked tokens"
      name="tracked-tokens"
      what={WHAT_TRACKED}
      table={() => trackedTable(own)}
      python={
        own && own.a.tracked.length > 0
          ? () =>
              trackedPython(runFacts(), {
                texts: own.a.tracked.map(({ string }) => string),
                temperature: own.a.temperature,
              })
          : { none: "no token is tracked." }
      }
      controls={
        <Segmented
          label="Show"
          value={show}
          choices={CHANCES.map((value) => ({ value, label: value }))}
          onChange={setShow}
        />
      }
    >
      <TrackTokens />
      {ids.length === 0 && <Empty title="No token is tracked" />}
      {own && values && own.a.tracked.length > 0 && (
        <SidesMatrix
          name={`${show} of the tracked tokens`}
          sides={own}
          rows={tokenLabels(own.a.tracked.map(({ string }) => string)).map(({ text }) => text)}
          values={values}
          ramp="feature"
          scale={chanceScale(show, values, vocabulary)}
          say={({ tracked }, row, at) => sayChance(tracked[row]!, at)}
          leastWidth={2.9}
          sayDifference={show === "logit" ? formatSigned : null}
          text={({ tracked }, row, at) => chanceText(show, tracked[row]!, at)}
          hint="Point at a cell to read it; click to select its position."
        />
      )}
    </Figure>
  );
}

/** Rows in the order of the ids; none whose answer is not there yet on both sides. */
function onlyOf({ a, b }: Sides<TrackedFacts>, ids: readonly number[]): Sides<TrackedFacts> {
  const has = (facts: TrackedFacts | null, id: number) =>
    !facts || facts.tracked.some((token) => token.id === id);
  const known = ids.filter((id) => has(a, id) && has(b, id));
  const of = (facts: TrackedFacts): TrackedFacts => ({
    ...facts,
    tracked: known.flatMap((id) => facts.tracked.find((token) => token.id === id) ?? []),
  });
  return { a: of(a), b: b && of(b) };
}

function valuesOf(sides: Sides<TrackedFacts>, show: (typeof CHANCES)[number]) {
  const of = ({ tracked, tokens }: TrackedFacts) => {
    const T = tokens.ids.length;
    const all = new Float32Array(tracked.length * T);
    tracked.forEach((token, i) => all.set(chanceValues(show, token), i * T));
    return all;
  };
  return { a: of(sides.a), b: sides.b && of(sides.b) };
}

const trackedTable = (sides: Sides<TrackedFacts> | null) => ({
  columns: [
    "side",
    "tracked",
    "id",
    "position",
    "after",
    "logit",
    "temperature",
    "probability",
    "rank",
  ],
  rows: (["a", "b"] as const).flatMap((side) => {
    const facts = sides?.[side];
    if (!facts) return [];
    const { tracked, tokens, temperature } = facts;
    return tracked.flatMap(({ id, string, logit, probability, rank }) =>
      tokens.strings.map((after, t) => [
        ...[side, string, id, t, after, logit[t]!, temperature, probability[t]!, rank[t]!],
      ]),
    );
  }),
});
