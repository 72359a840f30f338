/**
 * Which rows of a batch are computed where. Rows are experiments: as long as two of them have the same tokens and have
 * met the same edits, one computation stands for both; it is fanned out at the first stage where they part. And a stage
 * that nothing asked for depends on has no rows at all.
 */
import type { Stage } from "../core/hooks.ts";
import type { Gpt2Config } from "../core/types.ts";
import { stagesOf } from "./graph-sites.ts";

export interface StageRows {
  stage: Stage;
  /** Which of the batch's rows each computed row is; of several that are still the same, the first. */
  represents: number[];
  /** Which computed row of the stage before each of them goes on from. */
  from: number[];
  /** Where each of the batch's rows is computed; empty after the last stage. */
  at: number[];
}

export interface RowQuestion {
  /** Token ids of the rows, one after another. */
  ids: readonly (readonly number[])[];
  /** A key of the edits that a row meets at a stage: equal keys, equal edits; "" where there are none. */
  editKey: (row: number, stage: Stage) => string;
  /** The last stage that is needed. */
  until: Stage;
  /** Whether equal rows are computed once; else each row keeps its place from end to end. */
  share: boolean;
}

export function planRows(config: Pick<Gpt2Config, "n_layer">, question: RowQuestion): StageRows[] {
  const { ids, editKey, until, share } = question;
  let keys = ids.map((row, i) => (share ? row.join() : String(i)));
  let before: number[] = []; // where each row was computed at the stage before
  let ended = false;
  return stagesOf(config).map((stage): StageRows => {
    if (ended) return { stage, represents: [], from: [], at: [] };
    ended = stage === until;
    if (share) keys = keys.map((key, row) => `${key}|${editKey(row, stage)}`);
    const places = new Map<string, number>();
    const represents: number[] = [];
    const at = keys.map((key, row) => {
      const known = places.get(key);
      if (known !== undefined) return known;
      places.set(key, represents.length);
      return represents.push(row) - 1;
    });
    const from = represents.map((row) => before[row] ?? row);
    // Short names for the classes, so that keys do not grow from stage to stage.
    keys = at.map(String);
    before = at;
    return { stage, represents, from, at };
  });
}
