/** Numbers by row and position, as a matrix; of two sides beside their difference, over aligned tokens. */
import { useState, type ReactNode } from "react";
import { Matrix } from "../../charts/matrix.tsx";
import {
  jointScale,
  type MatrixCell,
  sequentialScale,
  signedScale,
} from "../../charts/matrix-cells.ts";
import type { Tokens } from "../../core/types.ts";
import { sideNames } from "../../state/compare-slice.ts";
import { useLab } from "../../state/context.ts";
import type { Sides } from "../../state/figures-slice.ts";
import { shownPosition } from "../../state/prompt-slice.ts";
import { Figure, type Python, Readout, type What } from "../../ui/figure.tsx";
import { formatSigned } from "../../ui/format.ts";
import { tokenLabels } from "../../ui/token-text.ts";
import { SidesView } from "./sides.tsx";
import { useAligned } from "./use-aligned.ts";

export interface PositionsFigureProps<T extends { tokens: Tokens }> {
  title: string;
  /** Of files of it: "residual-norms". */
  name: string;
  what: What;
  sides: Sides<T>;
  rows: (facts: T) => readonly string[];
  /** [rows, positions]; NaN where there is nothing to say */
  values: (facts: T) => Float32Array;
  /** What is measured, with its unit, in tables: "norm". */
  quantity: string;
  signed?: boolean;
  digits?: number;
  /** Why a cell is empty. */
  emptyBecause?: string;
  /** Why a pair of positions cannot be compared; null if it can. */
  apart?: (a: number, b: number) => string | null;
  /** What a row is on a side that lacks it: there the stream was not edited. @default 0 */
  absent?: number;
  onSelectRow?: (row: string) => void;
  selectedRow?: string | null;
  python: Python;
  controls?: ReactNode;
  /** Above the read-out. */
  children?: ReactNode;
}

export function PositionsFigure<T extends { tokens: Tokens }>(props: PositionsFigureProps<T>) {
  const { title, sides, signed = false, digits = 2, absent = 0, python } = props;
  const { emptyBecause = "no value", apart } = props;
  const position = useLab(shownPosition);
  const selectPosition = useLab((s) => s.selectPosition);
  const names = sideNames({ otherText: useLab((s) => s.otherText) });
  const aligned = useAligned(sides);
  const { pairs } = aligned;
  /** Its column counts the pairs of positions, which all drawings share. */
  const [pointed, setPointed] = useState<MatrixCell | null>(null);

  const both = [sides.a, sides.b].filter((side) => side !== null);
  const scaleOf = signed ? signedScale : sequentialScale;
  const scale = jointScale(both.map((facts) => scaleOf(props.values(facts))));
  /** A side with an edited stream has one row more. */
  const rows = both.map(props.rows).reduce((x, y) => (y.length > x.length ? y : x));
  const whole = (facts: T): Float32Array => {
    const out = new Float32Array(rows.length * facts.tokens.ids.length).fill(absent);
    out.set(props.values(facts));
    return out;
  };
  const reasons = pairs.map(({ a, b }) =>
    a === null || b === null
      ? "only one side has this token"
      : ((sides.b && apart?.(a, b)) ?? null),
  );
  const differences = (a: T, b: T) =>
    aligned
      .difference(whole(a), whole(b), rows.length)
      .map((value, i) => (reasons[i % pairs.length] ? NaN : value));

  const write = (value: number | undefined, withSign = signed) => {
    if (value === undefined) return "no such token";
    if (Number.isNaN(value)) return emptyBecause;
    return withSign ? formatSigned(value, digits) : value.toFixed(digits);
  };
  const words = ({ row, column }: MatrixCell): string => {
    const of = (facts: T, at: number | null) =>
      at === null ? undefined : whole(facts)[row * facts.tokens.ids.length + at]!;
    const pair = pairs[column]!;
    const place = `${rows[row]!} at ${aligned.labels[column]!}`;
    const a = of(sides.a, pair.a);
    if (!sides.b) return `${place}: ${write(a)}`;
    const b = of(sides.b, pair.b);
    const difference = reasons[column] ?? write(b! - a!, true);
    return `${place}: ${names.a} ${write(a)}, ${names.b} ${write(b)}, difference ${difference}`;
  };
  const draw = (
    values: Float32Array,
    columns: readonly string[],
    /** The pair of a column. */
    toPair: (column: number) => number,
    difference = false,
  ) => {
    const selected = aligned.pairOf(position);
    const columnOf = (pair: number) => columns.findIndex((_, column) => toPair(column) === pair);
    const own = values.length / Math.max(1, columns.length);
    return (
      <Matrix
        values={values}
        rows={rows.slice(0, own)}
        columns={columns}
        ramp={signed || difference ? "signed" : "feature"}
        scale={difference ? signedScale(values) : scale}
        name={title}
        cellWords={({ row, column }) => words({ row, column: toPair(column) })}
        cell={pointed && inside(pointed.row, columnOf(pointed.column))}
        onCell={(at) => setPointed(at && { row: at.row, column: toPair(at.column) })}
        onSelect={({ row, column }) => {
          const { a } = pairs[toPair(column)]!;
          if (a !== null) selectPosition(a);
          props.onSelectRow?.(rows[row]!);
        }}
        selectedRow={inside(rows.indexOf(props.selectedRow ?? ""), 0)?.row ?? null}
        selectedColumn={selected === null ? null : (inside(0, columnOf(selected))?.column ?? null)}
      />
    );
  };
  return (
    <Figure
      title={title}
      name={props.name}
      what={props.what}
      controls={props.controls}
      table={() => ({
        columns: ["side", "row", "position", "token", props.quantity],
        rows: both.flatMap((facts) => {
          const side = facts === sides.a ? "a" : "b";
          const { strings } = facts.tokens;
          return Array.from(props.values(facts), (value, i) => {
            const t = i % strings.length;
            const row = rows[Math.floor(i / strings.length)]!;
            return [side, row, t, strings[t]!, Number.isNaN(value) ? null : value];
          });
        }),
      })}
      python={python}
    >
      {props.children}
      <Readout>
        {pointed && pointed.row < rows.length && pointed.column < pairs.length
          ? words(pointed)
          : "Point at a cell to read it; click to select its position."}
      </Readout>
      <SidesView
        sides={sides}
        difference={(a, b) => draw(differences(a, b), aligned.labels, (pair) => pair, true)}
      >
        {(facts, side) =>
          draw(
            props.values(facts),
            tokenLabels(facts.tokens.strings).map(({ text }) => text),
            (column) => pairs.findIndex((pair) => pair[side] === column),
          )
        }
      </SidesView>
    </Figure>
  );
}

const inside = (row: number, column: number): MatrixCell | null =>
  row < 0 || column < 0 ? null : { row, column };
