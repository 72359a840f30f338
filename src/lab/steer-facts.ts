/**
 * What a steering row is at a prompt: how long its direction is, how far it moves the residual stream. A change at z or at neurons
 * arrives in the stream through W_O or W_out, so ‖Δ‖ is there ‖a·d·W‖; ‖x‖ is that of the unsteered stream where it arrives.
 */
import { blockHook, parseHook } from "../core/hooks.ts";
import type { SteerFacts } from "../core/steer.ts";
import { holdsAt } from "../core/steer.ts";
import type { Gpt2Config, TensorData } from "../core/types.ts";
import { projectionOn } from "../math/steer-amount.ts";
import type { PlainRun } from "./plain-run.ts";
import { amountsOf, type SteerModel, type SteerPart } from "./steer-parts.ts";

/** The stream after what is written at a hook has been added; of what does not go straight into the stream the hook itself. */
export function streamHook(hook: string, config: Gpt2Config): string {
  const { layer, site } = parseHook(hook, config);
  if (layer === null) return hook;
  if (site === "hook_attn_out" || site === "attn.hook_z") {
    return blockHook(layer, "hook_resid_mid");
  }
  const fromMlp = site === "hook_mlp_out" || site === "mlp.hook_post";
  return fromMlp ? blockHook(layer, "hook_resid_post") : hook;
}

/** @param plain with the values of the part's read hook and stream hook */
export async function partFacts(
  model: SteerModel,
  part: SteerPart,
  plain: PlainRun,
): Promise<Omit<SteerFacts, "change">> {
  const key = JSON.stringify(part.row.source);
  const known = plain.facts.get(key);
  if (known) return known;
  const { hook, length, own, direction } = part;
  const normHook = streamHook(hook, model.info.config);
  const norms = rowNorms(plain.cache.get(normHook)!);
  const facts = {
    ...{ hook, length, own, normHook },
    reach: await reachOf(model, hook, direction),
    reading: readingAt(part, plain),
    scale: meanScale(part, plain),
    norm: meanButFirst(norms),
  };
  plain.facts.set(key, facts);
  return facts;
}

/** ‖x‖ of each token of [1, T, …]. */
function rowNorms({ data, dims }: TensorData): number[] {
  const T = dims[1]!;
  const width = data.length / T;
  return Array.from({ length: T }, (_, t) =>
    Math.hypot(...data.subarray(t * width, (t + 1) * width)),
  );
}

/** Over all but the first, whose activation in GPT-2 is many times larger than any other, unless it is the only one. */
function meanButFirst(values: readonly number[]): number {
  const counted = values.length > 1 ? values.slice(1) : values;
  return counted.reduce((sum, x) => sum + x, 0) / counted.length;
}

const meanScale = ({ scale, readHook }: SteerPart, { cache }: PlainRun): number =>
  scale ? meanButFirst([...scale(cache.get(readHook)!.data)]) : 1;

function readingAt({ read, readHook, direction, length }: SteerPart, { cache }: PlainRun): number {
  const { data, dims } = cache.get(readHook)!;
  const last = dims[1]! - 1;
  if (read) return read(data)[last]!;
  return projectionOn(data, last * direction.length, direction, length);
}

/** ‖d·W‖, W what takes the hook's value into the stream. */
async function reachOf(model: SteerModel, hook: string, d: Float32Array): Promise<number> {
  const { config } = model.info;
  const { layer, site } = parseHook(hook, config);
  const into = site === "attn.hook_z" ? "attn" : site === "mlp.hook_post" ? "mlp" : null;
  if (into === null || layer === null) return Math.hypot(...d);
  const { data: W } = await model.weight(`h.${layer}.${into}.c_proj.weight`);
  const D = config.n_embd;
  const out = new Float64Array(D);
  d.forEach((x, i) => {
    if (x === 0) return;
    for (let j = 0; j < D; j++) out[j]! += x * W[i * D + j]!;
  });
  return Math.hypot(...out);
}

/**
 * The largest ‖Δ‖/‖x‖ over the tokens that a row changes. @param amounts the a of x + a·d, by position
 */
export function largestChange(
  { row }: SteerPart,
  { reach, normHook }: Omit<SteerFacts, "change">,
  amounts: (position: number) => number,
  { cache }: PlainRun,
): SteerFacts["change"] {
  const norms = rowNorms(cache.get(normHook)!);
  const T = norms.length;
  let found: SteerFacts["change"] = null;
  for (let t = 0; t < T; t++) {
    const held = row.at === "generated" ? t === T - 1 : holdsAt(row.at, t, T);
    if (!held) continue;
    const ratio = (Math.abs(amounts(t)) * reach) / norms[t]!;
    if (Number.isFinite(ratio) && (found === null || ratio > found.ratio)) {
      found = { ratio, position: t };
    }
  }
  return found;
}

/**
 * The largest ‖Δ‖/‖x‖ of any one part over the prompt's tokens, each reading the unsteered run; null where none changes them.
 * @param plain with the values of every part's hook, read hook and stream hook
 */
export async function mostChange(
  model: SteerModel,
  parts: readonly SteerPart[],
  plain: PlainRun,
): Promise<number | null> {
  const value = (name: string) => plain.cache.get(name)!.data;
  let most: number | null = null;
  for (const part of parts) {
    if (part.row.at === "generated") continue;
    const facts = await partFacts(model, part, plain);
    const amounts = amountsOf(part, value(part.hook), value(part.readHook));
    const change = largestChange(part, facts, (t) => amounts[t] ?? NaN, plain);
    if (change && (most === null || change.ratio > most)) most = change.ratio;
  }
  return most;
}

/** Hook points that facts of these parts are told of. */
export const factHooks = (parts: readonly SteerPart[], config: Gpt2Config): string[] => [
  ...new Set(parts.flatMap(({ hook, readHook }) => [hook, readHook, streamHook(hook, config)])),
];
