/** Small made-up GPT-2s, as the files that a checkpoint is. */
import { f32ToF16 } from "../../src/formats/half.ts";
import { writeSafetensors, type TensorToWrite } from "../../src/formats/safetensors-write.ts";
import { keyedRandom, normal } from "../../src/math/keyed-random.ts";
import { parseConfig } from "../../src/model/config.ts";
import { expectedShapes } from "../../src/model/layout.ts";

type Stored = "F32" | "F16" | "BF16";

/** Random weights for a config; LayerNorms near 1, the rest of standard deviation 0.3, so that every part matters. */
export function tinyCheckpoint(
  config: Record<string, unknown>,
  { seed = 1, dtype = "F32", prefix = "" }: { seed?: number; dtype?: Stored; prefix?: string } = {},
): { config: string; weights: Uint8Array<ArrayBuffer> } {
  const text = JSON.stringify({ model_type: "gpt2", ...config });
  const read = parseConfig(text);
  const random = keyedRandom(seed);
  const tensors = [...expectedShapes(read.config, read.tieWordEmbeddings)].map(
    ([name, shape]): TensorToWrite => {
      const count = shape.reduce((a, b) => a * b, 1);
      const centre = /ln_.*weight/.test(name) ? 1 : 0;
      const data = Float32Array.from({ length: count }, () => centre + 0.3 * normal(random));
      const stored = { name: prefix + name, shape };
      if (dtype === "F16") return { ...stored, dtype, data: f32ToF16(data) };
      if (dtype === "BF16") {
        const words = new Uint32Array(data.buffer);
        return { ...stored, dtype, data: Uint16Array.from(words, (word) => word >>> 16) };
      }
      return { ...stored, dtype, data };
    },
  );
  return { config: text, weights: writeSafetensors(tensors) };
}
