/**
 * Numbers by row and token for both sides of a comparison, beside their difference. One cell is pointed at in all of them: the
 * same row, at tokens that stand for each other. Without a comparison it is one matrix.
 */
import { useMemo, useState } from "react";
import { Matrix } from "../../charts/matrix.tsx";
import { type MatrixCell, type MatrixScale, signedScale } from "../../charts/matrix-cells.ts";
import type { Tokens } from "../../core/types.ts";
import { sideNames } from "../../state/compare-slice.ts";
import { useLab } from "../../state/context.ts";
import type { Sides } from "../../state/figures-slice.ts";
import { shownPosition } from "../../state/prompt-slice.ts";
import { Readout } from "../../ui/figure.tsx";
import { formatSigned } from "../../ui/format.ts";
import type { RampName } from "../../ui/ramp.ts";
import { tokenLabels } from "../../ui/token-text.ts";
import { SidesView } from "./sides.tsx";
import { useAligned } from "./use-aligned.ts";

export interface SidesMatrixProps<T extends { tokens: Tokens }> {
  /** For assistive technology. */
  name: string;
  sides: Sides<T>;
  rows: readonly string[];
  /** Of each side, [rows, T]; larger is more; NaN where there is nothing to say. */
  values: Sides<Float32Array>;
  ramp: RampName;
  /** Of both sides. */
  scale: MatrixScale;
  /** A cell's value in words: "31.2 %". */
  say: (facts: T, row: number, position: number) => string;
  /** A difference in words; null where the two values say it better. @default signed, two decimals */
  sayDifference?: ((difference: number) => string) | null;
  /** A short text in each cell of a side. */
  text?: (facts: T, row: number, position: number) => string;
  /** Of a cell, in rem, see `Matrix`. */
  leastWidth?: number;
  selectedRow?: number | null;
  onRow?: (row: number) => void;
  /** Why a pair of positions cannot be compared; null if it can. */
  apart?: (a: number, b: number) => string | null;
  /** Read out while no cell is pointed at. */
  hint?: string;
}

/** A cell by its row and the pair of tokens it stands at. */
interface Place {
  row: number;
  pair: number;
}

export function SidesMatrix<T extends { tokens: Tokens }>(props: SidesMatrixProps<T>) {
  const { name, sides, rows, values, ramp, scale, say, text, apart } = props;
  const { sayDifference = formatSigned, selectedRow = null, onRow } = props;
  const { hint = "Point at a cell to read it; click to select its position." } = props;
  const position = useLab(shownPosition);
  const selectPosition = useLab((s) => s.selectPosition);
  const otherText = useLab((s) => s.otherText);
  const [place, setPlace] = useState<Place | null>(null);
  const { pairs, labels, difference: differenceOf } = useAligned(sides);
  const reasons = pairs.map(
    ({ a, b }) => (a === null || b === null ? null : apart?.(a, b)) ?? null,
  );
  const difference = useMemo(
    () => values.b && differenceOf(values.a, values.b, rows.length),
    [values.a, values.b, differenceOf, rows.length],
  )?.map((value, i) => (reasons[i % pairs.length] === null ? value : NaN));
  const names = sideNames({ otherText });
  const selectedPair = pairs.findIndex(({ a }) => a === position);

  const select = ({ row, pair }: Place) => {
    onRow?.(row);
    const { a } = pairs[pair]!;
    if (a !== null) selectPosition(a);
  };
  const sideWords = (side: "a" | "b", { row, pair }: Place) => {
    const facts = sides[side];
    const at = pairs[pair]![side];
    return facts && at !== null ? say(facts, row, at) : "has no such token";
  };
  const differenceWords = ({ row, pair }: Place) => {
    const reason = reasons[pair];
    if (reason) return `, difference ${reason}`;
    const value = difference?.[row * pairs.length + pair] ?? NaN;
    return Number.isNaN(value) || !sayDifference ? "" : `, difference ${sayDifference(value)}`;
  };
  const words = (at: Place) => {
    const where = `${rows[at.row]!} at ${labels[at.pair]!}`;
    if (!sides.b) return `${where}: ${sideWords("a", at)}`;
    const both = `${names.a} ${sideWords("a", at)}, ${names.b} ${sideWords("b", at)}`;
    return `${where}: ${both}${differenceWords(at)}`;
  };
  const known = place && place.row < rows.length && place.pair < pairs.length ? place : null;

  const { leastWidth } = props;
  const shared = { rows, name, ...(leastWidth !== undefined && { leastWidth }) };
  const side = (facts: T, which: "a" | "b") => {
    const columnOf = (pair: number) => pairs[pair]?.[which] ?? null;
    const placeOf = ({ row, column }: MatrixCell): Place => ({
      row,
      pair: pairs.findIndex((pair) => pair[which] === column),
    });
    const column = known && columnOf(known.pair);
    return (
      <Matrix
        {...shared}
        values={values[which]!}
        columns={tokenLabels(facts.tokens.strings).map((label) => label.text)}
        {...{ ramp, scale, selectedRow }}
        cellWords={(cell) => words(placeOf(cell))}
        {...(text && { cellText: (cell: MatrixCell) => text(facts, cell.row, cell.column) })}
        cell={known && column !== null ? { row: known.row, column } : null}
        onCell={(cell) => setPlace(cell && placeOf(cell))}
        onSelect={(cell) => select(placeOf(cell))}
        selectedColumn={columnOf(selectedPair)}
      />
    );
  };
  return (
    <>
      <Readout>{known ? words(known) : hint}</Readout>
      <SidesView
        sides={sides}
        difference={() =>
          difference && (
            <Matrix
              {...shared}
              name={`${name}, difference`}
              values={difference}
              columns={labels}
              ramp="signed"
              scale={signedScale(difference)}
              selectedRow={selectedRow}
              cellWords={({ row, column }) => words({ row, pair: column })}
              cell={known && { row: known.row, column: known.pair }}
              onCell={(cell) => setPlace(cell && { row: cell.row, pair: cell.column })}
              onSelect={({ row, column }) => select({ row, pair: column })}
              selectedColumn={selectedPair < 0 ? null : selectedPair}
            />
          )
        }
      >
        {side}
      </SidesView>
    </>
  );
}
