/**
 * What it takes to train a sparse autoencoder: operations, memory, time. Pure functions of sizes. Letters: D d_in, F d_sae,
 * P parameters, B batch, T context, d d_model, m d_mlp. An operation (FLOP) is one addition or one multiplication, so that
 * a product [a, b] · [b, c] has 2abc.
 */
import { LabError } from "../core/lab-error.ts";
import type { TrainingRoom } from "../core/sae-trial.ts";
import type { TrainVariant } from "../core/sae-recipe.ts";

/** Bytes of a number in float32, in which everything is trained here. */
const FLOAT = 4;

/**
 * FLOPs of training for each token: two products with the encoder (forward, and its gradient), 2·2·D·F, and three with the
 * decoder (forward, back through it, and its gradient), 3·2·E·F, E what is rebuilt: 10·D·F for an autoencoder. (Not the 6P =
 * 12·D·F of a network's inner layers: the input is data and needs no gradient.) A gated SAE decodes its gate beside, and goes
 * back through that: two more. The revival of dead latents, while there are any, comes on top.
 */
export const stepFlops = (
  dIn: number,
  dSae: number,
  variant: TrainVariant,
  dOut: number = dIn,
): number => 2 * dSae * (2 * dIn + (variant === "gated" ? 5 : 3) * dOut);

export interface ModelShape {
  dModel: number;
  dMlp: number;
  /** Blocks that are run: those up to the hook. */
  blocks: number;
  contextSize: number;
}

/**
 * FLOPs of the model's forward pass for each token, as far as its hook: in each block 8d² for Q, K, V and output, 4dm for the
 * MLP, 4Td for scores and their sums over a whole context. Embedding, LayerNorm and softmax are left out: below a hundredth.
 */
export const harvestFlops = ({ dModel, dMlp, blocks, contextSize }: ModelShape): number =>
  blocks * (8 * dModel ** 2 + 4 * dModel * dMlp + 4 * contextSize * dModel);

/** Parameters of a GPT-2-like model's blocks, biases left out: 12·d² each where m = 4d. */
export const blockParameters = ({
  dModel,
  dMlp,
  blocks,
}: Pick<ModelShape, "dModel" | "dMlp" | "blocks">): number =>
  blocks * (4 * dModel ** 2 + 2 * dModel * dMlp);

/** Activations that the buffer holds: many contexts, but no more than 64 MB, nor than the run needs. */
const BUFFER = { batches: 32, values: 16e6, least: 4096 };

/** Rows of the shuffling buffer. @param width of a row: D, of a transcoder D + E */
export const bufferRows = (batchSize: number, width: number, tokens: number): number =>
  Math.min(
    BUFFER.batches * batchSize,
    Math.ceil(BUFFER.values / width),
    Math.max(tokens, BUFFER.least),
  );

export interface MemorySizes {
  parameters: number;
  dIn: number;
  /** E, of a transcoder. */
  dOut?: number;
  dSae: number;
  batchSize: number;
  bufferRows: number;
}
/** Of a row of what is trained on: D, of a transcoder D + E. */
const rowWidthOf = ({ dIn, dOut = 0 }: Pick<MemorySizes, "dIn" | "dOut">): number => dIn + dOut;

/** Bytes. */
export interface TrainingMemory {
  /** 4P */
  weights: number;
  /** Adam's two: 8P */
  moments: number;
  /**
   * While a step is made, 6 numbers a parameter: gradients, weights and moments to come, and what of gradients and decoder is
   * there transposed too: 24P
   */
  step: number;
  /** What is there, what is fresh, and both mixed: 3·4·rows·D */
  buffer: number;
  /** Four of size [B, D] (raw, scaled, error, its gradient) and three of [B, F] (pre, f, their gradient). */
  batch: number;
  total: number;
}

/** Memory of a training run at its highest, in float32, the model's own not counted. */
export function trainingMemory(sizes: MemorySizes): TrainingMemory {
  const { parameters, dSae, batchSize } = sizes;
  const rowWidth = rowWidthOf(sizes);
  return withTotal({
    weights: FLOAT * parameters,
    moments: 2 * FLOAT * parameters,
    step: 6 * FLOAT * parameters,
    buffer: 3 * FLOAT * sizes.bufferRows * rowWidth,
    batch: FLOAT * batchSize * (4 * rowWidth + 3 * dSae),
  });
}

/**
 * The same of several trained in turn on one stream: weights and moments of all, the step and the batch of the largest, and
 * one buffer. @throws LabError "degenerate" of none
 */
export function sweepMemory(members: readonly MemorySizes[]): TrainingMemory {
  if (members.length === 0) throw new LabError("degenerate", "a sweep of none takes no memory");
  const each = members.map(trainingMemory);
  const sum = (part: keyof TrainingMemory) => each.reduce((all, one) => all + one[part], 0);
  const most = (part: keyof TrainingMemory) => Math.max(...each.map((one) => one[part]));
  return withTotal({
    ...{ weights: sum("weights"), moments: sum("moments") },
    ...{ step: most("step"), buffer: most("buffer"), batch: most("batch") },
  });
}

const withTotal = (parts: Omit<TrainingMemory, "total">): TrainingMemory => ({
  ...parts,
  total: Object.values(parts).reduce((a, b) => a + b, 0),
});

/** On a backend in WebAssembly everything but the buffer lies in its memory. */
export const heapBytes = ({ total, buffer }: TrainingMemory): number => total - buffer;

/** The largest tensor: a matrix of weights, or the features of a batch. */
export const largestTensor = ({ dIn, dOut = 0, dSae, batchSize }: MemorySizes): number =>
  FLOAT * dSae * Math.max(dIn, dOut, batchSize);

/** What a trial run has measured, in seconds. */
export interface Pace {
  perHarvestedToken: number;
  perStep: number;
}

/** Seconds of a run: each token is harvested once and each batch takes a step. @throws LabError "degenerate" for no pace */
export function trainingSeconds(tokens: number, batchSize: number, pace: Pace): number {
  const seconds = tokens * pace.perHarvestedToken + Math.ceil(tokens / batchSize) * pace.perStep;
  if (!(seconds > 0 && seconds < Infinity)) {
    throw new LabError("degenerate", `no time can be told from ${seconds} seconds`);
  }
  return seconds;
}

export interface Accelerator {
  /** FLOP/s at best. */
  peak: number;
  /** Share of it that is reached. */
  utilisation: number;
  bytes: number;
}

/** Hours on one accelerator: FLOPs / (peak · utilisation) / 3600. */
export const acceleratorHours = (flops: number, { peak, utilisation }: Accelerator): number =>
  flops / (peak * utilisation) / 3600;

/** How many are needed at least, for the memory alone. */
export const acceleratorsFor = (bytes: number, { bytes: each }: Accelerator): number =>
  Math.max(1, Math.ceil(bytes / each));

export interface Misfit {
  what: keyof TrainingRoom;
  needed: number;
  available: number;
}

/**
 * What a run of these members is too large for; null if nothing, as far as is known.
 * @param modelBytes the model's own weights, as float32
 */
export function misfit(
  members: readonly MemorySizes[],
  modelBytes: number,
  room: TrainingRoom,
): Misfit | null {
  const memory = sweepMemory(members);
  const needs: Record<keyof TrainingRoom, number> = {
    heap: heapBytes(memory),
    tensor: Math.max(...members.map(largestTensor)),
    memory: memory.total + modelBytes,
  };
  for (const what of ["heap", "tensor", "memory"] as const) {
    const available = room[what];
    if (available !== null && needs[what] > available)
      return { what, needed: needs[what], available };
  }
  return null;
}
