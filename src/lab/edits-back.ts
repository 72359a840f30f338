/**
 * A gradient back through the edits of one hook, from the last to the first: of a direct edit it is multiplied with m, of a
 * change it takes the slope of what it came to as well (`SmoothChange.back`). The graph's own backward pass does the former;
 * told here is what it lacks.
 */
import type { EditPlace } from "../core/edits.ts";
import type { HookPoint } from "../core/hooks.ts";
import type { TensorData } from "../core/types.ts";
import { isChange, type SmoothChange, type SmoothEdit } from "./prepared-edit.ts";
import type { Entry, SeenTokens } from "./settle-changes.ts";

type Back = (grad: Float32Array) => Float32Array;

export interface HookGradient {
  /** The hook's, in their order. */
  entries: readonly Entry<SmoothEdit>[];
  ids: readonly (readonly number[])[];
  point: Pick<HookPoint, "axes">;
  /** With respect to the hook's value as it is after them, [B, T, …], as the graph's backward passes have it. */
  grad: TensorData;
  /** What they lack of it: of changes further on that read this hook. */
  arriving: Float32Array | null;
  /** A gradient at this hook, told in the basis of the edits, and back again. */
  toBasis: Back;
  fromBasis: Back;
}

/**
 * @returns `missing` [B, T, …]: what is to be added to the gradient with respect to the hook's value before the edits;
 *   `toSources`: what is to be added to that of the hooks that its changes read beside their own
 */
export function backThroughEdits({ entries, grad, arriving, ids, ...hook }: HookGradient): {
  missing: Float32Array;
  toSources: Map<string, Float32Array>;
} {
  const [, T, ...inner] = grad.dims as [number, number, ...number[]];
  const width = inner.reduce((a, b) => a * b, 1);
  const toSources = new Map<string, Float32Array>();
  const missing = new Float32Array(grad.data.length);
  for (const [row, own] of ids.entries()) {
    const from = row * T * width;
    const carried = grad.data.slice(from, from + T * width);
    const full = carried.slice();
    for (let i = 0; arriving && i < full.length; i++) full[i]! += arriving[from + i]!;
    const last = inner.at(-1)!;
    for (const { edit, settled } of entries.toReversed()) {
      const place = isChange(edit) ? edit.place : edit;
      if ((place.row ?? row) !== row) continue;
      const holds = (i: number) =>
        holdsAt(place, Math.floor(i / width), i % width, own.length, last);
      if (!isChange(edit)) {
        if (edit.op !== "add")
          scaleWhere(holds, [carried, full], edit.op === "scale" ? Number(edit.value) : 0);
        continue;
      }
      const seen = settled.get(row)?.seen;
      if (!seen) continue;
      const masked = full.map((g, i) => (holds(i) ? g : 0));
      const { toX, toSource } = throughChange(edit, masked, seen, width, hook);
      if (edit.op === "replace") scaleWhere(holds, [carried, full], 0);
      toX?.forEach((g, i) => (full[seen.first * width + i]! += g));
      if (toSource) {
        const sourceWidth = toSource.length / (seen.x.length / width);
        const sum = toSources.get(edit.from!) ?? new Float32Array(ids.length * T * sourceWidth);
        toSources.set(edit.from!, sum);
        const at = (row * T + seen.first) * sourceWidth;
        toSource.forEach((g, i) => (sum[at + i]! += g));
      }
    }
    missing.set(
      full.map((g, i) => g - carried[i]!),
      from,
    );
  }
  return { missing, toSources };
}

/** @param masked the row's gradient, 0 where the change does not hold */
function throughChange(
  { back, from, raw = false }: SmoothChange,
  masked: Float32Array,
  { first, x, source }: SeenTokens,
  width: number,
  { toBasis, fromBasis }: Pick<HookGradient, "toBasis" | "fromBasis">,
): { toX: Float32Array | null; toSource: Float32Array | null } {
  const here = masked.slice(first * width, first * width + x.length);
  const found = back(raw ? here : toBasis(here), x, source);
  const own = from ? found.x : sum(found.x, found.source);
  return {
    toX: own ? (raw ? own : fromBasis(own)) : null,
    toSource: from ? (found.source ?? null) : null,
  };
}

function sum(a: Float32Array | undefined, b: Float32Array | undefined): Float32Array | undefined {
  return a && b ? a.map((v, i) => v + b[i]!) : (a ?? b);
}

/** Whether an edit holds at position t and place i of a token's worth. @param last the size of the hook's last axis */
function holdsAt(
  { pos, head, neuron }: EditPlace,
  t: number,
  i: number,
  length: number,
  last: number,
): boolean {
  if (t >= length) return false;
  if (pos !== undefined && t !== (pos < 0 ? pos + length : pos)) return false;
  if (head !== undefined && Math.floor(i / last) !== head) return false;
  return neuron === undefined || i % last === neuron;
}

function scaleWhere(
  holds: (i: number) => boolean,
  gradients: readonly Float32Array[],
  factor: number,
): void {
  for (const gradient of gradients) {
    for (let i = 0; i < gradient.length; i++) if (holds(i)) gradient[i]! *= factor;
  }
}
