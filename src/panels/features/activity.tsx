/** The features that are active on the prompt, as rows, over its tokens; ranked by tokens that are marked, if any are. */
import { useMemo, useState } from "react";
import { Matrix } from "../../charts/matrix.tsx";
import { type MatrixCell, sequentialScale } from "../../charts/matrix-cells.ts";
import type { FeatureTable } from "../../core/sae.ts";
import { activityPython } from "../../python/sae.ts";
import { useLab } from "../../state/context.ts";
import { featureWords, useNotes } from "../../state/feature-notes.ts";
import {
  ACTIVITY_DENSITIES,
  ACTIVITY_SORTS,
  type ActivitySort,
  densityOf,
  featureActivity,
  readMarks,
} from "../../state/feature-activity.ts";
import { useChoice, useText } from "../../state/options-slice.ts";
import { shownPosition } from "../../state/prompt-slice.ts";
import { saeFacts, useRunFacts } from "../../state/run-facts.ts";
import { selectedSae } from "../../state/sae-on-bench.ts";
import { Button } from "../../ui/button.tsx";
import { Checkbox } from "../../ui/field.tsx";
import { Figure, Readout, type What } from "../../ui/figure.tsx";
import { formatPercent } from "../../ui/format.ts";
import { tokenLabels } from "../../ui/token-text.ts";
import { Token } from "../../ui/token.tsx";

const WHAT: What = {
  basis: "raw",
  words:
    "Rows are features that are active on the prompt, columns its tokens; the darker (brighter in the dark theme) the more " +
    "active. Mark tokens to see what is active on them: features are then ranked by their activations there, added up. Click " +
    "a cell to open its feature.",
  formula: "f = act(W_enc · x + b_enc), x at the autoencoder’s hook point",
  source:
    "Neuronpedia’s search by inference and top features by token; density over the measured corpus",
};
const SORT_WORDS: Record<ActivitySort, string> = {
  strongest: "strongest activation",
  sum: "sum over tokens",
  tokens: "most tokens",
  first: "first token",
  rarest: "rarest in the corpus",
};
/** Of features, at first and with every “more”. */
const ROWS = 30;

/** @param table without rows where the autoencoder was not measured: then no density is known */
export function Activity({ table }: { table: FeatureTable }) {
  const view = useLab((s) => s.shownView);
  const position = useLab(shownPosition);
  const selectPosition = useLab((s) => s.selectPosition);
  const feature = useLab((s) => s.feature);
  const notes = useNotes(table.saeId);
  const selectFeature = useLab((s) => s.selectFeature);
  const sae = useLab(selectedSae);
  const runFacts = useRunFacts();
  const [sort, setSort] = useChoice("activity.sort", ACTIVITY_SORTS);
  const [dense, setDense] = useChoice("activity.dense", ACTIVITY_DENSITIES);
  const [first, setFirst] = useChoice("activity.first", ["skip", "show"]);
  const [marks, setMarks] = useText("activity.marks", "");
  const [cell, setCell] = useState<MatrixCell | null>(null);
  const [count, setCount] = useState(ROWS);
  const features = view?.features?.saeId === table.saeId ? view.features : null;
  const strings = view?.tokens.strings;
  const labels = useMemo(() => tokenLabels(strings ?? []), [strings]);
  const marked = useMemo(() => readMarks(marks, labels.length), [marks, labels]);
  const activity = useMemo(
    () =>
      features &&
      featureActivity(features, densityOf(table.rows), {
        ...{ sort, marked, count },
        ...{ mostDensity: Number(dense), skipFirst: first === "skip" },
      }),
    [features, table, sort, dense, first, marked, count],
  );
  if (!activity) return null;
  const T = labels.length;
  const density = densityOf(table.rows);
  const measured = table.rows.length > 0;
  const words = ({ row, column }: MatrixCell) => {
    const value = activity.values[row * T + column]!;
    const of = activity.features[row]!;
    const said = Number.isNaN(value) ? "not active" : value.toPrecision(3);
    const often = measured ? `; active on ${formatPercent(density(of))} of the corpus` : "";
    return `feature ${featureWords(notes, of)} on ${labels[column]!.name}: ${said}${often}`;
  };
  const toggle = (t: number) =>
    setMarks((marked.includes(t) ? marked.filter((m) => m !== t) : [...marked, t]).join());
  const inside = cell && cell.row < activity.features.length && cell.column < T ? cell : null;
  return (
    <Figure
      title="Activity on the prompt"
      name="feature-activity"
      what={WHAT}
      table={() => ({
        columns: ["feature", "density", ...labels.map(({ name }, t) => `${t} ${name}`)],
        rows: activity.features.map((id, row) => [
          id,
          measured ? density(id) : null,
          ...Array.from({ length: T }, (_, t) => {
            const value = activity.values[row * T + t]!;
            return Number.isNaN(value) ? 0 : value;
          }),
        ]),
      })}
      python={
        sae
          ? () => activityPython(runFacts(), saeFacts(sae), activity.features)
          : { none: "the autoencoder is no longer on the shelf." }
      }
      controls={
        <div className="row">
          <label className="row">
            <span className="quiet">by</span>
            <select
              className="input"
              value={sort}
              disabled={marked.length > 0}
              title={marked.length > 0 ? "Ranked by the tokens that are marked" : undefined}
              onChange={(e) => setSort(e.target.value as ActivitySort)}
            >
              {ACTIVITY_SORTS.filter((value) => measured || value !== "rarest").map((value) => (
                <option key={value} value={value}>
                  {SORT_WORDS[value]}
                </option>
              ))}
            </select>
          </label>
          {measured && (
            <label className="row">
              <span className="quiet">density</span>
              <select
                className="input"
                title="Leaves out features that are active on more than this share of the corpus"
                value={dense}
                onChange={(e) => setDense(e.target.value as (typeof ACTIVITY_DENSITIES)[number])}
              >
                {ACTIVITY_DENSITIES.map((share) => (
                  <option key={share} value={share}>
                    {share === "1" ? "any" : `at most ${formatPercent(Number(share))}`}
                  </option>
                ))}
              </select>
            </label>
          )}
          <Checkbox
            label="first token"
            title="The first token’s activations are unlike all others"
            checked={first === "show"}
            onChange={(show) => setFirst(show ? "show" : "skip")}
          />
        </div>
      }
    >
      <div className="marks" role="group" aria-label="Tokens to rank by">
        {labels.map((label, t) => (
          <button
            key={t}
            type="button"
            className="rank-token"
            aria-pressed={marked.includes(t)}
            aria-label={`Rank by ${label.name}, position ${t}`}
            onClick={() => toggle(t)}
          >
            <Token token={label} />
          </button>
        ))}
        {marked.length > 0 && (
          <Button kind="quiet" className="inline" onClick={() => setMarks("")}>
            Clear the marks
          </Button>
        )}
      </div>
      <Readout>
        {inside
          ? words(inside)
          : activity.total > activity.features.length
            ? `${activity.features.length} of ${activity.total} features`
            : `${activity.total} features`}
      </Readout>
      {activity.total === 0 ? (
        <p className="quiet">
          {marked.length > 0
            ? "No feature that is shown is active there."
            : "No feature is active."}
        </p>
      ) : (
        <Matrix
          values={activity.values}
          rows={activity.features.map((id) => featureWords(notes, id))}
          columns={labels.map(({ text }) => text)}
          ramp="feature"
          scale={sequentialScale(activity.values)}
          name="Features on the prompt’s tokens"
          cellWords={words}
          cell={inside}
          onCell={setCell}
          onSelect={({ row, column }) => {
            selectPosition(column);
            void selectFeature(activity.features[row]!);
          }}
          selectedRow={feature === null ? null : atOrNull(activity.features.indexOf(feature))}
          selectedColumn={position}
        />
      )}
      {activity.total > activity.features.length && (
        <div>
          <Button kind="quiet" onClick={() => setCount(count + ROWS)}>
            Show {Math.min(ROWS, activity.total - activity.features.length)} more
          </Button>
        </div>
      )}
    </Figure>
  );
}

const atOrNull = (index: number): number | null => (index < 0 ? null : index);
