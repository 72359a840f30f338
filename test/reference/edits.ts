/** The public `DirectEdit` by its documentation, cell by cell: what the engine's compiled edits are compared with. */
import type { DirectEdit } from "../../src/core/edits.ts";
import type { ReferenceEdit } from "./forward.ts";

/** One cell of a hook [B, T, …] or [B, H, T, S], and the sizes that its row has without padding. */
interface Cell {
  row: number;
  /** Along the axes after the batch, as `sizes`. */
  at: number[];
  sizes: number[];
  head: number | undefined;
  pos: number;
}

function cellAt(hook: string, index: number, dims: readonly number[], lengths: readonly number[]) {
  const coordinates = dims.map(() => 0);
  let rest = index;
  for (let axis = dims.length - 1; axis >= 0; axis--) {
    coordinates[axis] = rest % dims[axis]!;
    rest = Math.floor(rest / dims[axis]!);
  }
  const [row, ...at] = coordinates as [number, ...number[]];
  const sizes = dims.slice(1);
  const length = lengths[row]!;
  if (/hook_(pattern|attn_scores)$/.test(hook)) {
    return { row, at, sizes: [sizes[0]!, length, length], head: at[0]!, pos: at[1]! };
  }
  const head = at.length === 3 ? at[1] : undefined;
  return { row, at, sizes: [length, ...sizes.slice(1)], head, pos: at[0]! };
}

/** Whether an edit holds at a cell. Padding is nobody's: no edit holds there. */
function holds(edit: DirectEdit, { row, at, sizes, head, pos }: Cell, length: number): boolean {
  const wanted = edit.pos !== undefined && edit.pos < 0 ? edit.pos + length : edit.pos;
  return (
    at.every((i, axis) => i < sizes[axis]!) &&
    (edit.head === undefined || edit.head === head) &&
    (wanted === undefined || wanted === pos) &&
    (edit.row === undefined || edit.row === row) &&
    (edit.neuron === undefined || edit.neuron === at.at(-1))
  );
}

const product = (sizes: readonly number[]) => sizes.reduce((a, b) => a * b, 1);

/** The edit's number at a cell: its value may be one number, or of the last axis, one token, or the whole hook of a row. */
function operand({ hook, value = 0 }: DirectEdit, { at, sizes }: Cell): number {
  if (typeof value === "number") return value;
  const flat = (axes: number) =>
    at.slice(-axes).reduce((index, i, axis) => index * sizes.slice(-axes)[axis]! + i, 0);
  for (const axes of [1, sizes.length - 1, sizes.length]) {
    const isToken = axes === sizes.length - 1 && !/hook_(pattern|attn_scores)$/.test(hook);
    if (axes !== 1 && axes !== sizes.length && !isToken) continue;
    if (product(sizes.slice(-axes)) === value.length) return value[flat(axes)]!;
  }
  throw new Error(`a value of ${value.length} numbers at ${hook} of [${sizes.join(", ")}]`);
}

/** @param lengths of the rows without padding: negative positions count from each row's own end */
export function referenceEdit(edit: DirectEdit, lengths: readonly number[]): ReferenceEdit {
  const { op } = edit;
  const forCells = (
    name: string,
    x: Float64Array,
    dims: readonly number[],
    change: (v: number, cell: Cell) => number,
  ) => {
    if (name !== edit.hook) return x;
    return x.map((v, index) => {
      const cell = cellAt(name, index, dims, lengths);
      return holds(edit, cell, lengths[cell.row]!) ? change(v, cell) : v;
    });
  };
  return {
    apply: (name, x, dims) =>
      forCells(name, x, dims, (v, cell) => {
        if (op === "zero") return 0;
        if (op === "scale") return v * operand(edit, cell);
        return (op === "add" ? v : 0) + operand(edit, cell);
      }),
    pullback: (name, grad, dims) =>
      forCells(name, grad, dims, (g, cell) => {
        if (op === "add") return g;
        return op === "scale" ? g * operand(edit, cell) : 0;
      }),
  };
}
