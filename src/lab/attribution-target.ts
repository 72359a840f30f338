/** Which logit is attributed at each position, and the direction in the residual stream that reads it. */
import type { Basis } from "../core/basis.ts";
import type { Target, TargetChoice, TokenText } from "../core/attribution.ts";
import { LabError } from "../core/lab-error.ts";
import { quoted } from "../core/quoted.ts";
import { topIndices } from "../math/softmax.ts";
import type { LoadedModel } from "../model/loaded-model.ts";
import type { RunInput } from "../rpc/figure-contract.ts";
import { readUnembeddingOf } from "./basis-parameters.ts";
import type { FigureRun } from "./figure-run.ts";
import { keptRun } from "./kept-runs.ts";
import { rowOf } from "./predict.ts";

/**
 * The id of a text that is one token.
 * @throws LabError "bad-input" saying which tokens it falls into
 */
export function oneToken(model: Pick<LoadedModel, "tokenizer">, { text }: TokenText): number {
  const encode = (of: string) => model.tokenizer.encode(of, false).ids;
  const ids = encode(text);
  if (ids.length === 1) return ids[0]!;
  if (ids.length === 0) throw new LabError("bad-input", "type a token, with the space before it");
  const parts = model.tokenizer.strings(ids).map(quoted).join(", ");
  const spaced = !text.startsWith(" ") && encode(` ${text}`).length === 1;
  throw new LabError(
    "bad-input",
    `${quoted(text)} is ${ids.length} tokens (${parts}), not one` +
      (spaced ? `; with a space before it, ${quoted(` ${text}`)}, it is one` : ""),
  );
}

/** @param run of the figure, with all logits */
export async function resolveTargets(
  model: LoadedModel,
  input: RunInput & TargetChoice,
  run: FigureRun,
  signal: AbortSignal,
): Promise<(Target | null)[]> {
  const { target, against } = input;
  const fixed = typeof target === "object" ? oneToken(model, target) : null;
  const fixedAgainst = typeof against === "object" ? oneToken(model, against) : null;
  const { ids } = run.tokens;
  const { plain } = await likeliestRun(input, run, signal);
  const token = (t: number): number | undefined =>
    fixed ?? (target === "next" ? ids[t + 1] : plain(t)[0]);
  const other = (t: number, id: number): number | null =>
    against === "runnerUp" ? (plain(t).find((k) => k !== id) ?? null) : fixedAgainst;
  const named = (id: number) => ({ id, string: model.tokenizer.strings([id])[0]! });
  return ids.map((_, t) => {
    const id = token(t);
    if (id === undefined) return null;
    const minus = other(t, id);
    return { token: named(id), against: minus === null ? null : named(minus) };
  });
}

/** The two likeliest tokens at each position, without edits; where nobody asks for them, nothing is run. */
async function likeliestRun(
  input: RunInput & TargetChoice,
  run: FigureRun,
  signal: AbortSignal,
): Promise<{ plain: (position: number) => number[] }> {
  const wanted = input.target === "likeliest" || input.against === "runnerUp";
  const unedited =
    wanted && input.edits.length > 0 ? await keptRun({ ...input, edits: [] }, [], signal) : run;
  return { plain: (t) => topIndices(rowOf(unedited.logits!, t), 2) };
}

/** How targets are read off the stream: of what is the same at several positions, once. */
export interface Reading {
  /** u of the distinct targets, [N, D] */
  directions: Float32Array;
  /** What tells a distinct target from others, for what is kept of it. */
  keys: string[];
  /** Index of each position's, −1 for none, [T] */
  which: number[];
  /** β of each position, NaN for none, [T] */
  bias: Float32Array;
}

export async function readTargets(
  model: LoadedModel,
  targets: readonly (Target | null)[],
  basis: Basis,
): Promise<Reading> {
  const D = model.info.config.n_embd;
  const keyOf = ({ token, against }: Target) => `${basis} ${token.id} ${against?.id ?? ""}`;
  const distinct = new Map<string, Target>();
  for (const target of targets) if (target) distinct.set(keyOf(target), target);
  const keys = [...distinct.keys()];
  const ids = [...distinct.values()].map(({ token, against }) => [token.id, against?.id ?? null]);
  const tokens = [...new Set(ids.flat().filter((id) => id !== null))];
  const read = await readUnembeddingOf(model, tokens, basis);
  const at = (id: number) => tokens.indexOf(id);
  const directions = new Float32Array(keys.length * D);
  const bias = ids.map(([token, against], n) => {
    const [plus, minus] = [at(token!), against === null ? null : at(against!)];
    for (let d = 0; d < D; d++) {
      const off = minus === null ? 0 : read.directions[minus * D + d]!;
      directions[n * D + d] = read.directions[plus * D + d]! - off;
    }
    return read.bias[plus]! - (minus === null ? 0 : read.bias[minus]!);
  });
  const which = targets.map((target) => (target ? keys.indexOf(keyOf(target)) : -1));
  return { directions, keys, which, bias: Float32Array.from(which, (n) => bias[n] ?? NaN) };
}

/** u of each position, [T, D]; NaN where there is none. */
export function directionRows({ directions, which }: Reading, D: number): Float32Array {
  const rows = new Float32Array(which.length * D).fill(NaN);
  which.forEach((n, t) => {
    if (n >= 0) rows.set(directions.subarray(n * D, (n + 1) * D), t * D);
  });
  return rows;
}

/** z_token, or z_token − z_against, of the run itself, [T]. */
export function targetLogits(
  run: Pick<FigureRun, "logits" | "tokens">,
  targets: readonly (Target | null)[],
): Float32Array {
  return Float32Array.from(targets, (target, t) => {
    if (!target) return NaN;
    const row = rowOf(run.logits!, t);
    return row[target.token.id]! - (target.against ? row[target.against.id]! : 0);
  });
}
