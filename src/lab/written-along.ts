/**
 * W·u of every layer's W_O or W_out: what one unit of each head's z, or of each neuron, writes along directions that read
 * logits. The newest are kept, since the same token is asked about at one position after the other.
 */
import { breathe } from "../core/breathe.ts";
import { projected } from "../math/component-results.ts";
import type { LoadedModel } from "../model/loaded-model.ts";
import type { Reading } from "./attribution-target.ts";

export type Writer = "attn.c_proj" | "mlp.c_proj";
const MOST = 4_000_000; // numbers kept of each writer

const kept = new WeakMap<LoadedModel, Map<string, Float32Array>>();

/** @returns a layer's [N, I], for the N directions of the reading */
export async function writtenAlong(
  model: LoadedModel,
  writer: Writer,
  { directions, keys }: Reading,
  signal: AbortSignal,
): Promise<(layer: number) => Float32Array> {
  const { n_layer, n_embd: D, n_inner } = model.info.config;
  const I = writer === "attn.c_proj" ? D : n_inner;
  const memory = kept.get(model) ?? new Map<string, Float32Array>();
  kept.set(model, memory);
  const name = (key: string) => `${writer} ${key}`;
  const found = new Map(keys.map((key) => [key, memory.get(name(key))]));
  const missing = keys.filter((key) => !found.get(key));
  for (const key of missing) found.set(key, new Float32Array(n_layer * I));
  for (let layer = 0; missing.length > 0 && layer < n_layer; layer++) {
    const { data: W_ID } = await model.weight(`h.${layer}.${writer}.weight`);
    for (const key of missing) {
      await breathe();
      signal.throwIfAborted();
      const n = keys.indexOf(key);
      const u = directions.subarray(n * D, (n + 1) * D);
      found.get(key)!.set(projected(W_ID, u), layer * I);
    }
  }
  for (const [key, along] of found) {
    memory.delete(name(key));
    memory.set(name(key), along!); // the newest last
  }
  const ours = [...memory.keys()].filter((key) => key.startsWith(writer));
  const over = ours.length - Math.max(1, Math.floor(MOST / (n_layer * I)));
  for (const key of ours.slice(0, Math.max(0, over))) memory.delete(key);
  return (layer) => {
    const out = new Float32Array(keys.length * I);
    keys.forEach((key, n) => {
      out.set(found.get(key)!.subarray(layer * I, (layer + 1) * I), n * I);
    });
    return out;
  };
}
