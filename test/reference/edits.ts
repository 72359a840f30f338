/** The public `Edit` by its documentation, cell by cell: what the engine's compiled edits are compared with. */
import type { Edit } from "../../src/core/types.ts";
import type { ReferenceEdit } from "./forward.ts";

/** An edit that may also name a batch row, and an index on the hook's last axis. */
export type PlacedEdit = Edit & { row?: number; neuron?: number };

const isHeadFirst = (hook: string) => /hook_(pattern|attn_scores)$/.test(hook);

/** Where a flat index lies: batch row, head (−1 without), position, index on the last axis. */
function placeOf(hook: string, index: number, dims: readonly number[]) {
  const at = dims.map(() => 0);
  let rest = index;
  for (let axis = dims.length - 1; axis >= 0; axis--) {
    at[axis] = rest % dims[axis]!;
    rest = Math.floor(rest / dims[axis]!);
  }
  const headFirst = isHeadFirst(hook);
  return {
    row: at[0]!,
    head: dims.length === 3 ? -1 : at[headFirst ? 1 : 2]!,
    pos: at[headFirst ? 2 : 1]!,
    last: at.at(-1)!,
  };
}

/** @param lengths of the rows without padding: negative positions count from each row's own end */
export function referenceEdit(edit: PlacedEdit, lengths: readonly number[]): ReferenceEdit {
  const { hook, op, value = 0 } = edit;
  const holds = (index: number, dims: readonly number[]) => {
    const { row, head, pos, last } = placeOf(hook, index, dims);
    const wanted = edit.pos === undefined || edit.pos >= 0 ? edit.pos : edit.pos + lengths[row]!;
    return (
      (edit.head === undefined || edit.head === head) &&
      (wanted === undefined || wanted === pos) &&
      (edit.row === undefined || edit.row === row) &&
      (edit.neuron === undefined || edit.neuron === last)
    );
  };
  const operand = (index: number, dims: readonly number[]): number => {
    if (typeof value === "number") return value;
    const whole = dims.slice(1).reduce((a, b) => a * b, 1); // without the batch axis
    const token = isHeadFirst(hook) ? dims.at(-1)! : dims.slice(2).reduce((a, b) => a * b, 1);
    const period = [dims.at(-1)!, token, whole].find((size) => size === value.length)!;
    return value[(index % whole) % period]!;
  };
  const change = (v: number, index: number, dims: readonly number[]) => {
    if (op === "zero") return 0;
    if (op === "scale") return v * operand(index, dims);
    return op === "add" ? v + operand(index, dims) : operand(index, dims);
  };
  const slopeOf = () => (op === "scale" ? (value as number) : op === "add" ? 1 : 0);
  return {
    apply: (name, x, dims) =>
      name === hook ? x.map((v, i) => (holds(i, dims) ? change(v, i, dims) : v)) : x,
    pullback: (name, grad, dims) =>
      name === hook ? grad.map((g, i) => (holds(i, dims) ? g * slopeOf() : g)) : grad,
  };
}
