/** What parts write at every position, as a matrix. */
import type { ReactNode } from "react";
import { headName } from "../../../charts/head-units.ts";
import type { Attribution } from "../../../core/attribution.ts";
import { useLab } from "../../../state/context.ts";
import type { Sides } from "../../../state/figures-slice.ts";
import type { Python } from "../../../ui/figure-numbers.ts";
import type { What } from "../../../ui/figure.tsx";
import { useComponentRow } from "../component-row.ts";
import { PositionsFigure } from "../positions-figure.tsx";
import type { Unit } from "./units.ts";

export interface OverPositionsProps {
  by: Exclude<Unit, "neuron">;
  title: string;
  what: What;
  sides: Sides<Attribution>;
  apart: (a: number, b: number) => string | null;
  controls: ReactNode;
  python: Python;
}

const headsOf = ({ heads }: Attribution) =>
  Array.from({ length: heads.dims[0]! * heads.dims[1]! }, (_, i) => ({
    layer: Math.floor(i / heads.dims[1]!),
    head: i % heads.dims[1]!,
  }));

export function OverPositions({ by, ...figure }: OverPositionsProps) {
  const { sides } = figure;
  const components = useComponentRow();
  const head = useLab((s) => s.head);
  const selectHead = useLab((s) => s.selectHead);
  const ofUnit = {
    component: {
      rows: (facts: Attribution) => facts.components,
      values: (facts: Attribution) => facts.written.data,
      ...components,
    },
    layer: {
      rows: (facts: Attribution) => facts.states,
      values: (facts: Attribution) => facts.accumulated.data,
    },
    head: {
      rows: (facts: Attribution) => headsOf(facts).map(headName),
      values: (facts: Attribution) => facts.heads.data,
      selectedRow: head && headName(head),
      onSelectRow: (label: string) =>
        selectHead(headsOf(sides.a).find((each) => headName(each) === label) ?? null),
    },
  }[by];
  return (
    <PositionsFigure
      {...ofUnit}
      {...figure}
      name={`attribution-${by}-positions`}
      quantity="logit"
      signed
      digits={3}
      emptyBecause="no token follows"
    />
  );
}
