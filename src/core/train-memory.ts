/** What training takes of the device's memory, told beforehand: estimates from above of what a step holds at its fullest. */

/** Of every parameter: itself and Adam's two moments, the same anew before the old are freed, and its gradient on the way. */
const COPIES = 10;
/** Arrays of [B, F] that a step holds at once. */
const LATENT_ARRAYS = 6;

export interface TrainingSize {
  parameters: number;
  dSae: number;
  batchSize: number;
}

/** Bytes that stay between the steps of a run: what a checkpoint holds, too. */
export const stateBytes = ({ parameters }: Pick<TrainingSize, "parameters">): number =>
  4 * 3 * parameters;

/** Bytes of a step, at the most. */
export const stepBytes = ({ parameters, dSae, batchSize }: TrainingSize): number =>
  4 * (COPIES * parameters + LATENT_ARRAYS * batchSize * dSae);

/** Of several trained in turn on one stream: the state of all, and the step of the largest. */
export const sweepBytes = (members: readonly TrainingSize[]): number =>
  members.reduce((sum, member) => sum + stateBytes(member), 0) +
  Math.max(0, ...members.map((member) => stepBytes(member) - stateBytes(member)));

/** What a 32-bit WebAssembly memory can have, which TensorFlow.js's is built for. */
export const WASM_BYTES = 2 ** 32;
