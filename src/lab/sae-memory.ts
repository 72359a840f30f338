/** Whether a run fits the device: said before anything is harvested. The planner's own estimate (`math/sae-cost.ts`). */
import { LabError } from "../core/lab-error.ts";
import { weightCount, type SaeConfig } from "../core/sae.ts";
import { heapBytes, largestTensor, type MemorySizes, sweepMemory } from "../math/sae-cost.ts";
import type { LoadedModel } from "../model/loaded-model.ts";
import { trainingRoom } from "./training-room.ts";

export interface MemberSize {
  name: string;
  config: SaeConfig;
  batchSize: number;
}

const GB = (bytes: number) => `${(bytes / 1e9).toFixed(1)} GB`;
/** Its buffer lies beside both memories that are looked at here. */
const sizesOf = ({ config, batchSize }: MemberSize): MemorySizes => ({
  ...{ parameters: weightCount(config), dIn: config.dIn, dSae: config.dSae },
  ...(config.out && { dOut: config.out.width }),
  ...{ batchSize, bufferRows: 0 },
});

/**
 * A GPU does not tell how much memory it has, but how large one array may be; a WebAssembly memory ends at 4 GB.
 * @throws LabError "out-of-memory" with what is needed, what there is, and what to make smaller
 */
export function checkMemory(members: readonly MemberSize[], model: Pick<LoadedModel, "gpu">): void {
  const one = members.length === 1;
  const { heap, tensor } = trainingRoom(model);
  if (heap !== null) {
    const needed = heapBytes(sweepMemory(members.map(sizesOf)));
    if (needed <= heap) return;
    const what = one ? `“${members[0]!.name}” takes` : `these ${members.length} take`;
    throw tooLarge(
      `${what} some ${GB(needed)} in training, and WebAssembly memory ends at ${GB(heap)}`,
      one,
    );
  }
  if (tensor === null) return;
  for (const member of members) {
    const largest = largestTensor(sizesOf(member));
    if (largest <= tensor) continue;
    throw tooLarge(
      `“${member.name}” needs an array of ${GB(largest)}, and this GPU takes at most ${GB(tensor)} in one`,
      one,
    );
  }
}

const tooLarge = (why: string, one: boolean) =>
  new LabError(
    "out-of-memory",
    `${why}. Use ${one ? "" : "fewer of them, "}a smaller width or a smaller batch.`,
  );
