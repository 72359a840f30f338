/** What can be wrong with a computed edit before anything is run: said by the hook's name and what it expects. */
import type { EditPlace } from "../core/edits.ts";
import { type HookPoint, parseHook } from "../core/hooks.ts";
import { LabError } from "../core/lab-error.ts";
import type { Gpt2Config } from "../core/types.ts";
import { axisSizes, checkEdit, checkRow } from "../model/edit-check.ts";

/** What edits may name: rows of a batch, and positions in each of them. */
export interface EditScope {
  /** Positions of each row that `pos` counts within. */
  lengths: readonly number[];
  /** Positions beyond those that may be named too (tokens yet to be generated); 0 for none. */
  limit: number;
}

export const refuse = ({ hook }: EditPlace, why: string) =>
  new LabError("bad-input", `edit of ${hook}: ${why}`);

/** Checks the place in every row that it holds for. @throws LabError "bad-input" */
export function checkPlace(place: EditPlace, config: Gpt2Config, scope: EditScope): HookPoint {
  const point = parseHook(place.hook, config);
  const edit = { ...place, op: "zero" } as const;
  for (const row of rowsOf(place, scope)) {
    checkEdit(edit, config, { length: scope.lengths[row]!, limit: scope.limit });
  }
  return point;
}

/** The rows of the batch that an edit holds for. @throws LabError "bad-input" for a row that there is not */
export function rowsOf(place: EditPlace, { lengths }: Pick<EditScope, "lengths">): number[] {
  const only = checkRow({ ...place, op: "zero" }, lengths.length);
  return only === null ? [...lengths.keys()] : [only];
}

/** Numbers of one token's worth at a hook, all heads together; null for attention, which has none. */
export function tokenWidth({ axes }: Pick<HookPoint, "axes">, config: Gpt2Config): number | null {
  if (axes[0] !== "T") return null;
  return axisSizes(axes.slice(1), config, 0).reduce((a, b) => a * b, 1);
}
