/** The circuit against another: a published one, where the model is the one that it was found in, or one of the user's. */
import { useMemo } from "react";
import {
  agreementOf,
  compareCircuits,
  type Comparison,
  curveOf,
} from "../../../charts/circuit-comparison.ts";
import { RocChart } from "../../../charts/roc-chart.tsx";
import type { FoundCircuit } from "../../../core/found-circuit.ts";
import {
  hasKnownSizes,
  isGpt2Small,
  KNOWN,
  KNOWN_CIRCUITS,
  knownOf,
} from "../../../core/known-circuits.ts";
import { useText } from "../../../state/options-slice.ts";
import { Dropdown } from "../../../ui/dropdown.tsx";
import { Figure } from "../../../ui/figure.tsx";
import { shortNumber } from "./cut-controls.tsx";
import { WHAT_COMPARE } from "./words.ts";

export function CompareFigure({
  circuit,
  circuits,
}: {
  circuit: FoundCircuit;
  circuits: readonly FoundCircuit[];
}) {
  const others = circuits.filter(({ id }) => id !== circuit.id);
  const isKnown = hasKnownSizes(circuit) && isGpt2Small(circuit.model);
  const choices = [
    ...(isKnown ? KNOWN_CIRCUITS : []).map((id) => ({
      ...{ value: `known:${id}`, label: KNOWN[id].label, group: "Published" },
    })),
    ...others.map(({ id, name, savedAt }) => ({
      ...{
        value: id,
        label: `${name} · ${savedAt.slice(0, 16).replace("T", " ")}`,
        group: "Yours",
      },
    })),
  ];
  // The published circuit of its task, else one of the user's.
  const first = isKnown ? knownOf(circuit.task) : null;
  const fallback = first ? `known:${first}` : (others[0]?.id ?? choices[0]?.value ?? "");
  const [text, setAgainst] = useText("eap.against", fallback);
  const against = choices.some(({ value }) => value === text) ? text : fallback;
  const other = others.find(({ id }) => id === against);
  const known = KNOWN_CIRCUITS.find((id) => against === `known:${id}`);
  const comparisons = useMemo(
    () => compareCircuits(circuit, known ?? other ?? null),
    [circuit, known, other],
  );
  const why = isKnown
    ? null
    : hasKnownSizes(circuit)
      ? `This model, ${circuit.model}, has GPT-2 small’s sizes, but the published heads are those of OpenAI’s weights: they are not compared with.`
      : `The published circuits are of GPT-2 small (12 layers of 12 heads). This model, ${circuit.model}, has ${circuit.n_layer} of ${circuit.n_head}: its heads are others, and are not compared with them.`;
  return (
    <Figure
      title="Against another circuit"
      name="circuit-agreement"
      what={WHAT_COMPARE}
      python={{
        none: "Save both circuits as JSON: this figure compares their lists of nodes and edges.",
      }}
      table={() => ({
        columns: ["kind", "name", "in this circuit", "in the other", "largest τ that keeps it"],
        rows: comparisons.flatMap(({ what, names, found, truth, scores }) =>
          names.flatMap((name, i) => {
            const tau = scores?.[i] ?? -Infinity;
            return found[i] || truth[i] || tau > -Infinity
              ? [[what, name, found[i]!, truth[i]!, Number.isFinite(tau) ? tau : null]]
              : [];
          }),
        ),
      })}
      controls={
        choices.length > 0 ? (
          <Dropdown
            label="The other circuit"
            value={against}
            choices={choices}
            onChange={setAgainst}
          />
        ) : undefined
      }
    >
      {why && <p className="quiet">{why}</p>}
      {choices.length === 0 && (
        <p className="quiet">
          Search by another method, or open a circuit’s JSON, to compare with it.
        </p>
      )}
      {known && (
        <p className="quiet">
          {KNOWN[known].source}. {KNOWN[known].compared}
        </p>
      )}
      {comparisons.map((each) => (
        <ComparisonView key={each.what} {...each} threshold={circuit.threshold} />
      ))}
    </Figure>
  );
}

function ComparisonView({
  what,
  names,
  found,
  truth,
  scores,
  classes,
  threshold,
}: Comparison & { threshold: number }) {
  const { both, extra, missed, ...rates } = agreementOf(found, truth);
  const curve = useMemo(() => curveOf(scores, truth), [scores, truth]);
  const share = (value: number | null) => (value === null ? "cannot say" : value.toFixed(3));
  const missing = names.filter((_, i) => truth[i] && !found[i]);
  return (
    <section className="stack" aria-label={`Agreement of ${what}`}>
      <h3 className="small-title">{what[0]!.toUpperCase() + what.slice(1)}</h3>
      <dl className="agreement-numbers">
        {(
          [
            ["in both", String(both)],
            ["only here", String(extra)],
            ["only there", String(missed)],
            ["precision", share(rates.precision)],
            ["recall", share(rates.recall)],
            ["F1", share(rates.f1)],
            ...(typeof curve === "string" ? [] : [["AUC", curve.auc.toFixed(3)] as const]),
          ] as const
        ).map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {classes && <ClassTable classes={classes} />}
      {!classes && what !== "edges" && missing.length > 0 && (
        <p className="quiet">Only there: {missing.join(", ")}</p>
      )}
      {typeof curve === "string" ? (
        <p className="quiet">{curve}</p>
      ) : (
        <RocChart
          points={curve.points}
          name={`Rates of ${what} over τ`}
          threshold={threshold}
          format={shortNumber}
        />
      )}
    </section>
  );
}

function ClassTable({ classes }: { classes: NonNullable<Comparison["classes"]> }) {
  return (
    <table className="class-table">
      <thead>
        <tr>
          {["class", "found", "here", "not here"].map((name) => (
            <th key={name} scope="col">
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {classes.map(({ name, here, missed }) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td>
              {here.length} of {here.length + missed.length}
            </td>
            <td>{here.join(" ") || "–"}</td>
            <td>{missed.join(" ") || "–"}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
