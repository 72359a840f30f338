/** The planner's figures for what the form asks for: sizes, memory, operations, time. Pure. */
import {
  bufferRows,
  harvestFlops,
  misfit,
  type Misfit,
  stepFlops,
  type TrainingMemory,
  trainingMemory,
  trainingSeconds,
} from "../api/sae-cost.ts";
import { parseHook } from "../core/hooks.ts";
import { DEFAULT_PACE } from "../core/sae-recipe.ts";
import { type SaeShape, trainedVariant, type TrainRequest, weightCount } from "../core/sae.ts";
import type { TrainingRoom, TrialResult } from "../core/sae-trial.ts";
import type { ModelInfo } from "../core/types.ts";
import { hookWidth } from "./sae-fit.ts";

export interface TrainingPlan {
  shape: SaeShape;
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
  /** For each token. */
  flops: { harvest: number; step: number };
  /** null before it was measured */
  seconds: number | null;
  /** What it is too large for, as far as is known. */
  misfit: Misfit | null;
}
const LONGEST_CONTEXT = 128;

export function trainingPlan(
  request: TrainRequest,
  { config, parameters: modelParameters }: Pick<ModelInfo, "config" | "parameters">,
  room: TrainingRoom | null,
  trial: TrialResult | null,
): TrainingPlan {
  const { hook, dSae, tokens, variant, out } = request;
  const batchSize = request.batchSize ?? DEFAULT_PACE.batchSize;
  const dIn = hookWidth(hook, config) ?? config.n_embd;
  const dOut = out ? (hookWidth(out.hook, config) ?? config.n_embd) : dIn;
  const shape: SaeShape = {
    ...{ variant: trainedVariant(variant), dIn, dSae },
    ...(out && { out: { ...out, width: dOut } }),
  };
  const parameters = weightCount(shape);
  const rowWidth = dIn + (out ? dOut : 0);
  const rows = bufferRows(batchSize, rowWidth, tokens);
  const sizes = {
    ...{ parameters, dIn, ...(out && { dOut }) },
    ...{ dSae, batchSize, bufferRows: rows },
  };
  const { layer, site } = parseHook(hook, config);
  const blocks = (layer ?? 0) + (site === "hook_resid_pre" ? 0 : 1);
  const contextSize = Math.min(LONGEST_CONTEXT, config.n_positions);
  const model = { dModel: config.n_embd, dMlp: config.n_inner, blocks, contextSize };
  const modelBytes = 4 * modelParameters;
  return {
    ...{ shape, parameters, batchSize, tokens, rowWidth, modelBytes, blocks, contextSize },
    steps: Math.ceil(tokens / batchSize),
    bufferRows: rows,
    memory: trainingMemory(sizes),
    flops: { harvest: harvestFlops(model), step: stepFlops(dIn, dSae, variant, dOut) },
    seconds: trial && trainingSeconds(tokens, batchSize, trial),
    misfit: room && misfit(sizes, modelBytes, room),
  };
}
