/** The preview of each cell beside its exact value. */
import { useState } from "react";
import { agreement, type PatchCells } from "../../charts/patch-grid.ts";
import { ScatterPlot } from "../../charts/scatter-plot.tsx";
import type { AttributionMethod } from "../../core/patching.ts";
import { Figure } from "../../ui/figure.tsx";
import type { PatchOptions, PatchSetup } from "./use-patch-question.ts";
import { WHAT_AGREEMENT } from "./words.ts";

interface Props {
  setup: PatchSetup;
  options: PatchOptions;
  rest: number;
  isShare: boolean;
  exact: PatchCells;
  guess: PatchCells;
  method: AttributionMethod;
}
const DRAWN = 150; // points at most: each is a stop for the keyboard

export function AgreementFigure({ setup, options, rest, isShare, exact, guess, method }: Props) {
  const [selected, setSelected] = useState<string | null>(null);
  const { points, correlation } = agreement(guess, exact, rest);
  if (points.length === 0) return null;
  const drawn = points.slice(0, DRAWN);
  const unit = isShare ? "share" : "change";
  return (
    <Figure
      title="Preview against patching"
      name={`preview-${options.unit}`}
      what={WHAT_AGREEMENT}
      python={{
        none: "TransformerLens has no attribution patching; the figure above has the Python of the exact values.",
      }}
      table={() => ({
        columns: ["cell", `preview by ${method} (${unit})`, `patched (${unit})`],
        rows: points.map(({ cell, preview, exact: value }) => [setup.name(cell), preview, value]),
      })}
    >
      <p className="quiet">
        {points.length.toLocaleString("en-US")} cells
        {drawn.length < points.length && `, the ${DRAWN} strongest of the preview drawn`}
        {correlation === null
          ? "; too few, or all alike, for a correlation."
          : `; Pearson’s correlation ${correlation.toFixed(3)}.`}
      </p>
      <ScatterPlot
        points={drawn.map(({ cell, preview, exact: value }) => ({
          ...{ id: String(cell), label: setup.name(cell), x: preview, y: value },
        }))}
        xName={`preview (${unit})`}
        yName={`patched (${unit})`}
        mark="equal"
        selected={selected}
        onSelect={setSelected}
      />
    </Figure>
  );
}
