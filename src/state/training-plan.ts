/** The planner's figures for what the form asks for, one autoencoder or a sweep of them: sizes, memory, operations, time. Pure. */
import {
  bufferRows,
  harvestFlops,
  misfit,
  type Misfit,
  stepFlops,
  sweepMemory,
  type TrainingMemory,
  trainingSeconds,
} from "../api/sae-cost.ts";
import { parseHook } from "../core/hooks.ts";
import { DEFAULT_PACE } from "../core/sae-recipe.ts";
import { type SaeShape, trainedVariant, type TrainRequest, weightCount } from "../core/sae.ts";
import type { TrainingRoom, TrialResult } from "../core/sae-trial.ts";
import type { ModelInfo } from "../core/model-info.ts";
import { hookWidth } from "./sae-fit.ts";

export interface TrainingPlan {
  /** Of each member of a sweep; else one. */
  members: readonly { shape: SaeShape; parameters: number }[];
  /** Of all of them together. */
  parameters: number;
  batchSize: number;
  tokens: number;
  steps: number;
  /** Of a row: D, of a transcoder D + E. */
  rowWidth: number;
  bufferRows: number;
  memory: TrainingMemory;
  /** The model's own weights, as float32. */
  modelBytes: number;
  /** Blocks of the model that are run. */
  blocks: number;
  contextSize: number;
  /** For each token: harvested once, and a step of every member. */
  flops: { harvest: number; step: number };
  /** null before it was measured */
  seconds: number | null;
  /** What it is too large for, as far as is known. */
  misfit: Misfit | null;
}
const LONGEST_CONTEXT = 128;

/**
 * @param requests of a sweep all, which differ in width and sparsity alone
 * @param trials of each; the time is told when all are there
 */
export function trainingPlan(
  requests: readonly [TrainRequest, ...TrainRequest[]],
  { config, parameters: modelParameters }: Pick<ModelInfo, "config" | "parameters">,
  room: TrainingRoom | null,
  trials: readonly (TrialResult | null)[],
): TrainingPlan {
  const { hook, tokens, variant, out } = requests[0];
  const batchSize = requests[0].batchSize ?? DEFAULT_PACE.batchSize;
  const dIn = hookWidth(hook, config) ?? config.n_embd;
  const dOut = out ? (hookWidth(out.hook, config) ?? config.n_embd) : dIn;
  const members = requests.map(({ dSae }) => {
    const shape: SaeShape = {
      ...{ variant: trainedVariant(variant), dIn, dSae },
      ...(out && { out: { ...out, width: dOut } }),
    };
    return { shape, parameters: weightCount(shape) };
  });
  const rowWidth = dIn + (out ? dOut : 0);
  const rows = bufferRows(batchSize, rowWidth, tokens);
  const sizes = members.map(({ shape: { dSae }, parameters }) => ({
    ...{ parameters, dIn, ...(out && { dOut }) },
    ...{ dSae, batchSize, bufferRows: rows },
  }));
  const { layer, site } = parseHook(hook, config);
  const blocks = (layer ?? 0) + (site === "hook_resid_pre" ? 0 : 1);
  const contextSize = Math.min(LONGEST_CONTEXT, config.n_positions);
  const model = { dModel: config.n_embd, dMlp: config.n_inner, blocks, contextSize };
  const modelBytes = 4 * modelParameters;
  const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0);
  return {
    ...{ members, batchSize, tokens, rowWidth, modelBytes, blocks, contextSize },
    parameters: sum(members.map(({ parameters }) => parameters)),
    steps: Math.ceil(tokens / batchSize),
    bufferRows: rows,
    memory: sweepMemory(sizes),
    flops: {
      harvest: harvestFlops(model),
      step: sum(requests.map(({ dSae }) => stepFlops(dIn, dSae, variant, dOut))),
    },
    seconds: secondsOf(tokens, batchSize, requests, trials),
    misfit: room && misfit(sizes, modelBytes, room),
  };
}

/** Each batch is harvested once, and every member takes its step with it. */
function secondsOf(
  tokens: number,
  batchSize: number,
  requests: readonly TrainRequest[],
  trials: readonly (TrialResult | null)[],
): number | null {
  const known = trials.flatMap((trial) => trial ?? []);
  const [first] = known;
  if (!first || known.length < requests.length) return null;
  const perStep = known.reduce((sum, trial) => sum + trial.perStep, 0);
  return trainingSeconds(tokens, batchSize, {
    perHarvestedToken: first.perHarvestedToken,
    perStep,
  });
}
