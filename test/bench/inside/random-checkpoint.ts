/** A GPT-2 of any size with weights at random, made in memory: it says nothing sensible, but costs what a real one does. */
import { generatedTokenizer } from "../../fixtures/gpt2-weights.mjs";
import { expectedShapes } from "../../../src/model/layout.ts";
import { parseConfig } from "../../../src/model/config.ts";
import { WEIGHT_FILE } from "../../../src/model/graph-builder.ts";
import type { Checkpoint } from "../../../src/model/checkpoint.ts";
import { freeMemory } from "../../../src/model/free-memory.ts";

export function randomCheckpoint(sizes: Record<string, number>): Checkpoint {
  const configJson = JSON.stringify({ model_type: "gpt2", bos_token_id: 0, ...sizes });
  const { config } = parseConfig(configJson);
  let end = 0;
  const tensors: Checkpoint["tensors"] = new Map(
    [...expectedShapes(config, true)].map(([name, shape]) => {
      const begin = end;
      end += 4 * shape.reduce((a, b) => a * b, 1);
      return [name, { dtype: "F32", shape, file: WEIGHT_FILE, begin, end }] as const;
    }),
  );
  const data = new Uint8Array(drawn(0, end / 4).buffer);
  /** Kept, since drawing them anew is no part of what is measured. */
  const read = new Map<string, Float32Array<ArrayBuffer>>();
  return {
    id: "random",
    source: "files",
    revision: null,
    commit: null,
    hub: null,
    rounded: false,
    config,
    configJson,
    tokenizer: { json: JSON.stringify(generatedTokenizer(config.vocab_size)), config: "{}" },
    weights: [{ name: WEIGHT_FILE, data }],
    tensors,
    tiedHead: true,
    parameters: end / 4,
    weightBytes: data.length,
    warnings: [],
    release: () => freeMemory(data),
    readTensor: (name) => {
      const { shape, begin, end } = tensors.get(name)!;
      const data = read.get(name) ?? drawn(begin / 4, end / 4);
      read.set(name, data);
      return Promise.resolve({ data, dims: [...shape] });
    },
  };
}

/** Weights by their places among all, so that those of one tensor can be made again: murmur3's finaliser, spread over ±0.03. */
function drawn(begin: number, end: number): Float32Array<ArrayBuffer> {
  const floats = new Float32Array(end - begin);
  for (let i = 0; i < floats.length; i++) {
    let x = begin + i + 1;
    x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
    x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
    floats[i] = 0.06 * (((x ^ (x >>> 16)) >>> 0) / 2 ** 32 - 0.5);
  }
  return floats;
}
