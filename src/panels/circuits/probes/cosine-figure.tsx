/** Cosines between the directions of probes at different places. */
import { useMemo, useState } from "react";
import { Matrix } from "../../../charts/matrix.tsx";
import type { MatrixCell } from "../../../charts/matrix-cells.ts";
import type { ProbePlace, ProbeQuestion, ProbeResult } from "../../../core/probe.ts";
import { cosinesPython } from "../../../python/probes.ts";
import { useRunFacts } from "../../../state/run-facts.ts";
import { Figure, Readout } from "../../../ui/figure.tsx";
import { placeName, WHAT_COSINES } from "./words.ts";

interface Props {
  /** Of one width. */
  results: readonly ProbeResult[];
  question: ProbeQuestion;
  classes: readonly string[];
  toward: string;
  onShow: (place: ProbePlace) => void;
}

export function CosineFigure({ results, question, classes, toward, onShow }: Props) {
  const [cell, setCell] = useState<MatrixCell | null>(null);
  const facts = useRunFacts();
  const n = results.length;
  const values = useMemo(() => cosines(results, toward), [results, toward]);
  const names = results.map(({ place }) => placeName(place));
  const at = ({ row, column }: MatrixCell) => values[row * n + column]!;
  const text = (value: number) => `${value < -0.005 ? "−" : ""}${Math.abs(value).toFixed(2)}`;
  const say = (where: MatrixCell) =>
    `${names[where.row]!} and ${names[where.column]!}: ${at(where).toFixed(3).replace("-", "−")}`;
  return (
    <Figure
      title={`Directions towards ${toward}, place by place`}
      name="probe-cosines"
      what={WHAT_COSINES}
      python={() =>
        cosinesPython(
          facts(),
          { ...question, places: results.map(({ place }) => place) },
          toward,
          classes,
        )
      }
      table={() => ({
        columns: ["place", ...names],
        rows: names.map((name, row) => [name, ...values.subarray(row * n, (row + 1) * n)]),
      })}
    >
      <Matrix
        values={values}
        rows={names}
        columns={names}
        ramp="signed"
        scale={{ low: -1, high: 1 }}
        name="Cosines between probes"
        cellWords={say}
        {...(n <= 16 && { cellText: (where: MatrixCell) => text(at(where)), leastWidth: 2.4 })}
        cell={cell}
        onCell={setCell}
        onSelect={({ row }) => onShow(results[row]!.place)}
      />
      <Readout>
        {cell
          ? say(cell)
          : `By chance about 0 ± ${(1 / Math.sqrt(results[0]!.width)).toFixed(2)} (1/√${results[0]!.width}).`}
      </Readout>
    </Figure>
  );
}

/** Unit vectors' products, row by row. */
function cosines(results: readonly ProbeResult[], toward: string): Float32Array {
  const units = results.map(
    ({ directions }) => (directions.find(({ to }) => to === toward) ?? directions[0]!).unit,
  );
  return Float32Array.from(
    units.flatMap((a) => units.map((b) => a.reduce((s, v, i) => s + v * b[i]!, 0))),
  );
}
