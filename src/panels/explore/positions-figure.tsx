/** Numbers by row and position, as a figure of its own. */
import type { ReactNode } from "react";
import { jointScale, sequentialScale, signedScale } from "../../charts/matrix-cells.ts";
import type { Tokens } from "../../core/types.ts";
import type { Sides } from "../../state/figures-slice.ts";
import type { Python } from "../../ui/figure-numbers.ts";
import { Figure, type What } from "../../ui/figure.tsx";
import { formatSigned } from "../../ui/format.ts";
import { SidesMatrix } from "./sides-matrix.tsx";

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
  const { title, sides, signed = false, digits = 2, absent = 0 } = props;
  const { emptyBecause = "no value", apart, onSelectRow } = props;
  const both = [sides.a, sides.b].filter((side) => side !== null);
  /** A side with an edited stream has one row more. */
  const rows = both.map(props.rows).reduce((x, y) => (y.length > x.length ? y : x));
  const whole = (facts: T): Float32Array => {
    const values = props.values(facts);
    const length = rows.length * facts.tokens.ids.length;
    if (values.length === length) return values;
    const out = new Float32Array(length).fill(absent);
    out.set(values);
    return out;
  };
  const values = { a: whole(sides.a), b: sides.b && whole(sides.b) };
  const write = (value: number) => {
    if (Number.isNaN(value)) return emptyBecause;
    return signed ? formatSigned(value, digits) : value.toFixed(digits);
  };
  const selected = rows.indexOf(props.selectedRow ?? "");
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
      python={props.python}
    >
      {props.children}
      <SidesMatrix
        name={title}
        {...{ sides, rows, values }}
        ramp={signed ? "signed" : "feature"}
        scale={jointScale(
          both.map((facts) => (signed ? signedScale : sequentialScale)(props.values(facts))),
        )}
        say={(facts, row, position) => {
          const of = facts === sides.a ? values.a : values.b!;
          return write(of[row * facts.tokens.ids.length + position]!);
        }}
        sayDifference={(difference) => formatSigned(difference, digits)}
        {...(apart && { apart })}
        selectedRow={selected < 0 ? null : selected}
        {...(onSelectRow && { onRow: (row: number) => onSelectRow(rows[row]!) })}
      />
    </Figure>
  );
}
