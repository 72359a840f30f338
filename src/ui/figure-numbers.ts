/** The numbers behind a figure, and how others make the same. */

/** The numbers of a figure, for CSV and JSON. */
export interface Table {
  /** Names with their unit: "norm", "loss (nats)". */
  columns: readonly string[];
  rows: readonly (readonly (string | number | null)[])[];
}

/** Makes the same numbers with TransformerLens or SAELens; or why there is no such Python, as a sentence that the menu shows. */
export type Python = (() => string) | { none: string };
