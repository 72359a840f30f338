/** An edit that is ready for a run: a direct one, or what is to be done with the value found at the hook. */
import type { DirectEdit, EditPlace } from "../core/edits.ts";

/** A change that follows from the hook's value, as it is after all edits before. */
export interface Change {
  place: EditPlace;
  /** Whether the outcome is added to the value, or takes its place. */
  op: "add" | "replace";
  /** Whether the value is read in the checkpoint's own basis, whatever the run's. */
  raw?: boolean;
  /** Another hook, before this one, whose value decides as well. */
  from?: string;
  /** Values of tokens, [R, one token's worth] → as many. @param source those at `from` @default the hook's own */
  of: (x: Float32Array, source: Float32Array) => Float32Array;
}
export type Prepared = DirectEdit | Change;

export const isChange = (edit: Prepared): edit is Change => "of" in edit;
export const hookOf = (edit: Prepared): string => (isChange(edit) ? edit.place.hook : edit.hook);

/** The same for one row of a batch. */
export const inRow = (edit: Prepared, row: number): Prepared =>
  isChange(edit) ? { ...edit, place: { ...edit.place, row } } : { ...edit, row };
