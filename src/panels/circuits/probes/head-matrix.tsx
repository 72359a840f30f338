/** Probes of the single heads of a site: how much better than their control. */
import { useMemo, useState } from "react";
import { Matrix } from "../../../charts/matrix.tsx";
import { type MatrixCell, signedScale } from "../../../charts/matrix-cells.ts";
import { mainScore, type ProbePlace, type ProbeResult, selectivity } from "../../../core/probe.ts";
import { Readout } from "../../../ui/figure.tsx";
import { resultText, SITE } from "./words.ts";

interface Props {
  results: readonly ProbeResult[];
  shown: ProbeResult | null;
  onShow: (place: ProbePlace) => void;
}

export function HeadMatrix({ results, shown, onShow }: Props) {
  const [cell, setCell] = useState<MatrixCell | null>(null);
  const { site } = results[0]!.place;
  const { layers, heads, base, values, at } = useMemo(() => matrixOf(results), [results]);
  const scale = useMemo(() => signedScale(values), [values]);
  const say = (where: MatrixCell) => {
    const result = at(where);
    return result ? resultText(result) : "not fitted yet";
  };
  return (
    <div className="probe-heads">
      <h3 className="small-title">
        {SITE[site]} of each head: {base === "shuffled" ? "selectivity" : "score less the baseline"}
      </h3>
      <Matrix
        values={values}
        rows={layers.map((layer) => `L${layer}`)}
        columns={heads.map((head) => `H${head}`)}
        ramp="signed"
        scale={scale}
        name={`Probes of single heads, ${SITE[site]}`}
        cellWords={say}
        cellText={(where) => {
          const value = values[where.row * heads.length + where.column]!;
          return Number.isNaN(value)
            ? ""
            : `${value < -0.005 ? "−" : ""}${Math.abs(value).toFixed(2)}`;
        }}
        leastWidth={2.4}
        cell={cell}
        onCell={setCell}
        onSelect={(where) => {
          const result = at(where);
          if (result) onShow(result.place);
        }}
        selectedCell={
          shown?.place.site === site && shown.place.head !== null
            ? { row: layers.indexOf(shown.place.layer), column: heads.indexOf(shown.place.head) }
            : null
        }
      />
      <Readout>{cell ? say(cell) : "Point at a head to read it; click for its probe."}</Readout>
    </div>
  );
}

function matrixOf(results: readonly ProbeResult[]) {
  const layers = [...new Set(results.map(({ place }) => place.layer))];
  const heads = [...new Set(results.map(({ place }) => place.head!))].sort((a, b) => a - b);
  const base = results.every((result) => selectivity(result) !== null) ? "shuffled" : "baseline";
  const values = new Float32Array(layers.length * heads.length).fill(NaN);
  const byCell = new Map<number, ProbeResult>();
  for (const result of results) {
    const { layer, head } = result.place;
    const index = layers.indexOf(layer) * heads.length + heads.indexOf(head!);
    byCell.set(index, result);
    values[index] = selectivity(result) ?? mainScore(result) - result.scores.majority;
  }
  const at = ({ row, column }: MatrixCell) => byCell.get(row * heads.length + column) ?? null;
  return { layers, heads, base, values, at };
}
