/** Reads values at hook points, mostly in the basis of the edits: a run that goes no further than the last of them, and has no logits. */
import type { Basis } from "../core/basis.ts";
import type { DirectEdit } from "../core/edits.ts";
import type { TensorData } from "../core/types.ts";
import type { KvCache } from "../model/kv-cache.ts";
import { rawEdits } from "./basis-parameters.ts";
import { type BasisModel, runInBasis } from "./run-in-basis.ts";

export interface ReadRequest {
  ids: readonly (readonly number[])[];
  names: readonly string[];
  edits: readonly DirectEdit[];
  past?: KvCache | undefined;
  /** As in `RunRequest`. */
  editLength?: number | undefined;
  /** Whether the values are told in the raw basis, whatever that of the edits is. @default false */
  raw?: boolean;
}
/** By name, batch axis first; beyond a row's own length there is anything. */
export type Read = (request: ReadRequest) => Promise<ReadonlyMap<string, TensorData>>;

/** @param basis of the edits, and of the values but for those asked for as `raw` */
export const hookReader =
  (model: BasisModel, basis: Basis, signal: AbortSignal): Read =>
  async ({ ids, names, edits, past, editLength, raw = false }) => {
    const told = raw ? (await rawEdits(model, edits, basis)).edits : edits;
    const { cache } = await runInBasis(model, raw ? "raw" : basis, {
      ids,
      names,
      edits: told,
      logits: "none",
      ...(past && { past }),
      ...(editLength !== undefined && { editLength }),
      signal,
    });
    return cache;
  };
