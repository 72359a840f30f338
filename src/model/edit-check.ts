/** Reads one `DirectEdit`: everything that can be wrong with it is said here, by the hook's name and the shape it expects. */
import { type Axes, parseHook, type Site, type Stage } from "../core/hooks.ts";
import { LabError } from "../core/lab-error.ts";
import type { DirectEdit } from "../core/edits.ts";
import type { Gpt2Config } from "../core/types.ts";

/** x → x · mul + add at one site of one stage. */
export interface CheckedEdit {
  site: Site;
  stage: Stage;
  /** null where it holds everywhere */
  head: number | null;
  /** absolute */
  pos: number | null;
  neuron: number | null;
  mul: number;
  add: Operand;
}
/** A number, values along the hook's last axis, along all axes but the positions (`row`), or of the whole tensor. */
export type Operand =
  { kind: "number"; value: number } | { kind: "vector" | "row" | "tensor"; data: Float32Array };

export interface EditScope {
  /** Positions that `pos` counts within, and that a value with a position axis covers. */
  length: number;
  /** Positions from `length` up to here may be named too (tokens yet to be generated); 0 for none. */
  limit: number;
}

/** Sizes along a hook's axes, with `positions` for T and S. */
export const axisSizes = (axes: Axes, config: Gpt2Config, positions: number): number[] => {
  const size = {
    T: positions,
    S: positions,
    H: config.n_head,
    d: config.n_embd,
    h: config.n_embd / config.n_head,
    m: config.n_inner,
    "1": 1,
  };
  return axes.map((axis) => size[axis]);
};

/** @throws LabError "bad-input" naming the hook and what it expects */
export function checkEdit(edit: DirectEdit, config: Gpt2Config, scope: EditScope): CheckedEdit {
  const { stage, site, axes } = parseHook(edit.hook, config);
  const head = checkHead(edit, axes, config);
  const pos = checkPos(edit, scope);
  const neuron = checkNeuron(edit, axes, config, scope);
  const at = { site, stage, head, pos, neuron };
  const none: Operand = { kind: "number", value: 0 };
  switch (edit.op) {
    case "zero":
      if (edit.value !== undefined) throw refuse(edit, 'op "zero" takes no value');
      return { ...at, mul: 0, add: none };
    case "scale": {
      const { value } = edit;
      if (typeof value !== "number" || !Number.isFinite(value)) {
        throw refuse(edit, `op "scale" takes a finite number, got ${shown(value)}`);
      }
      return { ...at, mul: value, add: none };
    }
    case "add":
      return { ...at, mul: 1, add: operand(edit, axes, axisSizes(axes, config, scope.length)) };
    case "replace":
      return { ...at, mul: 0, add: operand(edit, axes, axisSizes(axes, config, scope.length)) };
    default:
      throw refuse(
        edit,
        `there is no op ${shown(edit.op)}; use "zero", "scale", "add" or "replace"`,
      );
  }
}

const refuse = (edit: DirectEdit, why: string) =>
  new LabError("bad-input", `edit of ${edit.hook}: ${why}`);

function checkHead({ head, ...edit }: DirectEdit, axes: Axes, config: Gpt2Config): number | null {
  if (head === undefined) return null;
  if (!axes.includes("H")) throw refuse(edit, `it has no head axis, so "head" cannot be given`);
  if (!Number.isInteger(head) || head < 0 || head >= config.n_head) {
    throw refuse(edit, `head ${head} is not among 0 … ${config.n_head - 1}`);
  }
  return head;
}

function checkNeuron(
  { neuron, ...edit }: DirectEdit,
  axes: Axes,
  config: Gpt2Config,
  { length, limit }: EditScope,
): number | null {
  if (neuron === undefined) return null;
  const size = axisSizes(axes, config, Math.max(length, limit)).at(-1)!;
  if (!Number.isInteger(neuron) || neuron < 0 || neuron >= size) {
    throw refuse(
      edit,
      `neuron ${neuron} is not among 0 … ${size - 1}, the indices of its last axis`,
    );
  }
  // The graph carries out a head's factor on z, before W_O, where there are no coordinates of d_model yet.
  if (edit.hook.endsWith("attn.hook_result") && edit.op !== "add") {
    throw refuse(
      edit,
      `op "${edit.op}" cannot be narrowed to one coordinate (neuron ${neuron}) there; "add" can, or edit hook_attn_out`,
    );
  }
  return neuron;
}

/** The row of the batch that an edit is for; null for all of them. @throws LabError "bad-input" */
export function checkRow({ row, ...edit }: DirectEdit, rows: number): number | null {
  if (row === undefined) return null;
  if (Number.isInteger(row) && row >= 0 && row < rows) return row;
  throw refuse(edit, `row ${row} is not among 0 … ${rows - 1}`);
}

function checkPos({ pos, ...edit }: DirectEdit, { length, ...scope }: EditScope): number | null {
  if (pos === undefined) return null;
  const limit = Math.max(length, scope.limit);
  const absolute = pos < 0 ? pos + length : pos;
  if (!Number.isInteger(pos) || absolute < 0 || absolute >= limit) {
    throw refuse(edit, `pos ${pos} is not among ${-length} … ${limit - 1} (${length} tokens)`);
  }
  return absolute;
}

function operand(edit: DirectEdit, axes: Axes, sizes: number[]): Operand {
  const { value } = edit;
  const last = sizes.at(-1)!;
  const all = sizes.reduce((a, b) => a * b, 1);
  const row = axes[0] === "T" ? all / sizes[0]! : last;
  if (typeof value === "number" && Number.isFinite(value)) return { kind: "number", value };
  if (value instanceof Float32Array) {
    const bad = value.find((v) => !Number.isFinite(v));
    if (bad !== undefined) throw refuse(edit, `its value holds ${bad}`);
    if (value.length === last) return { kind: "vector", data: value };
    if (value.length === row) return { kind: "row", data: value };
    if (value.length === all) return { kind: "tensor", data: value };
  }
  const lengths = [...new Set([last, row])].join(" or ");
  throw refuse(
    edit,
    `op "${edit.op}" takes a finite number, a Float32Array of ${lengths} (${sides(axes)}), or one of the ` +
      `whole shape [${sizes.join(", ")}]; got ${shown(value)}`,
  );
}

const sides = (axes: Axes) =>
  axes[0] === "T" && axes.length > 2 ? "the last axis, or all heads" : "the last axis";

const shown = (value: unknown): string =>
  ArrayBuffer.isView(value) && "length" in value
    ? `${value.constructor.name} of ${String(value.length)}`
    : Array.isArray(value)
      ? `an array of ${value.length}`
      : typeof value === "string"
        ? `"${value}"`
        : String(value);
