/** What is patched, by the options of the lab: a question for the worker, and how its cells are called. */
import { useMemo } from "react";
import {
  DIRECTIONS,
  isHeadUnit,
  PATCH_UNITS,
  patchGrid,
  type PatchGrid,
  type PatchQuestion,
  type PatchTarget,
  patchTarget,
  targetName,
} from "../../core/patching.ts";
import { TASK_METRICS } from "../../core/task.ts";
import type { Gpt2Config } from "../../core/types.ts";
import { useChoice, useRead, wholeIn } from "../../state/options-slice.ts";
import { type OpenTask, runPair } from "../../state/task-slice.ts";
import { type Places, positionPlaces, rolePlaces } from "./places.ts";

export const BY = ["all", "place"] as const;
export const COLUMNS = ["position", "role"] as const;

export interface PatchSetup {
  question: Omit<PatchQuestion, "cells">;
  /** The same for the same question to the same model. */
  key: string;
  grid: PatchGrid;
  columns: readonly string[];
  places: Places;
  /** Whether positions are the same in all pairs. */
  aligned: boolean;
  /** Baselines of the pairs, in the metric; null until they are known. */
  pairs: readonly { clean: number; corrupted: number }[] | null;
  target: (cell: number) => PatchTarget;
  /** "z of head 3.1 at S2" */
  name: (cell: number) => string;
}

export function usePatchOptions(config: Gpt2Config) {
  const [metric, setMetric] = useChoice("circuits.metric", TASK_METRICS);
  const [direction, setDirection] = useChoice("circuits.direction", DIRECTIONS);
  const [unit, setUnit] = useChoice("circuits.unit", PATCH_UNITS);
  const [by, setBy] = useChoice("circuits.by", BY);
  const [columns, setColumns] = useChoice("circuits.columns", COLUMNS);
  const [layer, setLayer] = useRead("circuits.layer", wholeIn(0, config.n_layer - 1), 0);
  return {
    ...{ metric, setMetric, direction, setDirection, unit, setUnit, by, setBy },
    ...{ columns, setColumns, layer, setLayer },
  };
}
export type PatchOptions = ReturnType<typeof usePatchOptions>;
export type PatchAsk = Pick<
  PatchOptions,
  "metric" | "direction" | "unit" | "by" | "columns" | "layer"
>;

export function usePatchSetup(
  open: OpenTask,
  { metric, direction, unit, by, columns, layer }: PatchAsk,
  config: Gpt2Config,
): PatchSetup {
  return useMemo(() => {
    const usable = open.read.flatMap((pair, i) =>
      pair.problem === null ? [{ pair, baseline: open.baseline[i] ?? null }] : [],
    );
    const read = usable.map(({ pair }) => pair);
    const positions = positionPlaces(read);
    const places = columns === "role" ? rolePlaces(read) : (positions ?? rolePlaces(read));
    const sweep = {
      ...{ unit, byPlace: by === "place" && isHeadUnit(unit) },
      layer: unit === "neuron" ? layer : null,
    };
    const grid = patchGrid(sweep, config, places.names.length);
    const question = {
      pairs: read.map((pair, i) => ({ ...runPair(pair), places: places.at[i]! })),
      ...{ metric, direction, sweep },
    };
    const metrics = usable.flatMap(({ baseline }) => {
      const [clean, corrupted] = [
        baseline?.clean.values[metric],
        baseline?.corrupted.values[metric],
      ];
      return typeof clean === "number" && typeof corrupted === "number"
        ? [{ clean, corrupted }]
        : [];
    });
    const target = (cell: number) => patchTarget(sweep, config, places.names.length, cell);
    return {
      ...{ question, grid, places, target, aligned: positions !== null },
      columns: grid.columns ?? places.names,
      key: JSON.stringify([open.stamp, question]),
      pairs: metrics.length === usable.length ? metrics : null,
      name: (cell) => {
        const { place, ...rest } = target(cell);
        const what = targetName(unit, { place, ...rest });
        return place === null ? what : `${what} at ${places.names[place]!}`;
      },
    };
  }, [open, metric, direction, unit, by, columns, layer, config]);
}
