/**
 * A direction (`core/direction.ts`) made ready to be read off activations: at which hook point, and one number a row.
 * Axis letters: R rows (tokens), D d_model, H heads, h d_head.
 * Bases: a neuron's activation is the same in both. An SAE reads the checkpoint's own activations, always. A head's result
 * and the residual stream are told in the basis asked for (`math/basis.ts`).
 */
import type { Basis } from "../core/basis.ts";
import { checkStreamHook, type Direction, type Found } from "../core/direction.ts";
import { blockHook } from "../core/hooks.ts";
import { LabError } from "../core/lab-error.ts";
import { centred } from "../math/rows.ts";
import type { LoadedModel } from "../model/loaded-model.ts";
import { layerBasis } from "./basis-parameters.ts";
import { type OpenedSae, readFeature } from "./feature-reader.ts";
import { differenceOfMeans } from "./mean-difference.ts";
import { tokenDirections } from "./token-directions.ts";

export interface DirectionReader {
  hook: string;
  /** @param rows [R, width of the hook] @returns [R] */
  read: (rows: Float32Array) => Float32Array;
  difference: Found["difference"];
}
export interface ReaderContext {
  basis: Basis;
  signal: AbortSignal;
  openSae: (id: string) => Promise<OpenedSae>;
}

/** @throws LabError "bad-input", "not-found", "unsupported" or "degenerate" if there is no such direction */
export async function directionReader(
  model: LoadedModel,
  direction: Direction,
  { basis, signal, openSae }: ReaderContext,
): Promise<DirectionReader> {
  const { config } = model.info;
  switch (direction.kind) {
    case "neuron": {
      const { layer, neuron } = direction;
      checkIndex("layer", layer, config.n_layer);
      checkIndex("neuron", neuron, config.n_inner);
      const read = (rows: Float32Array) => column(rows, config.n_inner, neuron);
      return { hook: blockHook(layer, "mlp.hook_post"), read, difference: null };
    }
    case "head":
      return readHead(model, direction, basis);
    case "feature":
      return { ...(await readFeature(direction, config, openSae)), difference: null };
    case "vector": {
      const { hook, vector } = direction;
      checkStreamHook(hook, config);
      if (vector.length !== config.n_embd) {
        throw new LabError(
          "shape",
          `the vector has ${vector.length} numbers, this model's residual stream ${config.n_embd}`,
        );
      }
      return { hook, read: along(unit(vector, "the vector"), basis), difference: null };
    }
    case "difference": {
      const { hook } = direction;
      checkStreamHook(hook, config);
      const difference = await differenceOfMeans(model, direction, { basis, signal });
      const d = unit(difference, "the difference of the two means");
      const length = Math.hypot(...difference);
      return { hook, read: along(d, basis), difference: { unit: d, length } };
    }
  }
}

/** A head's output: z·W_O, of which the tl basis takes the folded bias of the values away, centred over D. */
async function readHead(
  model: LoadedModel,
  { layer, head, token }: Extract<Direction, { kind: "head" }>,
  basis: Basis,
): Promise<DirectionReader> {
  const { n_layer, n_head, n_embd: D } = model.info.config;
  checkIndex("layer", layer, n_layer);
  checkIndex("head", head, n_head);
  const h = D / n_head;
  const from = head * h;
  const { data } = await model.weight(`h.${layer}.attn.c_proj.weight`);
  const own_hD = data.slice(from * D, (from + h) * D);
  const W_hD = basis === "tl" ? centred(own_hD, D) : own_hD;
  const bias_h =
    basis === "tl"
      ? (await layerBasis(model, layer)).valueBias.slice(from, from + h)
      : new Float32Array(h);
  const value =
    token === null
      ? (z: Float64Array) => Math.hypot(...timesMatrix(z, W_hD, D))
      : await alongToken(model, W_hD, token, basis);
  const read = (rows: Float32Array) => {
    const R = rows.length / D;
    const z = new Float64Array(h);
    return Float32Array.from({ length: R }, (_, r) => {
      for (let i = 0; i < h; i++) z[i] = rows[r * D + from + i]! - bias_h[i]!;
      return value(z);
    });
  };
  return { hook: blockHook(layer, "attn.hook_z"), read, difference: null };
}

/** z ↦ (z·W)·u, u what reads the token's logit off the stream but for the final LayerNorm's scale. */
async function alongToken(
  model: LoadedModel,
  W_hD: Float32Array,
  token: number | string,
  basis: Basis,
) {
  const tokens = [typeof token === "string" ? singleToken(model, token) : token];
  const { directions: u } = await tokenDirections(model, { tokens, basis, bare: false });
  const D = u.length;
  const w = Float64Array.from({ length: W_hD.length / D }, (_, i) => {
    let sum = 0;
    for (let d = 0; d < D; d++) sum += W_hD[i * D + d]! * u[d]!;
    return sum;
  });
  return (z: Float64Array) => z.reduce((sum, x, i) => sum + x * w[i]!, 0);
}

/** @throws LabError "bad-input" for a text that is not one token */
export function singleToken({ tokenizer }: LoadedModel, text: string): number {
  const { ids } = tokenizer.encode(text, false);
  if (ids.length === 1) return ids[0]!;
  const parts = tokenizer.strings(ids).map((part) => `“${part}”`);
  throw new LabError(
    "bad-input",
    ids.length === 0
      ? "no token was given to look along"
      : `“${text}” is ${ids.length} tokens for this model (${parts.join(", ")}); give one, with its space if it has one`,
  );
}

function timesMatrix(z: Float64Array, W_hD: Float32Array, D: number): Float64Array {
  const out = new Float64Array(D);
  z.forEach((x, i) => {
    for (let d = 0; d < D; d++) out[d]! += x * W_hD[i * D + d]!;
  });
  return out;
}

/** x · v of each row; in the tl basis x is centred over D, which is the same as v centred. @param v_D [D] */
function along(v_D: Float32Array, basis: Basis): (rows: Float32Array) => Float32Array {
  const D = v_D.length;
  const v = basis === "tl" ? centred(v_D, D) : v_D;
  return (rows) =>
    Float32Array.from({ length: rows.length / D }, (_, r) => {
      let sum = 0;
      for (let d = 0; d < D; d++) sum += rows[r * D + d]! * v[d]!;
      return sum;
    });
}

const column = (rows: Float32Array, width: number, at: number) =>
  Float32Array.from({ length: rows.length / width }, (_, r) => rows[r * width + at]!);

function unit(vector: Float32Array, what: string): Float32Array {
  const norm = Math.hypot(...vector);
  if (!Number.isFinite(norm)) throw new LabError("bad-input", `${what} is not finite`);
  if (norm === 0) throw new LabError("degenerate", `${what} is 0, which is no direction`);
  return vector.map((x) => x / norm);
}

export function checkIndex(what: string, index: number, count: number): void {
  if (Number.isInteger(index) && index >= 0 && index < count) return;
  throw new LabError("not-found", `${what} ${index} is not among 0 … ${count - 1}`);
}
