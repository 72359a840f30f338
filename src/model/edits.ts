/**
 * Edits → the graph's inputs. Edits that meet at one row and stage share a slot; slot 0 changes nothing. At each site
 * `mul` and `add` are [slots, …axes], an axis 1 long where nothing varies along it.
 * Several edits at one place compose in their order: (m₁, a₁) then (m₂, a₂) is (m₂·m₁, m₂·a₁ + a₂).
 */
import { type Axes, axesOf, type Site, type Stage } from "../core/hooks.ts";
import type { DirectEdit } from "../core/edits.ts";
import type { Gpt2Config, TensorData } from "../core/types.ts";
import { axisSizes, checkEdit, type CheckedEdit, checkRow, type Operand } from "./edit-check.ts";
import { addName, mulName, SITES } from "./graph-sites.ts";
import type { StageRows } from "./row-plan.ts";

/** The positions start … start + count − 1 that a run computes; with a KV cache, `start` is its length. */
export interface EditWindow {
  start: number;
  count: number;
  /** Per row of the batch: positions that `pos` counts within, and that a value with a position axis covers. */
  lengths: readonly number[];
  /** Positions beyond a row's length and below this may be named too (tokens yet to be generated). */
  limit: number;
}

export interface RowEdits {
  /** The edits that a row meets at a stage, in order. */
  of: (row: number, stage: Stage) => readonly CheckedEdit[];
  /** The same for two rows of one length if they meet the same edits at that stage; "" where there are none. */
  key: (row: number, stage: Stage) => string;
}

export interface EditInputs {
  /** By stage: the slot of each of its rows, or one for all of them. */
  slots: Map<Stage, number[]>;
  /** `mul` and `add` of every site by input name. */
  tensors: Map<string, TensorData>;
}

/** Reads the edits for each row they hold for. @throws LabError "bad-input" */
export function readEdits(
  edits: readonly DirectEdit[],
  config: Gpt2Config,
  window: EditWindow,
): RowEdits {
  const { lengths, limit } = window;
  const rows = lengths.map((): Map<Stage, { index: number; edit: CheckedEdit }[]> => new Map());
  edits.forEach((edit, index) => {
    const only = checkRow(edit, lengths.length);
    const known = new Map<number, CheckedEdit>(); // by length
    lengths.forEach((length, row) => {
      if (only !== null && only !== row) return;
      const checked = known.get(length) ?? checkEdit(edit, config, { length, limit });
      known.set(length, checked);
      const here = rows[row]!.get(checked.stage) ?? [];
      rows[row]!.set(checked.stage, here);
      here.push({ index, edit: checked });
    });
  });
  const at = (row: number, stage: Stage) => rows[row]!.get(stage) ?? [];
  return {
    of: (row, stage) => at(row, stage).map(({ edit }) => edit),
    key: (row, stage) =>
      at(row, stage)
        .map(({ index }) => index)
        .join(),
  };
}

interface Slot {
  edits: readonly CheckedEdit[];
  length: number;
}

/** The inputs for those rows that each stage computes. */
export function compileEdits(
  rows: RowEdits,
  plan: readonly StageRows[],
  config: Gpt2Config,
  window: EditWindow,
): EditInputs {
  const slots: Slot[] = [{ edits: [], length: 0 }];
  const slotFor = (row: number, stage: Stage): Slot => ({
    edits: rows.of(row, stage),
    length: window.lengths[row]!,
  });
  const byStage = new Map(
    plan.map(({ stage, represents }): [Stage, number[]] => {
      const known = new Map<string, number>([["", 0]]);
      const own = represents.map((row) => {
        const edits = rows.key(row, stage);
        const key = edits && `${edits} of ${window.lengths[row]!}`;
        const slot = known.get(key) ?? slots.push(slotFor(row, stage)) - 1;
        known.set(key, slot);
        return slot;
      });
      return [stage, own.every((slot) => slot === own[0]) ? [own[0] ?? 0] : own];
    }),
  );
  const tensors = new Map<string, TensorData>();
  for (const site of SITES) {
    const { mul, add } = compileSite(site, slots, config, window);
    tensors.set(mulName(site), mul);
    tensors.set(addName(site), add);
  }
  return { slots: byStage, tensors };
}

function compileSite(site: Site, slots: readonly Slot[], config: Gpt2Config, window: EditWindow) {
  const axes = axesOf(site);
  const here = slots.map(({ edits, length }): Slot => ({
    length,
    edits: edits.filter((edit) => edit.site === site),
  }));
  const edits = here.flatMap((slot) => slot.edits);
  const end = window.start + window.count;
  const run = axisSizes(axes, config, end);
  // Keys beyond a row's own end are padding, and get no attention whatever an edit says. Rows are padded in prompts only.
  const padded = window.limit === 0 && window.lengths.some((length) => length < end);
  const grid = (varies: (edit: CheckedEdit, axis: number) => boolean, start: number): Grid => {
    const sizes = axes.map((axis, i) => {
      if (!edits.some((edit) => varies(edit, i))) return 1;
      return axis === "T" ? window.count : run[i]!;
    });
    const plane = sizes.reduce((a, b) => a * b, 1);
    const data = new Float32Array(slots.length * plane).fill(start);
    return { sizes, plane, tensor: { data, dims: [slots.length, ...sizes] } };
  };
  // A factor of results is carried out before W_O, on z, and is the same for all of d_model.
  const mul = grid(
    (edit, i) => narrows(edit, axes, i) && !(site === "attn.hook_result" && axes[i] === "d"),
    1,
  );
  // Results of all heads are summed up after the edit, so what is added must be there for each of them.
  const add = grid(
    (edit, i) =>
      narrows(edit, axes, i) ||
      spreads(edit, axes, i) ||
      (site === "attn.hook_result" && axes[i] === "H") ||
      (padded && axes[i] === "S"),
    0,
  );
  here.forEach((slot, s) => {
    const origin = axes.map((axis) => (axis === "T" ? window.start : 0));
    const full = axisSizes(axes, config, slot.length);
    for (const edit of slot.edits) {
      const box = (sizes: readonly number[]) =>
        axes.map((axis, i) => {
          const size = axis === "S" && padded ? Math.min(sizes[i]!, slot.length) : sizes[i]!;
          return rangeOf(edit, axes, axis, size, window.start, slot.length);
        });
      forEachCell(box(mul.sizes), mul.sizes, (cell) => {
        mul.tensor.data[s * mul.plane + cell]! *= edit.mul;
      });
      const value = valueOf(edit.add, full, origin);
      forEachCell(box(add.sizes), add.sizes, (cell, at) => {
        const i = s * add.plane + cell;
        add.tensor.data[i] = edit.mul * add.tensor.data[i]! + value(at);
      });
    }
  });
  return { mul: mul.tensor, add: add.tensor };
}

interface Grid {
  sizes: number[];
  plane: number;
  tensor: TensorData;
}

/** A value with an axis of positions or keys covers the prompt only, and nothing that is generated later. */
const coversPrompt = ({ add }: CheckedEdit, axes: Axes): boolean =>
  add.kind === "tensor" || (add.kind === "vector" && axes.at(-1) === "S");

/** Whether an edit holds on a part of an axis only. */
function narrows(edit: CheckedEdit, axes: Axes, i: number): boolean {
  const axis = axes[i];
  if (i === axes.length - 1 && edit.neuron !== null) return true;
  if (axis === "H") return edit.head !== null;
  if (axis === "T") return edit.pos !== null || coversPrompt(edit, axes);
  return axis === "S" && coversPrompt(edit, axes);
}

/** Whether the value of an edit is not the same all along an axis. */
function spreads({ add: { kind } }: CheckedEdit, axes: Axes, i: number): boolean {
  if (kind === "tensor") return true;
  if (kind === "row") return axes[i] !== "T";
  return kind === "vector" && i === axes.length - 1;
}

/** The part of an axis, in the run's own indices, on which an edit holds: [from, to). */
function rangeOf(
  edit: CheckedEdit,
  axes: Axes,
  axis: Axes[number],
  size: number,
  start: number,
  length: number,
): [from: number, to: number] {
  if (axis === "H" && edit.head !== null) return [edit.head, edit.head + 1];
  const origin = axis === "T" ? start : 0;
  const covered = (axis === "T" || axis === "S") && coversPrompt(edit, axes);
  const end = Math.min(covered ? length - origin : size, size);
  const only = axis === "T" ? edit.pos : axis === axes.at(-1) ? edit.neuron : null;
  if (only === null) return [0, end];
  const at = only - origin;
  return at >= 0 && at < end ? [at, at + 1] : [0, 0];
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
