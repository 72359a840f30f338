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
/** A change through which gradients go. */
export interface SmoothChange extends Change {
  /** A gradient with respect to what `of` gives → through `of` to the two values that it reads; one left out is 0. */
  back: (
    grad: Float32Array,
    x: Float32Array,
    source: Float32Array,
  ) => { x?: Float32Array; source?: Float32Array };
}
export type Prepared = DirectEdit | Change;
export type SmoothEdit = DirectEdit | SmoothChange;

export const isChange = <C extends Change>(edit: DirectEdit | C): edit is C => "of" in edit;
export const hookOf = (edit: Prepared): string => (isChange(edit) ? edit.place.hook : edit.hook);

/** The same for one row of a batch. */
export const inRow = <C extends Change>(edit: DirectEdit | C, row: number): DirectEdit | C =>
  isChange(edit) ? { ...edit, place: { ...edit.place, row } } : { ...edit, row };

/** The edits of a run of one row, for as many rows like it. */
export const inRows = (edits: readonly SmoothEdit[], rows: number): SmoothEdit[] =>
  edits.flatMap((edit) => {
    const { row } = isChange(edit) ? edit.place : edit;
    if (row === undefined) return [edit];
    return Array.from({ length: rows }, (_, each) => inRow(edit, each));
  });
