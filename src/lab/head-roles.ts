/**
 * What speaks for each head's role in a task: its pattern on repeated random tokens; where it looks from the last token of the
 * clean prompts and what it writes there along the answer's logit; what its OV circuit copies; its path to the movers' queries;
 * and how its direct effect rises when the movers write their mean over the task's prompts. Definitions and source:
 * `math/head-roles.ts`, `end-readings.ts`, `copying-scores.ts`, `path-patching.ts`.
 * The names are the answers and the wrong ones, where a clean prompt has them.
 */
import { breathe } from "../core/breathe.ts";
import type { DirectEdit } from "../core/edits.ts";
import {
  type HeadEvidence,
  REPEATED,
  ROLE_LEAST,
  type RolesAnswer,
  type RolesProgress,
  type RolesQuestion,
} from "../core/head-roles.ts";
import { blockHook } from "../core/hooks.ts";
import { LabError } from "../core/lab-error.ts";
import { headReceiver } from "../core/paths.ts";
import { correlation } from "../math/correlation.ts";
import { hasRole } from "../math/head-roles.ts";
import { meanAndError } from "../math/patching.ts";
import type { LoadedModel } from "../model/loaded-model.ts";
import { type Along, alongOf, directOf, type PairReading, readPair } from "./end-readings.ts";
import { copyingScores, type NamedState } from "./copying-scores.ts";
import { pathSweep } from "./path-patching.ts";
import { repeatScores } from "./repeat-scores.ts";
import { checkPairs, lastLogits } from "./task-baseline.ts";

const NAMES = 8; // at most: each costs a run of the model's end for every head
const REPEATS = { rows: 2, excludeFirst: false, excludeCurrent: false, prependBos: false };

interface Context {
  signal: AbortSignal;
  progress: (told: RolesProgress) => void;
}

export async function headRoles(
  model: LoadedModel,
  { pairs, seed, movers: given, least = ROLE_LEAST }: RolesQuestion,
  { signal, progress }: Context,
): Promise<RolesAnswer> {
  checkPairs(model, pairs);
  const { config } = model.info;
  const { n_layer: L, n_head: H } = config;
  const heads = Array.from({ length: L * H }, (_, i) => i);
  const longest = Math.min(REPEATED, Math.floor(config.n_positions / 2));
  const repeats = await repeatScores(
    model,
    { ...REPEATS, length: longest, seed },
    signal,
    ({ done, total }) => progress({ stage: "repeats", done, total }),
  );
  const graded = pairs.every(({ wrong }) => wrong.length > 0);
  const evidence = heads.map((i): HeadEvidence => ({
    ...{ layer: Math.floor(i / H), head: i % H },
    previous: repeats.scores.previousDiagonal[i] ?? null,
    duplicate: repeats.scores.duplicateDiagonal[i] ?? null,
    induction: repeats.scores.inductionDiagonal[i] ?? null,
    ...{ toAnswer: null, toWrong: null, copying: null, negativeCopying: null },
    ...{ correlation: null, direct: null, directError: null },
    ...{ rise: null, riseError: null, path: null },
  }));
  const answer: RolesAnswer = {
    ...{ heads: evidence, pairs: pairs.length, logitDiff: null, movers: [], least, names: 0 },
    ...{ repeat: longest, lacks: null },
  };
  const lacking = (lacks: string): RolesAnswer => ({ ...answer, lacks });
  if (!graded) {
    return lacking("The task has pairs without wrong answers, so no logit difference can be told.");
  }

  const readings: PairReading[] = [];
  const along: Along[] = [];
  const names = new Map<number, Float32Array>();
  const sums = Array.from({ length: L }, () => new Float64Array(config.n_embd));
  const logitDiffs: number[] = [];
  for (const [done, pair] of pairs.entries()) {
    const own = await alongOf(model, pair);
    along.push(own);
    const first = blockHook(0, "hook_resid_post");
    const hooks = [...endHooks(L), ...patternHooks(L), first];
    const ids = [pair.clean, pair.corrupted];
    const { cache } = await model.run({ ids: [ids[0]!], names: hooks, ...PLAIN, signal });
    const other = await model.run({ ids: [ids[1]!], names: zHooks(L), ...PLAIN, signal });
    const [z] = await lastLogits(model, [pair.clean], signal);
    const mean = (tokens: readonly number[]) =>
      tokens.reduce((sum, t) => sum + z![t]!, 0) / tokens.length;
    logitDiffs.push(mean(pair.answers) - mean(pair.wrong));
    readings.push(readPair(cache, pair, own, H));
    for (const token of [...pair.answers, ...pair.wrong]) {
      const at = pair.clean.indexOf(token);
      if (at < 0 || names.has(token)) continue;
      const { data } = cache.get(first)!;
      names.set(token, data.slice(at * config.n_embd, (at + 1) * config.n_embd));
    }
    for (const values of [cache, other.cache]) {
      zHooks(L).forEach((hook, l) => {
        const { data } = values.get(hook)!;
        const end = data.subarray(data.length - config.n_embd);
        end.forEach((v, d) => (sums[l]![d]! += v / (2 * pairs.length)));
      });
    }
    progress({ stage: "task", done: done + 1, total: pairs.length });
    await breathe();
    signal.throwIfAborted();
  }
  const logitDiff = meanAndError(logitDiffs)!.mean;
  for (const i of heads) {
    const direct = meanAndError(readings.map((reading) => reading.direct[i]!))!;
    const points = readings.flatMap((reading) =>
      reading.points.flatMap(({ attention, written }) =>
        Number.isNaN(attention[i]!) ? [] : [[attention[i]!, written[i]!] as const],
      ),
    );
    Object.assign(evidence[i]!, {
      direct: direct.mean,
      directError: direct.error,
      toAnswer: meanAndError(readings.map((reading) => reading.toAnswer[i]!))?.mean ?? null,
      toWrong: meanAndError(readings.map((reading) => reading.toWrong[i]!))?.mean ?? null,
      correlation:
        points.length < 3
          ? null
          : correlation(
              points.map(([a]) => a),
              points.map(([, w]) => w),
            ),
    } satisfies Partial<HeadEvidence>);
  }
  Object.assign(answer, { logitDiff });
  const known = [...names].slice(0, NAMES).map(([token, state]): NamedState => ({ token, state }));
  if (known.length === 0) {
    return lacking("No clean prompt holds an answer or a wrong one, so nothing is there to copy.");
  }
  const copied = await copyingScores(model, known, {
    signal,
    progress: (done, total) => progress({ stage: "copying", done, total }),
  });
  heads.forEach((i) => {
    evidence[i]!.copying = copied.copying[i]!;
    evidence[i]!.negativeCopying = copied.negative[i]!;
  });
  Object.assign(answer, { names: known.length });
  const bad = given?.find((name) => !evidence.some((head) => nameOf(head) === name));
  if (bad !== undefined) throw new LabError("bad-input", `"${bad}" is no head of this model`);
  const movers = evidence.filter((head) =>
    given ? given.includes(nameOf(head)) : hasRole("mover", head, logitDiff, least),
  );
  if (movers.length === 0) {
    return lacking(
      "No head is a mover, so neither what inhibits them nor what backs them up can be told.",
    );
  }
  Object.assign(answer, { movers: movers.map(nameOf) });

  const last = Math.max(...movers.map(({ layer }) => layer));
  const looking = heads.filter(
    (i) => evidence[i]!.layer < last && (evidence[i]!.toWrong ?? 0) >= least.attention,
  );
  if (looking.length > 0) {
    const paths = looking.map(() => 0);
    await pathSweep(
      model,
      {
        ...{ pairs, metric: "logitDiff", direction: "noise", mlps: "recompute", byPlace: false },
        receivers: movers.map((head) => headReceiver(head, "q")),
        sets: looking.map((i) => [evidence[i]!.layer * (H + 1) + evidence[i]!.head]),
      },
      {
        signal,
        progress: ({ pair, cells, values, done, total }) => {
          cells.forEach((set, n) => {
            paths[set]! += (values[n]! - logitDiffs[pair]!) / pairs.length;
          });
          progress({ stage: "paths", done, total });
        },
      },
    );
    looking.forEach((i, n) => (evidence[i]!.path = paths[n]!));
  }

  const rises: number[][] = [];
  const h = config.n_embd / H;
  for (const [done, pair] of pairs.entries()) {
    const edits = movers.map(({ layer, head }): DirectEdit => ({
      ...{ hook: blockHook(layer, "attn.hook_z"), op: "replace", head, pos: -1 },
      value: Float32Array.from(sums[layer]!.subarray(head * h, (head + 1) * h)),
    }));
    const request = { ids: [pair.clean], names: endHooks(L), logits: "none" as const, edits };
    const { cache } = await model.run({ ...request, signal });
    const after = directOf(cache, along[done]!, H);
    rises.push(after.map((value, i) => value - readings[done]!.direct[i]!));
    progress({ stage: "ablation", done: done + 1, total: pairs.length });
    await breathe();
    signal.throwIfAborted();
  }
  const ablated = new Set(movers);
  for (const i of heads) {
    if (ablated.has(evidence[i]!)) continue; // what is ablated has no rise of its own
    const rise = meanAndError(rises.map((own) => own[i]!))!;
    evidence[i]!.rise = rise.mean;
    evidence[i]!.riseError = rise.error;
  }
  return answer;
}

const nameOf = ({ layer, head }: HeadEvidence) => `${layer}.${head}`;
const PLAIN = { edits: [], logits: "none" as const };
const layersOf = (L: number) => Array.from({ length: L }, (_, l) => l);
const zHooks = (L: number) => layersOf(L).map((l) => blockHook(l, "attn.hook_z"));
const patternHooks = (L: number) => layersOf(L).map((l) => blockHook(l, "attn.hook_pattern"));
const endHooks = (L: number) => [...zHooks(L), "ln_final.hook_scale"];
