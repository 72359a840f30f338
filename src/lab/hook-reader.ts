/** Reads values at hook points, in one basis: a run that goes no further than the last of them, and has no logits. */
import type { Basis } from "../core/basis.ts";
import type { DirectEdit, TensorData } from "../core/types.ts";
import type { KvCache } from "../model/kv-cache.ts";
import { type BasisModel, runInBasis } from "./run-in-basis.ts";

export interface ReadRequest {
  ids: readonly (readonly number[])[];
  names: readonly string[];
  edits: readonly DirectEdit[];
  past?: KvCache | undefined;
  /** As in `RunRequest`. */
  editLength?: number | undefined;
}
/** By name, batch axis first; beyond a row's own length there is anything. */
export type Read = (request: ReadRequest) => Promise<ReadonlyMap<string, TensorData>>;

export const hookReader =
  (model: BasisModel, basis: Basis, signal: AbortSignal): Read =>
  async ({ ids, names, edits, past, editLength }) => {
    const { cache } = await runInBasis(model, basis, {
      ids,
      names,
      edits,
      logits: "none",
      ...(past && { past }),
      ...(editLength !== undefined && { editLength }),
      signal,
    });
    return cache;
  };
