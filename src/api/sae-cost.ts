/** What a run takes, for the page: the same functions. */
export {
  type Accelerator,
  acceleratorHours,
  acceleratorsFor,
  blockParameters,
  bufferRows,
  harvestFlops,
  misfit,
  type Misfit,
  type ModelShape,
  stepFlops,
  sweepMemory,
  type TrainingMemory,
  trainingMemory,
  trainingSeconds,
} from "../math/sae-cost.ts";
