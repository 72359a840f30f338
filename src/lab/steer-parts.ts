/**
 * Steering rows made ready for a model: where each writes, its direction, how it is read. Directions are told in the raw basis,
 * the checkpoint's own, in which SAEs read too; what is found of phrases is remembered, since a slider asks again and again.
 */
import { checkStreamHook } from "../core/direction.ts";
import type { SteerRow, SteerSource } from "../core/steer.ts";
import { isAlong, sourceHook } from "../core/steer.ts";
import { blockHook, parseHook } from "../core/hooks.ts";
import { LabError } from "../core/lab-error.ts";
import type { Gpt2Config } from "../core/types.ts";
import { outputOf } from "../core/sae.ts";
import type { Sae } from "../math/feature-change.ts";
import { featureScale, scalesByToken } from "../math/input-norm.ts";
import { steerAmount, projectionOn } from "../math/steer-amount.ts";
import type { LoadedModel } from "../model/loaded-model.ts";
import { checkIndex } from "./direction-reader.ts";
import { checkPlace, type EditScope } from "./edit-check.ts";
import { featureActivations } from "./feature-reader.ts";
import { encodeOnce } from "./encode-once.ts";
import { differenceOfMeans, meanAtLast } from "./mean-difference.ts";
import { checkFits } from "./sae-edit.ts";

export type SteerModel = Pick<LoadedModel, "info" | "tokenizer" | "run" | "weight">;

export interface SteerPart {
  row: SteerRow;
  /** Of the row in its list. */
  index: number;
  /** Where it writes. */
  hook: string;
  /** d, as wide as a token's worth at the hook. */
  direction: Float32Array;
  /** ‖d‖ */
  length: number;
  own: number | null;
  /** Where r is read; the hook itself for all but transcoders. */
  readHook: string;
  /** r of each row of the read hook's value; null: it is x·d̂. */
  read: ((rows: Float32Array) => Float32Array) | null;
  /**
   * t of each row: what one unit of the reading, times d, is in the model's own scale; null: 1. Of an SAE that normalises what it
   * reads (`math/input-norm.ts`) that depends on the token.
   */
  scale: ((rows: Float32Array) => Float64Array) | null;
}

export interface PartContext {
  sae: (id: string) => Promise<Sae>;
  scope: EditScope;
  signal: AbortSignal;
}

/**
 * Those that are switched on.
 * @throws LabError "not-found", "unsupported", "bad-input" or "degenerate" naming the row
 */
export async function prepareParts(
  model: SteerModel,
  rows: readonly SteerRow[],
  context: PartContext,
): Promise<SteerPart[]> {
  const ready: SteerPart[] = [];
  for (const [index, row] of rows.entries()) {
    if (!row.on) continue;
    const part = { row, index, ...(await prepareSource(model, row.source, context)) };
    checkPositions(part, model.info.config, context.scope);
    ready.push(part);
  }
  return ready;
}

/** Chosen positions must be there. */
function checkPositions({ row, hook }: SteerPart, config: Gpt2Config, scope: EditScope): void {
  if (typeof row.at === "string") return;
  for (const pos of row.at) checkPlace({ hook, pos }, config, scope);
}

type Source = Omit<SteerPart, "row" | "index">;

async function prepareSource(
  model: SteerModel,
  source: SteerSource,
  { sae: openSae, signal }: PartContext,
): Promise<Source> {
  const { config } = model.info;
  if (source.kind === "feature") {
    return prepareFeature(await openSae(source.sae), source.feature, config);
  }
  const hook = sourceHook(source);
  parseHook(hook, config);
  if (source.kind === "neuron") {
    checkIndex("neuron", source.neuron, config.n_inner);
    const direction = new Float32Array(config.n_inner);
    direction[source.neuron] = 1;
    return { ...PLAIN, hook, direction, readHook: hook };
  }
  const vector = await streamVector(model, source, signal);
  const own = Math.hypot(...vector);
  if (!(own > 0 && own < Infinity)) {
    throw new LabError(
      "degenerate",
      `the direction at ${hook} is ${own === 0 ? "0" : "not finite"}: there is nothing to steer along`,
    );
  }
  const direction = vector.map((x) => x / own);
  return { ...PLAIN, hook, direction, own, readHook: hook };
}

/** Of a unit vector that is read as it is written. */
const PLAIN = { length: 1, own: null, read: null, scale: null } as const;

function prepareFeature(sae: Sae, feature: number, config: Gpt2Config): Source {
  checkFits(sae.config, config);
  checkIndex("feature", feature, sae.config.dSae);
  const { hook: readHook, dIn, variant, dSae, normalize } = sae.config;
  const { hook, width } = outputOf(sae.config);
  const direction = sae.weights.W_dec.slice(feature * width, (feature + 1) * width);
  const length = Math.hypot(...direction);
  const read = (rows: Float32Array) => {
    // A standard SAE's own column is enough; of the others all are found at once and remembered for the next row.
    if (variant === "standard") return featureActivations(rows, sae, feature);
    const f = encodeOnce(rows, sae);
    return Float32Array.from({ length: rows.length / dIn }, (_, r) => f[r * dSae + feature]!);
  };
  const scale = scalesByToken(normalize)
    ? (rows: Float32Array) => featureScale(rows, dIn, normalize)
    : null;
  return { hook, direction, length, own: null, readHook, read, scale };
}

const known = new WeakMap<LoadedModel["run"], Map<string, Float32Array>>();
const REMEMBERED = 20;

/** A vector of the residual stream, not normalised. */
async function streamVector(
  model: SteerModel,
  source: Exclude<SteerSource, { kind: "feature" | "neuron" }>,
  signal: AbortSignal,
): Promise<Float32Array> {
  const { config } = model.info;
  if (source.kind === "vector") {
    checkStreamHook(source.hook, config);
    if (source.vector.length === config.n_embd) return Float32Array.from(source.vector);
    throw new LabError(
      "shape",
      `the vector “${source.name}” has ${source.vector.length} numbers, this model's residual stream ${config.n_embd}`,
    );
  }
  const memory = known.get(model.run) ?? new Map<string, Float32Array>();
  known.set(model.run, memory);
  const key = JSON.stringify(source);
  const found = memory.get(key) ?? (await ofPhrases(model, source, signal));
  memory.delete(key);
  memory.set(key, found);
  for (const old of [...memory.keys()].slice(0, -REMEMBERED)) memory.delete(old);
  return found;
}

async function ofPhrases(
  model: SteerModel,
  source: Extract<SteerSource, { kind: "head" | "difference" }>,
  signal: AbortSignal,
): Promise<Float32Array> {
  const { config } = model.info;
  if (source.kind === "difference") {
    checkStreamHook(source.hook, config);
    return differenceOfMeans(model, source, { basis: "raw", signal });
  }
  const { layer, head, phrases } = source;
  checkIndex("head", head, config.n_head);
  const D = config.n_embd;
  const h = D / config.n_head;
  const z = await meanAtLast(model, blockHook(layer, "attn.hook_z"), phrases, {
    ...{ basis: "raw", signal },
  });
  const { data: W_O } = await model.weight(`h.${layer}.attn.c_proj.weight`);
  const out = new Float64Array(D);
  for (let i = head * h; i < (head + 1) * h; i++) {
    for (let d = 0; d < D; d++) out[d]! += z[i]! * W_O[i * D + d]!;
  }
  return Float32Array.from(out);
}

/**
 * The a of x + a·d for each of some tokens.
 * @param x values where the part writes, [R, D]; `seen` where it reads
 */
export function amountsOf(
  { row, direction, length, read, scale }: SteerPart,
  x: Float32Array,
  seen: Float32Array,
): Float64Array {
  const D = direction.length;
  const needsReading = row.mode === "clamp" || row.mode === "multiply" || row.mode === "ablate";
  const readings = needsReading && read ? read(seen) : null;
  const scales = scale && !isAlong(row.mode) ? scale(seen) : null;
  return Float64Array.from({ length: x.length / D }, (_, r) => {
    const projection = row.mode === "add" ? 0 : projectionOn(x, r * D, direction, length);
    const reading = readings?.[r] ?? projection;
    return (scales?.[r] ?? 1) * steerAmount(row.mode, row.amount, { reading, projection, length });
  });
}
