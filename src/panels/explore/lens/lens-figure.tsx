/** The logit lens: states by positions. */
import { useMemo } from "react";
import type { LensFacts } from "../../../core/prediction.ts";
import { useLab } from "../../../state/context.ts";
import type { Sides } from "../../../state/figures-slice.ts";
import { useChoice, useText } from "../../../state/options-slice.ts";
import { useTracked } from "../../../state/tracked-slice.ts";
import { useVocabulary } from "../../../state/vocabulary.ts";
import { lensPython } from "../../../python/prediction.ts";
import { useRunFacts } from "../../../state/run-facts.ts";
import { Checkbox, Select } from "../../../ui/field.tsx";
import { Figure } from "../../../ui/figure.tsx";
import { formatSigned } from "../../../ui/format.ts";
import { tokenText } from "../../../ui/token-text.ts";
import { BasisSwitch } from "../basis-switch.tsx";
import { SidesMatrix } from "../sides-matrix.tsx";
import { TrackTokens } from "../track-tokens.tsx";
import {
  isOfToken,
  lensScale,
  lensText,
  lensValues,
  MEASURE_NAMES,
  MEASURES,
  sayLens,
} from "./measures.ts";
import { lensTable } from "./table.ts";
import { WHAT_LENS } from "./what.ts";

export interface LensFigureProps {
  sides: Sides<LensFacts>;
  state: number;
  onState: (state: number) => void;
  mid: boolean;
  onMid: (mid: boolean) => void;
}

export function LensFigure({ sides, state, onState, mid, onMid }: LensFigureProps) {
  const [measure, setMeasure] = useChoice("lens.show", MEASURES);
  const [text, setText] = useText("lens.token", "");
  const { tracked } = useTracked();
  const vocabulary = useVocabulary();
  const runFacts = useRunFacts();
  const basis = useLab((s) => s.basis);
  // The text's own next token while none of the tracked ones is chosen.
  const token = tracked.find((each) => each.text === text)?.id ?? null;
  const values = useMemo(
    () => ({
      a: lensValues(sides.a, measure, token),
      b: sides.b && lensValues(sides.b, measure, token),
    }),
    [sides, measure, token],
  );
  const cellOf = ({ tokens }: LensFacts, row: number, at: number) => row * tokens.ids.length + at;
  const ofToken = isOfToken(measure);
  return (
    <Figure
      title="Logit lens"
      name="logit-lens"
      what={WHAT_LENS}
      table={() => lensTable(sides)}
      python={() =>
        lensPython(runFacts(), { mid, texts: sides.a.tracked.map(({ string }) => string) })
      }
      controls={
        <div className="lens-controls">
          <Select
            label="Show"
            value={measure}
            options={MEASURES.map((value) => ({ value, label: MEASURE_NAMES[value] }))}
            onChange={setMeasure}
          />
          {ofToken && (
            <Select
              label="of"
              value={token === null ? "" : text}
              options={[
                { value: "", label: "the text’s next token" },
                ...tracked.flatMap((each) =>
                  each.id === null ? [] : [{ value: each.text, label: tokenText(each.text) }],
                ),
              ]}
              onChange={setText}
            />
          )}
          <Checkbox
            label="After attention"
            title="Shows the states between attention and MLP too; without them the lens takes half as long"
            checked={mid}
            onChange={onMid}
          />
        </div>
      }
    >
      {ofToken && <TrackTokens />}
      {measure === "logit" && (
        <div className="row">
          <BasisSwitch />
          <p className="quiet">
            {basis === "raw"
              ? "Each cell has a constant of its own, which changes no probability."
              : "The mean over the vocabulary is taken off in each cell."}
          </p>
        </div>
      )}
      <SidesMatrix
        name={`Logit lens, ${MEASURE_NAMES[measure]}`}
        sides={sides}
        rows={sides.a.states}
        values={values}
        ramp="feature"
        scale={lensScale(measure, values, vocabulary)}
        say={(facts, row, at) => sayLens(facts, measure, token, cellOf(facts, row, at))}
        sayDifference={
          measure === "rank"
            ? null
            : (d) =>
                formatSigned(measure === "top" || measure === "probability" ? 100 * d : d) +
                unitOf(measure)
        }
        text={(facts, row, at) => lensText(facts, measure, token, cellOf(facts, row, at))}
        leastWidth={measure === "top" ? 3.5 : 2.6}
        selectedRow={state}
        onRow={onState}
        hint="Point at a cell to read it; click to list its likeliest tokens."
      />
    </Figure>
  );
}

const unitOf = (measure: (typeof MEASURES)[number]): string =>
  measure === "entropy" || measure === "kl" ? " bits" : measure === "logit" ? "" : " points";
