/** A probe's direction: what it writes, and what can be done with it. */
import { useEffect, useState } from "react";
import type { ProbeQuestion, ProbeResult, WrittenDirection } from "../../../core/probe.ts";
import { placeHook } from "../../../core/probe.ts";
import { type LabError, toLabError } from "../../../core/lab-error.ts";
import { directionPython } from "../../../python/probes.ts";
import { useLab } from "../../../state/context.ts";
import { useRunFacts } from "../../../state/run-facts.ts";
import { ErrorCard } from "../../../ui/error-card.tsx";
import { Figure } from "../../../ui/figure.tsx";
import { formatSigned } from "../../../ui/format.ts";
import { Progress } from "../../../ui/progress.tsx";
import { Segmented } from "../../../ui/segmented.tsx";
import { Token } from "../../../ui/token.tsx";
import { DirectionButtons } from "./direction-buttons.tsx";
import { dataName, placeName, WHAT_DIRECTION } from "./words.ts";

interface Props {
  result: ProbeResult;
  question: ProbeQuestion;
  classes: readonly string[];
  toward: string;
  setToward: (name: string) => void;
}

export function DirectionFigure({ result, question, classes, toward, setToward }: Props) {
  const { place, directions } = result;
  const direction = directions.find(({ to }) => to === toward) ?? directions[0]!;
  const written = useWritten(place, direction.unit);
  const facts = useRunFacts();
  return (
    <Figure
      title={`Direction towards ${direction.to}`}
      name="probe-direction"
      what={WHAT_DIRECTION}
      python={() => directionPython(facts(), question, result, direction, classes)}
      table={() => ({
        columns: ["index", `unit vector at ${placeHook(place)}`],
        rows: Array.from(direction.unit, (v, i) => [i, v]),
      })}
      controls={
        directions.length > 1 && directions.length <= 6 ? (
          <Segmented
            label="Towards"
            value={direction.to}
            choices={directions.map(({ to }) => ({ value: to, label: to }))}
            onChange={setToward}
          />
        ) : directions.length > 1 ? (
          <select
            className="input"
            aria-label="Towards"
            value={direction.to}
            onChange={(e) => setToward(e.target.value)}
          >
            {directions.map(({ to }) => (
              <option key={to}>{to}</option>
            ))}
          </select>
        ) : undefined
      }
    >
      <p>
        At <span className="mono">{placeHook(place)}</span>
        {place.head !== null && `, head ${place.head}`}: {direction.unit.length} numbers. One step
        is {direction.deviation.toPrecision(3)}, the deviation of the activations along it (mean{" "}
        {direction.mean.toPrecision(3).replace("-", "−")}); the probe’s score rises by{" "}
        {(direction.slope * direction.deviation).toPrecision(3)} for it.
      </p>
      {written === "asked" ? (
        <Progress label="Reading its tokens" share={null} />
      ) : "error" in written ? (
        <ErrorCard title="Its tokens cannot be told" error={written.error} />
      ) : (
        <>
          {written.found ? (
            <Tokens written={written.found} />
          ) : (
            <p className="quiet">
              What is read here goes on through attention or the activation function: it promotes no
              tokens by itself.
            </p>
          )}
          <DirectionButtons
            name={`${dataName(question)} → ${direction.to}, ${placeName(place)}`}
            {...{ place, direction, written: written.found }}
          />
        </>
      )}
    </Figure>
  );
}

type Written = { found: WrittenDirection | null } | { error: LabError } | "asked";

function useWritten(place: ProbeResult["place"], unit: Float32Array): Written {
  const ask = useLab((s) => s.probeWritten);
  const [state, setState] = useState<{ unit: Float32Array; written: Written } | null>(null);
  useEffect(() => {
    let current = true;
    const put = (written: Written) => current && setState({ unit, written });
    ask(place, unit).then(
      (found) => put({ found }),
      (e: unknown) => put({ error: toLabError(e) }),
    );
    return () => {
      current = false;
    };
  }, [ask, place, unit]);
  return state?.unit === unit ? state.written : "asked";
}

function Tokens({ written }: { written: WrittenDirection }) {
  return (
    <div className="two-histograms">
      <TokenList title="Raised" tokens={written.promoted} />
      <TokenList title="Lowered" tokens={written.suppressed} />
    </div>
  );
}

function TokenList({ title, tokens }: { title: string; tokens: WrittenDirection["promoted"] }) {
  return (
    <div>
      <h3 className="small-title">{title}</h3>
      <ul className="probe-tokens">
        {tokens.map(({ id, string, effect }) => (
          <li key={id}>
            <Token token={string} /> <span className="mono quiet">{formatSigned(effect)}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}
