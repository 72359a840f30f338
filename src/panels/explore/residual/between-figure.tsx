/** Every state of the stream against every other: at the selected position, or on average. */
import { useState } from "react";
import { Matrix } from "../../../charts/matrix.tsx";
import { type MatrixCell, signedScale } from "../../../charts/matrix-cells.ts";
import { cosinesAt } from "../../../charts/stream.ts";
import type { StreamFacts } from "../../../core/residual.ts";
import { sideNames } from "../../../state/compare-slice.ts";
import { useLab } from "../../../state/context.ts";
import { residualPython } from "../../../python/residual.ts";
import type { Sides } from "../../../state/figures-slice.ts";
import { useChoice } from "../../../state/options-slice.ts";
import { positionIn } from "../../../state/prompt-slice.ts";
import { Figure, Readout } from "../../../ui/figure.tsx";
import { formatSigned } from "../../../ui/format.ts";
import { useRunFacts } from "../../../state/run-facts.ts";
import { Segmented } from "../../../ui/segmented.tsx";
import { SidesView } from "../sides.tsx";
import { useAligned } from "../use-aligned.ts";
import { WHAT_BETWEEN } from "./what.ts";

const OVER = [
  { value: "here", label: "This position" },
  { value: "mean", label: "Mean", title: "Over all positions but the first" },
] as const;
const WHOLE = { low: -1, high: 1 };

export function BetweenFigure({ sides }: { sides: Sides<StreamFacts> }) {
  const [over, setOver] = useChoice("residual.between", ["here", "mean"]);
  const position = useLab(positionIn(sides.a.tokens));
  const names = sideNames({ otherText: useLab((s) => s.otherText) });
  const aligned = useAligned(sides);
  const [cell, setCell] = useState<MatrixCell | null>(null);
  const runFacts = useRunFacts();
  const { states } = sides.a;
  const at = { a: position, b: aligned.partner(position) };
  /** null where a side has no such position, or too few. */
  const cosines = (side: "a" | "b"): Float32Array | null => {
    const facts = sides[side];
    if (!facts || (over === "mean" && facts.tokens.ids.length < 2)) return null;
    if (over === "mean") return facts.meanCosines.data;
    return at[side] === null ? null : cosinesAt(facts, at[side]);
  };
  const nothing =
    over === "mean" ? "There is no position but the first." : "This side has no such token.";
  const [a, b] = [cosines("a"), cosines("b")];
  const write = (value: number) =>
    Number.isNaN(value) ? "a vector of length 0 has no direction" : formatSigned(value, 3);
  const words = ({ row, column }: MatrixCell): string => {
    const of = (values: Float32Array | null) =>
      values ? write(values[row * states.length + column]!) : "no such token";
    const place = `${states[row]!} and ${states[column]!}`;
    return sides.b ? `${place}: ${names.a} ${of(a)}, ${names.b} ${of(b)}` : `${place}: ${of(a)}`;
  };
  const draw = (values: Float32Array, scale = WHOLE) => (
    <Matrix
      values={values}
      rows={states}
      columns={states}
      ramp="signed"
      scale={scale}
      name="Cosines between states"
      cellWords={words}
      cell={cell}
      onCell={setCell}
    />
  );
  return (
    <Figure
      title="States against each other"
      name={`residual-cosines-${over}`}
      what={WHAT_BETWEEN}
      python={() => residualPython(runFacts(), over === "mean" ? "mean" : "between")}
      controls={
        <Segmented label="Over which positions" value={over} choices={OVER} onChange={setOver} />
      }
      table={() => ({
        columns: ["side", "state", "other", "cosine"],
        rows: ([a, b] as const).flatMap((values, side) =>
          Array.from(values ?? [], (value, i) => [
            side === 0 ? "a" : "b",
            states[Math.floor(i / states.length)]!,
            states[i % states.length]!,
            Number.isNaN(value) ? null : value,
          ]),
        ),
      })}
    >
      <Readout>{cell ? words(cell) : "Point at a cell to read it."}</Readout>
      <SidesView
        sides={sides}
        difference={() => {
          if (!a || !b) return <p className="quiet">There is nothing to compare.</p>;
          const change = a.map((value, i) => b[i]! - value);
          return draw(change, signedScale(change));
        }}
      >
        {(_, side) => {
          const values = side === "a" ? a : b;
          return values ? draw(values) : <p className="quiet">{nothing}</p>;
        }}
      </SidesView>
    </Figure>
  );
}
