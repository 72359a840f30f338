/** Models to compare on: the odd sizes of the self-check, made up, and the embedded one, out of its files. */
import { readFileSync } from "node:fs";
import type { Gpt2Config } from "../../src/core/types.ts";
import { keyedRandom, normal } from "../../src/math/keyed-random.ts";
import { EMBEDDED } from "../model/node-engine.ts";
import { parseSafetensors, readFloats } from "../../src/formats/safetensors.ts";
import { parseConfig } from "../../src/model/config.ts";
import { expectedShapes } from "../../src/model/layout.ts";
import { referenceModel, type ReferenceModel } from "./weights.ts";

/** No two sizes are equal, none is a power of two. */
export const ODD: Gpt2Config = {
  n_layer: 3,
  n_head: 5,
  n_embd: 35,
  n_inner: 53,
  n_positions: 11,
  vocab_size: 211,
  layer_norm_epsilon: 1e-5,
  activation_function: "gelu_new",
  scale_attn_weights: true,
  scale_attn_by_inverse_layer_idx: false,
  bos_token_id: 210,
};

/** Random weights: LayerNorms near 1, the rest of standard deviation 0.3, so that every part matters. */
export function madeUpModel(config: Gpt2Config, seed: number, tiedHead = true): ReferenceModel {
  const random = keyedRandom(seed);
  const weights = new Map(
    [...expectedShapes(config, tiedHead)].map(([name, shape]) => {
      const centre = /ln_.*weight/.test(name) ? 1 : 0;
      const length = shape.reduce((a, b) => a * b, 1);
      return [name, Float64Array.from({ length }, () => centre + 0.3 * normal(random))] as const;
    }),
  );
  return referenceModel(config, (name) => weights.get(name)!, tiedHead);
}

export function embeddedModel(): ReferenceModel {
  const bytes = new Uint8Array(readFileSync(new URL("model.safetensors", EMBEDDED)));
  const header = parseSafetensors(bytes);
  const { config } = parseConfig(readFileSync(new URL("config.json", EMBEDDED), "utf8"));
  const entry = (name: string) =>
    header.tensors.get(`transformer.${name}`) ?? header.tensors.get(name)!;
  return referenceModel(config, (name) => readFloats(bytes, entry(name)));
}

/** Seeded values of standard deviation 1. */
export function randomValues(length: number, ...key: number[]): Float64Array {
  const random = keyedRandom(...key);
  return Float64Array.from({ length }, () => normal(random));
}
