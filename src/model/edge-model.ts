/** The bench's checkpoint once more, with the graph in which edges can be cut. It costs a second copy of the weights. */
import type { Device } from "../core/types.ts";
import type { Checkpoint } from "./checkpoint.ts";
import { createEdgeRunner, type EdgeRunner } from "./edge-runner.ts";
import { openSecond, refuseSecondCopy } from "./second-session.ts";

export interface EdgeModel extends EdgeRunner {
  dispose: () => Promise<void>;
}

/** Lets go of the checkpoint's weights. @throws LabError "unsupported" where two copies do not fit */
export async function openEdgeModel(
  checkpoint: Checkpoint,
  device: Device,
  signal: AbortSignal,
): Promise<EdgeModel> {
  refuseSecondCopy(checkpoint, device);
  const { session, turn, dispose } = await openSecond(checkpoint, device, { cuts: true }, signal);
  const runner = createEdgeRunner(session, checkpoint.config);
  return { run: (request) => turn(() => runner.run(request), request.signal), dispose };
}
