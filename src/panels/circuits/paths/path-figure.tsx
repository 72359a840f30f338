/** The heatmap of one level: every sender into its receivers. */
import { useState } from "react";
import { Matrix } from "../../../charts/matrix.tsx";
import type { MatrixCell } from "../../../charts/matrix-cells.ts";
import { ScaleBar } from "../../../charts/scale-bar.tsx";
import { type PatchCells, PATCH_FORMS, type PatchForm } from "../../../charts/patch-grid.ts";
import type { LabError } from "../../../core/lab-error.ts";
import { DIRECTIONS } from "../../../core/patching.ts";
import { PATH_MLPS } from "../../../core/paths.ts";
import { pathPython } from "../../../python/paths.ts";
import { useLab } from "../../../state/context.ts";
import type { PatchRun } from "../../../state/patch-slice.ts";
import { useRunFacts } from "../../../state/run-facts.ts";
import { writtenFormula } from "../../../state/task-slice.ts";
import { asSentence } from "../../../ui/advice.ts";
import { Button } from "../../../ui/button.tsx";
import { ErrorCard } from "../../../ui/error-card.tsx";
import { Figure, Readout } from "../../../ui/figure.tsx";
import { Segmented } from "../../../ui/segmented.tsx";
import { BY, COLUMNS } from "../use-patch-question.ts";
import { DIRECTION, inCell, metricText, metricWords } from "../words.ts";
import { RunLine } from "../run-line.tsx";
import { type PathOptions, type PathSetup, receiverLabel } from "./use-path-question.ts";
import { MLPS, whatPaths } from "./words.ts";

interface Props {
  setup: PathSetup;
  options: PathOptions;
  run: PatchRun | null;
  cells: PatchCells | null;
  form: PatchForm;
  setForm: (form: PatchForm) => void;
  isShare: boolean;
  error: LabError | null;
  chosen: readonly number[];
  onChoose: (cell: number) => void;
  onRun: () => void;
}

export function PathFigure(props: Props) {
  const { setup, options, run, cells, isShare, error, form, setForm, chosen, onRun } = props;
  const { question, columns, rows } = setup;
  const facts = useRunFacts();
  const selectHead = useLab((s) => s.selectHead);
  const [cell, setCell] = useState<MatrixCell | null>(null);
  const unit = metricWords(options.metric, useLab(writtenFormula)).unit;
  const unitName = isShare ? "share" : `change${unit && `, ${unit}`}`;
  const isOpen = new Set(setup.open);
  const indexOf = ({ row, column }: MatrixCell) => row * columns.length + column;
  const say = (at: MatrixCell) => {
    const index = indexOf(at);
    const name = setup.name(index);
    if (!isOpen.has(index)) return `${name}: no way from it to the receivers`;
    const stat = cells?.stats[index];
    if (!stat) return `${name}: not computed yet`;
    const spread = stat.error === null ? "" : ` ± ${metricText(stat.error)} (n = ${stat.n})`;
    return `${name}: ${metricText(stat.mean)}${spread}${chosen.includes(index) ? ", chosen" : ""}`;
  };
  const into = question.receivers.map(receiverLabel);
  return (
    <Figure
      title={`Paths into ${into.length > 3 ? `${into.length} receivers` : into.join(", ")}`}
      name={`paths-level-${options.level}`}
      what={whatPaths(options.metric, options.direction, options.mlps, isShare)}
      python={() => pathPython(facts(), question)}
      table={() => ({
        columns: ["sender", "receivers", "n", unitName, "standard error"],
        rows: setup.open.map((index) => [
          setup.name(index),
          question.receivers.join(" "),
          cells?.stats[index]?.n ?? 0,
          cells?.stats[index]?.mean ?? null,
          cells?.stats[index]?.error ?? null,
        ]),
      })}
      controls={
        <Segmented
          label="Scale"
          value={form}
          choices={PATCH_FORMS.map((value) => ({
            value,
            label: value === "share" ? "0 – 1" : "change",
            title:
              value === "share"
                ? "Normalised: 0 as corrupted, 1 as clean"
                : "What the path adds to the metric, in its own unit",
          }))}
          onChange={setForm}
        />
      }
    >
      <div className="patch-settings">
        <Segmented
          label="Direction"
          value={options.direction}
          choices={DIRECTIONS.map((value) => ({ value, ...DIRECTION[value] }))}
          onChange={options.setDirection}
        />
        <Segmented
          label="MLPs between"
          value={options.mlps}
          choices={PATH_MLPS.map((value) => ({ value, ...MLPS[value] }))}
          onChange={options.setMlps}
        />
        <Segmented
          label="Positions of the sender"
          value={options.by}
          choices={BY.map((value) => ({
            value,
            label: value === "all" ? "all positions" : "by position",
          }))}
          onChange={options.setBy}
        />
        {options.by === "place" && setup.aligned && (
          <Segmented
            label="Columns"
            value={options.columns}
            choices={COLUMNS.map((value) => ({ value, label: `${value}s` }))}
            onChange={options.setColumns}
          />
        )}
      </div>
      {form === "share" && error && (
        <p role="status">
          Normalised, cannot say: {asSentence(error.message)} Shown is the change.
        </p>
      )}
      {setup.open.length === 0 ? (
        <p role="status">
          Nothing but the embeddings comes before these receivers: this is where the paths begin.
        </p>
      ) : (
        <RunLine run={run} label="Patching paths">
          <Button kind="primary" icon="play" onClick={onRun}>
            Patch {setup.open.length.toLocaleString("en-US")} paths
          </Button>
        </RunLine>
      )}
      <Readout>
        {cell
          ? say(cell)
          : cells
            ? `Mean of ${question.pairs.length} ${question.pairs.length === 1 ? "pair" : "pairs"}. Point at a cell to read it; click to choose it.`
            : `${setup.open.length} senders for each of ${question.pairs.length} pairs.`}
      </Readout>
      {run?.error && <ErrorCard title="The sweep did not end" error={run.error} />}
      {cells && (
        <Matrix
          values={cells.means}
          rows={rows}
          columns={columns}
          ramp="signed"
          scale={cells.scale}
          name="Paths by sender"
          cellWords={say}
          {...(columns.length <= 20 &&
            rows.length <= 16 && {
              cellText: (at: MatrixCell) => {
                const value = cells.means[indexOf(at)];
                return value === undefined || Number.isNaN(value) ? "" : inCell(value);
              },
              leastWidth: 2.4,
            })}
          chosen={chosen.map((index) => ({
            row: Math.floor(index / columns.length),
            column: index % columns.length,
          }))}
          cell={cell}
          onCell={setCell}
          onSelect={(at) => {
            const index = indexOf(at);
            const { layer, head } = setup.sender(index);
            if (head !== null) selectHead({ layer, head });
            if (isOpen.has(index)) props.onChoose(index);
          }}
        />
      )}
      {cells && <ScaleBar ramp="signed" scale={cells.scale} say={inCell} unit={unitName} />}
    </Figure>
  );
}
