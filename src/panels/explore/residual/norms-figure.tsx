/** Lengths by row and position, as a matrix; of two sides beside their difference. */
import { useState } from "react";
import { Matrix } from "../../../charts/matrix.tsx";
import {
  jointScale,
  type MatrixCell,
  sequentialScale,
  signedScale,
} from "../../../charts/matrix-cells.ts";
import type { StreamFacts } from "../../../core/residual.ts";
import { useLab } from "../../../state/context.ts";
import type { Sides } from "../../../state/figures-slice.ts";
import { shownPosition } from "../../../state/prompt-slice.ts";
import { Figure, Readout, type What } from "../../../ui/figure.tsx";
import { formatSigned } from "../../../ui/format.ts";
import { tokenLabels } from "../../../ui/token-text.ts";
import { useAligned } from "../use-aligned.ts";
import { SidesView } from "../sides.tsx";

export interface NormsFigureProps {
  title: string;
  name: string;
  what: What;
  sides: Sides<StreamFacts>;
  rows: (facts: StreamFacts) => readonly string[];
  norms: (facts: StreamFacts) => Float32Array;
}

export function NormsFigure({ title, name, what, sides, rows, norms }: NormsFigureProps) {
  const position = useLab(shownPosition);
  const selectPosition = useLab((s) => s.selectPosition);
  const [cell, setCell] = useState<MatrixCell | null>(null);
  const aligned = useAligned(sides);
  const each = [sides.a, sides.b].flatMap((side) => (side ? [sequentialScale(norms(side))] : []));
  const scale = jointScale(each);
  const names = rows(sides.a);

  const words =
    (values: Float32Array, labels: readonly string[], signed: boolean) => (at: MatrixCell) => {
      const value = values[at.row * labels.length + at.column]!;
      const number = Number.isNaN(value)
        ? "only one side has this token"
        : signed
          ? formatSigned(value)
          : value.toFixed(2);
      return `${names[at.row]!} at ${labels[at.column]!}: ${number}`;
    };
  const draw = (values: Float32Array, labels: readonly string[], signed: boolean) => (
    <Matrix
      values={values}
      rows={names}
      columns={labels}
      ramp={signed ? "signed" : "feature"}
      scale={signed ? signedScale(values) : scale}
      name={title}
      cellWords={words(values, labels, signed)}
      cell={cell}
      onCell={setCell}
      onSelect={({ column }) => selectPosition(column)}
      selectedColumn={signed ? null : position}
    />
  );
  const labelsOf = ({ tokens }: StreamFacts) => tokenLabels(tokens.strings).map(({ text }) => text);
  return (
    <Figure
      title={title}
      name={name}
      what={what}
      table={() => ({
        columns: ["side", "row", "position", "token", "norm"],
        rows: (["a", "b"] as const).flatMap((side) => {
          const facts = sides[side];
          if (!facts) return [];
          const { strings } = facts.tokens;
          return rows(facts).flatMap((row, r) =>
            strings.map((token, t) => [side, row, t, token, norms(facts)[r * strings.length + t]!]),
          );
        }),
      })}
    >
      <Readout>
        {cell && cell.column < sides.a.tokens.strings.length
          ? words(norms(sides.a), labelsOf(sides.a), false)(cell)
          : "Point at a cell to read it; click to select its position."}
      </Readout>
      <SidesView
        sides={sides}
        difference={(a, b) =>
          draw(aligned.difference(norms(a), norms(b), names.length), aligned.labels, true)
        }
      >
        {(facts) => draw(norms(facts), labelsOf(facts), false)}
      </SidesView>
    </Figure>
  );
}
