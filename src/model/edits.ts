/**
 * Edits → the graph's `mul` and `add` inputs, [n_layer, 1, …axes]. An axis is 1 long where nothing varies along it.
 * Several edits at one place compose in their order: (m₁, a₁) then (m₂, a₂) is (m₂·m₁, m₂·a₁ + a₂).
 */
import { type Axes, BLOCK_SITES, type BlockSite } from "../core/hooks.ts";
import type { Edit, Gpt2Config, TensorData } from "../core/types.ts";
import {
  axisSizes,
  checkEdit,
  type CheckedEdit,
  type EditScope,
  type Operand,
} from "./edit-check.ts";
import { addName, EDITABLE_SITES, mulName } from "./graph-sites.ts";

/** The positions start … start + count − 1 that a run computes; with a KV cache, `start` is its length. */
export interface EditWindow extends EditScope {
  start: number;
  count: number;
}

/** The inputs of every editable site by name; neutral (1 and 0) where nothing is edited. */
export function compileEdits(
  edits: readonly Edit[],
  config: Gpt2Config,
  window: EditWindow,
): Map<string, TensorData> {
  const checked = edits.map((edit) => checkEdit(edit, config, window));
  const inputs = new Map<string, TensorData>();
  for (const site of EDITABLE_SITES) {
    const here = checked.filter((edit) => edit.site === site);
    const { mul, add } = compileSite(site, here, config, window);
    inputs.set(mulName(site), mul);
    inputs.set(addName(site), add);
  }
  return inputs;
}

function compileSite(
  site: BlockSite,
  edits: readonly CheckedEdit[],
  config: Gpt2Config,
  window: EditWindow,
): { mul: TensorData; add: TensorData } {
  const { axes } = BLOCK_SITES[site];
  const full = axisSizes(axes, config, window.length);
  const run = axisSizes(axes, config, window.start + window.count);
  const sizes = axes.map((axis, i) => {
    if (!edits.some((edit) => varies(edit, axes, i))) return 1;
    return axis === "T" ? window.count : run[i]!;
  });
  const dims = [config.n_layer, 1, ...sizes];
  const plane = sizes.reduce((a, b) => a * b, 1);
  const mul = new Float32Array(config.n_layer * plane).fill(1);
  const add = new Float32Array(config.n_layer * plane);
  for (const edit of edits) {
    const first = axes.map((axis) => (axis === "T" ? window.start : 0));
    const value = valueOf(edit.add, full, first);
    const ranges = axes.map((axis, i) => rangeOf(edit, axes, axis, sizes[i]!, window));
    forEachCell(ranges, sizes, (cell, at) => {
      const i = edit.layer * plane + cell;
      mul[i] = edit.mul * mul[i]!;
      add[i] = edit.mul * add[i]! + value(at);
    });
  }
  return { mul: { data: mul, dims }, add: { data: add, dims: [...dims] } };
}

/** A value with an axis of positions or keys covers the prompt only, and nothing that is generated later. */
const coversPrompt = ({ add }: CheckedEdit, axes: Axes): boolean =>
  add.kind === "tensor" || (add.kind === "vector" && axes.at(-1) === "S");

/** Whether an edit is not the same all along an axis. */
function varies(edit: CheckedEdit, axes: Axes, i: number): boolean {
  const { kind } = edit.add;
  if (kind === "tensor" || (kind === "vector" && i === axes.length - 1)) return true;
  if (kind === "row" && axes[i] !== "T") return true;
  if (axes[i] === "H") return edit.head !== null;
  return axes[i] === "T" && (edit.pos !== null || coversPrompt(edit, axes));
}

/** The part of an axis, in the run's own indices, on which an edit holds: [from, to). */
function rangeOf(
  edit: CheckedEdit,
  axes: Axes,
  axis: Axes[number],
  size: number,
  { start, length }: EditWindow,
): [from: number, to: number] {
  if (axis === "H" && edit.head !== null) return [edit.head, edit.head + 1];
  const origin = axis === "T" ? start : 0;
  const end = (axis === "T" || axis === "S") && coversPrompt(edit, axes) ? length - origin : size;
  if (axis !== "T" || edit.pos === null) return [0, Math.min(end, size)];
  const at = edit.pos - start;
  return at >= 0 && at < Math.min(end, size) ? [at, at + 1] : [0, 0];
}

/** The operand at a place; `full` are the sizes of a whole tensor, `first` is where the run begins in it. */
function valueOf(operand: Operand, full: readonly number[], first: readonly number[]) {
  if (operand.kind === "number") return () => operand.value;
  const { data } = operand;
  if (operand.kind === "vector") return (at: readonly number[]) => data[at.at(-1)!]!;
  const from = operand.kind === "row" ? 1 : 0; // positions are the first axis of a row's hook
  return (at: readonly number[]) => {
    let index = 0;
    for (let axis = from; axis < full.length; axis++) {
      index = index * full[axis]! + at[axis]! + first[axis]!;
    }
    return data[index]!;
  };
}

/** Visits every cell of a box in row-major order, with its index in the plane of `sizes`. `at` is reused. */
function forEachCell(
  box: readonly [number, number][],
  sizes: readonly number[],
  visit: (cell: number, at: readonly number[]) => void,
): void {
  const at = box.map(([from]) => from);
  const step = (axis: number, base: number): void => {
    if (axis === sizes.length) {
      visit(base, at);
      return;
    }
    const [from, to] = box[axis]!;
    for (let i = from; i < to; i++) {
      at[axis] = i;
      step(axis + 1, base * sizes[axis]! + i);
    }
  };
  step(0, 0);
}
