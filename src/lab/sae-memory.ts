/** Whether a run fits the device: said before anything is harvested. */
import { LabError } from "../core/lab-error.ts";
import { weightCount, type SaeConfig } from "../core/sae.ts";
import { sweepBytes, type TrainingSize, WASM_BYTES } from "../core/train-memory.ts";
import type { LoadedModel } from "../model/loaded-model.ts";

export interface MemberSize {
  name: string;
  config: SaeConfig;
  batchSize: number;
}

const GB = (bytes: number) => `${(bytes / 1e9).toFixed(1)} GB`;
const sizeOf = ({ config, batchSize }: MemberSize): TrainingSize => ({
  parameters: weightCount(config),
  dSae: config.dSae,
  batchSize,
});

/**
 * A GPU does not tell how much memory it has, but how large one array may be; a WebAssembly memory ends at 4 GB.
 * @throws LabError "out-of-memory" with what is needed, what there is, and what to make smaller
 */
export function checkMemory(
  members: readonly MemberSize[],
  { gpu }: Pick<LoadedModel, "gpu">,
): void {
  const one = members.length === 1;
  if (!gpu) {
    const needed = sweepBytes(members.map(sizeOf));
    if (needed <= WASM_BYTES) return;
    const what = one ? `“${members[0]!.name}” takes` : `these ${members.length} take`;
    throw tooLarge(
      `${what} some ${GB(needed)} in training, and WebAssembly memory ends at ${GB(WASM_BYTES)}`,
      one,
    );
  }
  const { maxBufferSize, maxStorageBufferBindingSize } = gpu.limits;
  const limit = Math.min(maxBufferSize, maxStorageBufferBindingSize);
  for (const { name, config, batchSize } of members) {
    const largest = 4 * config.dSae * Math.max(config.dIn, config.out?.width ?? 0, batchSize);
    if (largest <= limit) continue;
    throw tooLarge(
      `“${name}” needs an array of ${GB(largest)}, and this GPU takes at most ${GB(limit)} in one`,
      one,
    );
  }
}

const tooLarge = (why: string, one: boolean) =>
  new LabError(
    "out-of-memory",
    `${why}. Use ${one ? "" : "fewer of them, "}a smaller width or a smaller batch.`,
  );
