/** The numbers of the attention figures, for CSV and JSON. */
import { type HeadUnit, unitName } from "./head-units.ts";
import type { Table } from "../ui/figure-numbers.ts";
import type { Drawing } from "./attention-drawing.ts";
import { SHOWN_WORDS, type Shown } from "./attention-shown.ts";

/** Every cell that is computed, of every unit. */
export function gridTable(
  drawings: readonly Drawing[],
  units: readonly HeadUnit[],
  shown: Shown,
): Table {
  return {
    columns: ["side", "head", "query", "query token", "key", "key token", columnOf(shown)],
    rows: drawings.flatMap((drawing) =>
      units.flatMap((unit) =>
        cellsOf(drawing, unit).map((cell) => [drawing.id, unitName(unit), ...cell]),
      ),
    ),
  };
}

export function headTable(drawings: readonly Drawing[], unit: HeadUnit, shown: Shown): Table {
  return gridTable(drawings, [unit], shown);
}

const columnOf = (shown: Shown): string => {
  const { label, unit } = SHOWN_WORDS[shown];
  return unit === "" ? label : `${label} (${unit})`;
};

/** Query, its token, key, its token, number; null where only one side has the pair. */
function cellsOf({ labels, square }: Drawing, unit: HeadUnit): (string | number | null)[][] {
  const n = labels.length;
  const values = square(unit);
  return labels.flatMap((query, q) =>
    labels.slice(0, q + 1).map((key, k) => {
      const value = values[q * n + k]!;
      return [q, query.text, k, key.text, Number.isFinite(value) ? value : null];
    }),
  );
}
