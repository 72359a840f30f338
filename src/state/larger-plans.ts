/** What the same would take at larger scales, under assumptions that are stated. Pure. */
import {
  type Accelerator,
  acceleratorHours,
  acceleratorsFor,
  blockParameters,
  harvestFlops,
  stepFlops,
} from "../api/sae-cost.ts";
import { weightCount } from "../core/sae.ts";

export interface LargerCase {
  name: string;
  dModel: number;
  layers: number;
  /** d_sae as a multiple of d. */
  expansion: number;
}
/** The shape of LLaMA 7B, and one of the largest models; their layers are our assumption. */
export const LARGER: readonly LargerCase[] = [
  { name: "A 7B model", dModel: 4096, layers: 32, expansion: 32 },
  { name: "Frontier scale", dModel: 16_384, layers: 120, expansion: 32 },
];

/** NVIDIA H100 SXM, by its data sheet: 80 GB, 1,979 TFLOP/s in bfloat16 with sparsity, half of it without. */
export const H100: Accelerator = { peak: 989e12, utilisation: 0.4, bytes: 80e9 };
/** gpt2-small-res-jb: 300M tokens for 24,576 features. */
export const TOKENS_PER_FEATURE = 300e6 / 24_576;
export const LARGE_CONTEXT = 1024;
/** Weights, gradients and Adam's two moments in float32. */
const BYTES_PER_PARAMETER = 16;
/** The model's, in bfloat16. */
const BYTES_PER_MODEL_PARAMETER = 2;

export interface LargerPlan extends LargerCase {
  dSae: number;
  parameters: number;
  modelParameters: number;
  tokens: number;
  /** Half of the model: a hook in its middle. */
  blocks: number;
  harvest: number;
  step: number;
  flops: number;
  saeBytes: number;
  modelBytes: number;
  gpus: number;
  hours: number;
}

export function largerPlan(at: LargerCase): LargerPlan {
  const { dModel, layers, expansion } = at;
  const dSae = expansion * dModel;
  const dMlp = 4 * dModel;
  const blocks = layers / 2;
  const parameters = weightCount({ variant: "standard", dIn: dModel, dSae });
  const modelParameters = blockParameters({ dModel, dMlp, blocks: layers });
  const tokens = TOKENS_PER_FEATURE * dSae;
  const harvest = harvestFlops({ dModel, dMlp, blocks, contextSize: LARGE_CONTEXT });
  const step = stepFlops(dModel, dSae, "standard");
  const flops = tokens * (harvest + step);
  const saeBytes = BYTES_PER_PARAMETER * parameters;
  const modelBytes = (BYTES_PER_MODEL_PARAMETER * modelParameters) / 2;
  return {
    ...at,
    ...{ dSae, parameters, modelParameters, tokens, blocks, harvest, step, flops },
    ...{ saeBytes, modelBytes },
    gpus: acceleratorsFor(saeBytes + modelBytes, H100),
    hours: acceleratorHours(flops, H100),
  };
}
