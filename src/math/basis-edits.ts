/**
 * Edits told in TransformerLens's basis → the raw ones that do the same to the model.
 * A site's raw value is g·x + o of its value x in that basis (`basis.ts`): v and z have o = b̂_V, a head's result o = b̂_V·W_O,
 * hook_normalized g = LayerNorm's weight and o its bias. So x → m·x + a is, on the raw value, m·raw + g·a + (1 − m)·o.
 * In the residual stream g = 1 and o = 0. There, in a head's result and in hook_normalized, a value's mean over d_model is
 * lost: all weights that read it are centred in TransformerLens's basis, and none can see it.
 *
 * An edited pattern need not sum to 1, and b̂_V then no longer comes out whole. For such a layer b̂_V is taken off every v
 * and given back to every z, which is TransformerLens's attention whatever the pattern is.
 */
import { axesOf, parseHook, type Site } from "../core/hooks.ts";
import { LabError } from "../core/lab-error.ts";
import type { DirectEdit } from "../core/edits.ts";
import type { Gpt2Config } from "../core/types.ts";
import { basisKind } from "./basis.ts";
import { centred } from "./rows.ts";

/** What of a layer the rewriting needs. */
export interface LayerBasis {
  /** b̂_V, [H, h] */
  valueBias: Float32Array;
  /** b̂_V·W_O, [H, D] */
  resultBias: Float32Array;
}
export interface NormParameters {
  w: Float32Array;
  b: Float32Array;
}
export interface BasisParameters {
  layer: (layer: number) => LayerBasis;
  /** Of the LayerNorm that a `hook_normalized` belongs to. */
  norm: (hook: string) => NormParameters;
}

export interface RawEdits {
  edits: DirectEdit[];
  /** Layers whose v is read without b̂_V already: their pattern is edited, or its gradient is wanted. */
  biasFree: Set<number>;
}

/** The hooks at which an edit is another one in the raw basis, and whose parameters are needed. */
export const editsNeed = (edits: readonly DirectEdit[], config: Pick<Gpt2Config, "n_layer">) =>
  edits
    .map(({ hook }) => parseHook(hook, config))
    .filter(({ site }) => site === "attn.hook_pattern" || offsetKind(site) !== null);

/**
 * @param patterns layers whose patterns' gradients are wanted: more attention must not bring more of b̂_V there
 * @param edits in TransformerLens's basis; those that are wrong in themselves pass as they are and are refused later
 * @throws LabError "bad-input" for an unknown hook, "unsupported" for what no raw edit can do
 */
export function editsToRaw(
  edits: readonly DirectEdit[],
  config: Gpt2Config,
  parameters: BasisParameters,
  patterns: readonly number[] = [],
): RawEdits {
  const points = edits.map(({ hook }) => parseHook(hook, config));
  const edited = points.flatMap(({ site, layer }) =>
    site === "attn.hook_pattern" ? [layer!] : [],
  );
  const biasFree = new Set([...patterns, ...edited]);
  const shift = (site: "attn.hook_v" | "attn.hook_z", sign: number): DirectEdit[] =>
    [...biasFree].map((layer) => ({
      hook: `blocks.${layer}.${site}`,
      op: "add",
      value: parameters.layer(layer).valueBias.map((b) => sign * b),
    }));
  const rewritten = edits.flatMap((edit, i) => {
    const { site, layer, name } = points[i]!;
    if (axesOf(site).at(-1) === "d") refuseOneCoordinate(edit);
    const kind = offsetKind(site);
    if (kind === null) return [edit];
    if (kind === "normalized") {
      const { w, b } = parameters.norm(name);
      return affineEdit(unseenMeanOff(edit, w.length), b, w, w.length);
    }
    const of = parameters.layer(layer!);
    const last = kind === "value" ? config.n_embd / config.n_head : config.n_embd;
    return affineEdit(edit, kind === "value" ? of.valueBias : of.resultBias, null, last);
  });
  // Edits of one site take place in their order: z gets its bias back before it is edited, v loses it afterwards.
  return {
    edits: [...shift("attn.hook_z", 1), ...rewritten, ...shift("attn.hook_v", -1)],
    biasFree,
  };
}

function offsetKind(site: Site): "value" | "result" | "normalized" | null {
  const kind = basisKind(site);
  return kind === "centred" || kind === "same" ? null : kind;
}

/**
 * What lies along d_model has mean 0 in TransformerLens's basis, and the raw weights' has not: one coordinate of it scaled
 * or replaced is no edit of the raw one that could be told beforehand.
 * @throws LabError "unsupported"
 */
function refuseOneCoordinate({ hook, op, neuron }: DirectEdit): void {
  if (neuron === undefined || op === "add") return;
  throw new LabError(
    "unsupported",
    `edit of ${hook}: in TransformerLens's basis op "${op}" on one coordinate (neuron ${neuron}) also moves ` +
      'the mean, which its weights do not see; add to it, or edit in basis "raw"',
  );
}

/** An edit of hook_normalized without its values' means over d_model, which the raw weights would see. */
function unseenMeanOff(edit: DirectEdit, D: number): DirectEdit {
  const { neuron, ...rest } = edit;
  const { value } = edit;
  const spread = typeof value === "number" ? new Float32Array(D).fill(value) : value;
  const moves = edit.op === "add" || edit.op === "replace";
  if (!moves || !(spread instanceof Float32Array) || spread.length % D !== 0) return edit;
  const masked = neuron === undefined ? spread : spread.map((x, i) => (i % D === neuron ? x : 0));
  return { ...rest, value: centred(masked, D) };
}

/** @param o offset, one token's worth; `gain` of the same length, null for 1; `last` the size of the hook's last axis */
function affineEdit(
  edit: DirectEdit,
  o: Float32Array,
  gain: Float32Array | null,
  last: number,
): DirectEdit[] {
  const { value } = edit;
  switch (edit.op) {
    case "zero":
      return value === undefined ? [{ ...edit, op: "replace", value: o }] : [edit];
    case "scale":
      if (typeof value !== "number") return [edit];
      return [edit, { ...edit, op: "add", value: o.map((x) => (1 - value) * x) }];
    case "add":
      return gain === null ? [edit] : [{ ...edit, ...valueAt(value, last, o.length, gain, null) }];
    case "replace":
      return [{ ...edit, ...valueAt(value, last, o.length, gain, o) }];
    default:
      return [edit];
  }
}

/** g·a + o, with a number or a vector of the last axis spread over one token's worth; tensors keep their length. */
function valueAt(
  value: DirectEdit["value"],
  last: number,
  row: number,
  gain: Float32Array | null,
  o: Float32Array | null,
): Pick<DirectEdit, "value"> {
  const at = (a: number, i: number) => (gain?.[i % row] ?? 1) * a + (o?.[i % row] ?? 0);
  if (typeof value === "number") {
    return { value: Float32Array.from({ length: row }, (_, i) => at(value, i)) };
  }
  if (!(value instanceof Float32Array)) return {};
  if (value.length === last) {
    return { value: Float32Array.from({ length: row }, (_, i) => at(value[i % last]!, i)) };
  }
  return { value: value.length % row === 0 ? value.map(at) : value };
}
