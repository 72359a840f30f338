/** An edit that is ready for a run: a direct one, or what is to be done with the value found at the hook. */
import type { DirectEdit, EditPlace } from "../core/edits.ts";

/** Which tokens a change is asked about. */
export interface ChangeTokens {
  /** Position of the first of them. */
  first: number;
  /** Tokens of the prompt: those from here on were generated. */
  length: number;
  /** What is on the same tokens, under the same edits, at one of the hooks of `reads`, or at the change's own. */
  seen: (hook: string) => Float32Array;
}

/** A change that follows from the hook's value, as it is after all edits before. */
export interface Change {
  place: EditPlace;
  /** Whether the outcome is added to the value, or takes its place. */
  op: "add" | "replace";
  /** Whether the value is read in the checkpoint's own basis, whatever the run's. */
  raw?: boolean;
  /** Another hook, before this one, whose value decides as well. */
  from?: string;
  /** Further hooks before this one, for `seen`. @default none */
  reads?: readonly string[];
  /** Values of tokens, [R, one token's worth] → as many. @param source those at `from` @default the hook's own */
  of: (x: Float32Array, source: Float32Array, tokens: ChangeTokens) => Float32Array;
}
export type Prepared = DirectEdit | Change;

export const isChange = (edit: Prepared): edit is Change => "of" in edit;
export const hookOf = (edit: Prepared): string => (isChange(edit) ? edit.place.hook : edit.hook);

/** The same for one row of a batch. */
export const inRow = (edit: Prepared, row: number): Prepared =>
  isChange(edit) ? { ...edit, place: { ...edit.place, row } } : { ...edit, row };
