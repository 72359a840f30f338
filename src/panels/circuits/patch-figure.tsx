/** The heatmap of a sweep, and of its preview. */
import type { PatchFigureProps } from "./patch-view.ts";
import { useState } from "react";
import { Matrix } from "../../charts/matrix.tsx";
import { jointScale, type MatrixCell } from "../../charts/matrix-cells.ts";
import { type PatchCells, PATCH_FORMS } from "../../charts/patch-grid.ts";
import { ScaleBar } from "../../charts/scale-bar.tsx";
import { patchingPython } from "../../python/patching.ts";
import { useLab } from "../../state/context.ts";
import { useRunFacts } from "../../state/run-facts.ts";
import { writtenFormula } from "../../state/task-slice.ts";
import { asSentence } from "../../ui/advice.ts";
import { ErrorCard } from "../../ui/error-card.tsx";
import { Figure, Readout } from "../../ui/figure.tsx";
import { Segmented } from "../../ui/segmented.tsx";
import { PatchActions } from "./patch-actions.tsx";
import { PatchSettings } from "./patch-settings.tsx";
import { inCell, metricText, metricWords, UNIT, whatPatch } from "./words.ts";

export function PatchFigure(props: PatchFigureProps) {
  const { open, setup, options, run, preview, exact, guess, isShare, error, form, setForm } = props;
  const { question, grid, columns } = setup;
  const facts = useRunFacts();
  const isBusy = useLab((s) =>
    [s.patchRuns, s.previewRuns].some((runs) =>
      Object.values(runs).some(({ status }) => status === "running"),
    ),
  );
  const selectHead = useLab((s) => s.selectHead);
  const selectNeuron = useLab((s) => s.selectNeuron);
  const [cell, setCell] = useState<MatrixCell | null>(null);
  const { unit } = metricWords(options.metric, useLab(writtenFormula));
  const unitName = isShare ? "share" : `change${unit && `, ${unit}`}`;
  const indexOf = ({ row, column }: MatrixCell) => row * columns.length + column;
  const say = (at: MatrixCell) => {
    const index = indexOf(at);
    if (index >= grid.count) return "no neuron";
    const words = [valueWords("patched", exact, index), valueWords("preview", guess, index)].filter(
      (text) => text !== null,
    );
    return `${setup.name(index)}: ${words.length === 0 ? "not computed yet" : words.join("; ")}`;
  };
  const select = (at: MatrixCell) => {
    const index = indexOf(at);
    if (index >= grid.count) return;
    const { layer, head, neuron } = setup.target(index);
    if (head !== null) selectHead({ layer, head });
    if (neuron !== null) selectNeuron({ layer, neuron });
    // What runs is not cut off by it.
    if (guess && !exact?.stats[index] && !isBusy) props.exactOf([index]);
  };
  // One scale for both, so that equal colours are equal numbers.
  const scale = jointScale([exact, guess].flatMap((cells) => (cells ? [cells.scale] : [])));
  const matrix = (name: string, { means }: PatchCells) => (
    <Matrix
      values={means}
      rows={grid.rows}
      columns={columns}
      ramp="signed"
      scale={scale}
      name={name}
      cellWords={say}
      {...(columns.length <= 20 &&
        grid.rows.length <= 16 && {
          cellText: (at: MatrixCell) => {
            const value = means[indexOf(at)];
            return value === undefined || Number.isNaN(value) ? "" : inCell(value);
          },
          leastWidth: 2.4,
        })}
      cell={cell}
      onCell={setCell}
      onSelect={select}
    />
  );
  return (
    <Figure
      title={`${options.direction === "denoise" ? "Denoising" : "Noising"}: ${titleOf(UNIT[options.unit])}`}
      name={`patching-${options.unit}`}
      what={whatPatch(options.metric, options.direction, isShare)}
      python={() => patchingPython(facts(), question)}
      table={() => ({
        columns: ["cell", "n", unitName, "standard error", `preview: ${unitName}`],
        rows: Array.from({ length: grid.count }, (_, index) => [
          setup.name(index),
          exact?.stats[index]?.n ?? 0,
          exact?.stats[index]?.mean ?? null,
          exact?.stats[index]?.error ?? null,
          guess?.stats[index]?.mean ?? null,
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
                : "What the patch adds to the metric, in its own unit",
          }))}
          onChange={setForm}
        />
      }
    >
      <PatchSettings open={open} options={options} setup={setup} />
      {form === "share" && error && (
        <p role="status">
          Normalised, cannot say: {asSentence(error.message)} Shown is the change.
        </p>
      )}
      <PatchActions {...props} />
      <Readout>
        {cell
          ? say(cell)
          : exact || guess
            ? `Mean of ${question.pairs.length} ${question.pairs.length === 1 ? "pair" : "pairs"}. Point at a cell to read it.`
            : `${grid.count} cells for each of ${question.pairs.length} pairs.`}
      </Readout>
      {run?.error && <ErrorCard title="The sweep did not end" error={run.error} />}
      {preview?.error && <ErrorCard title="There is no preview" error={preview.error} />}
      {exact && (
        <div>
          {guess && <h3 className="small-title">Patched</h3>}
          {matrix("Patching, exact", exact)}
        </div>
      )}
      {guess && !preview?.error && (
        <div>
          <h3 className="small-title">
            Preview by {props.method === "gradient" ? "gradients" : "integrated gradients"}
          </h3>
          {matrix("Patching, preview", guess)}
        </div>
      )}
      {(exact ?? guess) && <ScaleBar ramp="signed" scale={scale} say={inCell} unit={unitName} />}
    </Figure>
  );
}

/** "heads' output (z)", "MLP output of a layer" */
const titleOf = (unit: string) =>
  unit.startsWith("MLP") ? unit : unit.charAt(0).toLowerCase() + unit.slice(1);

function valueWords(name: string, cells: PatchCells | null, index: number): string | null {
  const stat = cells?.stats[index];
  if (!stat) return null;
  const error = stat.error === null ? "" : ` ± ${metricText(stat.error)} (n = ${stat.n})`;
  return `${name} ${metricText(stat.mean)}${error}`;
}
