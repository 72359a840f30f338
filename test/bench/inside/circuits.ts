/** Patching and edges on WebGPU: at one size on a GPU, at a smaller one where a browser only does as if it had one. */
import { keyedRandom } from "../../../src/math/keyed-random.ts";
import { chooseDevice } from "../../../src/model/device.ts";
import { loadModel } from "../../../src/model/load.ts";
import { type EdgesAnswer, measureEdges } from "./edges.ts";
import type { EngineQuestion } from "./engine.ts";
import { measurePatching, type PatchingAnswer } from "./patching.ts";
import { randomCheckpoint } from "./random-checkpoint.ts";

type Sizes = EngineQuestion["sizes"];
interface Load {
  sizes: Sizes;
  tokens: number;
}
export interface CircuitsQuestion {
  onGpu: Load;
  inSoftware: Load;
}
export interface CircuitsAnswer extends Load {
  /** As the browser calls it. */
  gpu: string;
  isSoftware: boolean;
  patching: PatchingAnswer;
  edges: EdgesAnswer;
}

export async function measureCircuits({
  onGpu,
  inSoftware,
}: CircuitsQuestion): Promise<CircuitsAnswer> {
  const { reason } = await chooseDevice("webgpu");
  const isSoftware = reason.endsWith(" in software, as asked");
  const { sizes, tokens } = isSoftware ? inSoftware : onGpu;
  const model = await loadModel(randomCheckpoint(sizes), "webgpu");
  const random = keyedRandom(1);
  const ids = Array.from({ length: tokens }, () => Math.floor(random() * sizes.vocab_size));
  const patching = await measurePatching(model, ids);
  const edges = await measureEdges(model, ids, randomCheckpoint(sizes));
  await model.dispose();
  return { gpu: reason, isSoftware, sizes, tokens, patching, edges };
}
