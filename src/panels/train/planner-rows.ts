/** The planner's lines: a quantity, its value, and the arithmetic that gives it. Pure. */
import { weightShapes } from "../../core/sae.ts";
import type { TrialResult } from "../../core/sae-trial.ts";
import {
  H100,
  LARGE_CONTEXT,
  type LargerPlan,
  TOKENS_PER_FEATURE,
} from "../../state/larger-plans.ts";
import type { TrainingPlan } from "../../state/training-plan.ts";
import { formatBytes, formatCount, formatDuration } from "../../ui/format.ts";

export interface PlannerRow {
  quantity: string;
  value: string;
  arithmetic: string;
}
const say = (n: number) => Math.round(n).toLocaleString("en-US");

/** 18.9 GFLOP */
export function formatFlops(flops: number): string {
  const units = ["", "k", "M", "G", "T", "P", "E", "Z"];
  const power = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log10(flops) / 3)));
  return `${Number((flops / 1000 ** power).toPrecision(3))} ${units[power]!}FLOP`;
}

/** @param trials of each member of a sweep; else of the one run */
export function planRows(
  plan: TrainingPlan,
  trials: readonly (TrialResult | null)[],
): PlannerRow[] {
  const { memory, parameters, members, rowWidth, batchSize, tokens, steps, flops } = plan;
  const sweep = members.length > 1;
  const P = say(parameters);
  const largest = members.reduce((a, b) => (b.parameters > a.parameters ? b : a));
  const ofLargest = sweep ? "; of the largest, as they take their steps in turn" : "";
  const perToken = flops.harvest + flops.step;
  return [
    { quantity: "Parameters", value: P, arithmetic: parametersWords(members) },
    {
      quantity: "Memory",
      value: formatBytes(memory.total),
      arithmetic: "the sum of the next five lines, at the moment when most is held",
    },
    { quantity: "· weights", value: formatBytes(memory.weights), arithmetic: `4 bytes × ${P}` },
    {
      quantity: "· Adam’s two moments",
      value: formatBytes(memory.moments),
      arithmetic: `2 × 4 bytes × ${P}`,
    },
    {
      quantity: "· within a step",
      value: formatBytes(memory.step),
      arithmetic: `6 × 4 bytes × ${say(largest.parameters)}: gradients, weights and moments to come, what is there transposed too${ofLargest}`,
    },
    {
      quantity: "· buffer of activations",
      value: formatBytes(memory.buffer),
      arithmetic: `3 × 4 bytes × ${say(plan.bufferRows)} rows × ${say(rowWidth)}: held, fresh, and mixed`,
    },
    {
      quantity: "· batch",
      value: formatBytes(memory.batch),
      arithmetic: `4 bytes × ${say(batchSize)} × (4 × ${say(rowWidth)} + 3 × ${say(largest.shape.dSae)})${ofLargest}`,
    },
    {
      quantity: "Operations a token",
      value: formatFlops(perToken),
      arithmetic: `${formatFlops(flops.harvest)} in ${plan.blocks} ${plan.blocks === 1 ? "block" : "blocks"} of the model (8d² + 4·d·m + 4·T·d each)${sweep ? ", once for all," : ""} + ${formatFlops(flops.step)} in the ${sweep ? `${members.length} autoencoders` : "autoencoder"} (10 · D · F${sweep ? " each" : ""}; gated 14)`,
    },
    {
      quantity: "Operations in all",
      value: formatFlops(perToken * tokens),
      arithmetic: `${formatFlops(perToken)} × ${say(tokens)} tokens`,
    },
    ...timeRow(plan, trials, steps),
  ];
}

/** "W_enc 24 × 48 + …"; of a sweep "2,376 + 4,728". */
function parametersWords(members: TrainingPlan["members"]): string {
  const [{ shape } = { shape: null }] = members;
  if (members.length > 1 || !shape) {
    const each = members.map(({ parameters }) => say(parameters)).join(" + ");
    return `${each}: ${members.length} autoencoders`;
  }
  return weightShapes(shape)
    .map(([name, axes]) => `${name} ${axes.map(say).join(" × ")}`)
    .join(" + ");
}

function timeRow(
  { seconds, tokens, members }: TrainingPlan,
  trials: readonly (TrialResult | null)[],
  steps: number,
): PlannerRow[] {
  const known = trials.flatMap((trial) => trial ?? []);
  const [first] = known;
  if (!first || seconds === null) return [];
  const perStep = known.map((trial) => milli(trial.perStep));
  const step = members.length > 1 ? `(${perStep.join(" + ")})` : perStep[0]!;
  return [
    {
      quantity: "Time here",
      value: formatDuration(seconds),
      arithmetic: `${say(tokens)} × ${micro(first.perHarvestedToken)} to harvest + ${say(steps)} steps × ${step}; measured on ${say(first.harvestedTokens)} tokens and ${say(first.steps)} steps, with ${first.device === "webgpu" ? "WebGPU" : "WASM"}; measuring the features afterwards comes on top`,
    },
  ];
}
const micro = (seconds: number) => `${Number((1e6 * seconds).toPrecision(3))} µs`;
const milli = (seconds: number) => `${Number((1e3 * seconds).toPrecision(3))} ms`;

export function largerRows(plan: LargerPlan): PlannerRow[] {
  const { dModel, dSae, parameters, layers, tokens, harvest, step, flops } = plan;
  const [d, F] = [say(dModel), say(dSae)];
  return [
    {
      quantity: "Parameters",
      value: formatCount(parameters),
      arithmetic: `2 × ${d} × ${F} + ${F} + ${d} = ${say(parameters)}`,
    },
    {
      quantity: "Tokens",
      value: formatCount(tokens),
      arithmetic: `${F} features × ${say(TOKENS_PER_FEATURE)} tokens each`,
    },
    {
      quantity: "Operations a token",
      value: formatFlops(harvest + step),
      arithmetic: `${formatFlops(harvest)} in ${plan.blocks} of ${layers} blocks (24d² + 4·T·d each, T ${say(LARGE_CONTEXT)}) + ${formatFlops(step)} in the autoencoder (10 × ${d} × ${F})`,
    },
    {
      quantity: "Memory",
      value: formatBytes(plan.saeBytes + plan.modelBytes),
      arithmetic: `16 bytes × ${formatCount(parameters)} for the autoencoder + 2 bytes × ${formatCount(plan.modelParameters / 2)} for half of the model: ${say(plan.gpus)} × 80 GB at least`,
    },
    {
      quantity: "GPU-hours",
      value: say(plan.hours),
      arithmetic: `${formatFlops(flops)} / (${H100.peak / 1e12} TFLOP/s × ${100 * H100.utilisation} %) / 3600`,
    },
  ];
}
