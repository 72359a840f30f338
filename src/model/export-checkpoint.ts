/**
 * A checkpoint's files with changed tensors, as Hugging Face's from_pretrained loads them: every other byte of the weight files
 * is the base's own, so that names, dtypes, shapes and order are too.
 * The layout: https://github.com/huggingface/safetensors#format, and of several files
 * https://huggingface.co/docs/transformers/big_models#sharded-checkpoints.
 */
import { LabError } from "../core/lab-error.ts";
import { parseSafetensors } from "../formats/safetensors.ts";
import type { Checkpoint, WeightFile } from "./checkpoint.ts";
import { storedBytes } from "./edited-checkpoint.ts";
import { INDEX_FILE } from "./shards.ts";

/** Writes the changed tensors into the base's own bytes, which are its no more. @returns all files but the model card */
export function exportCheckpoint(
  base: Checkpoint,
  changed: ReadonlyMap<string, Float32Array>,
): WeightFile[] {
  const { weights, tensors } = base;
  const files = new Map(weights.map(({ name, data }) => [name, data]));
  for (const [name, values] of changed) {
    const entry = tensors.get(name);
    if (!entry) throw new LabError("bad-input", `${base.id} has no tensor "${name}"`);
    const bytes = storedBytes(values, entry.dtype, name);
    if (bytes.length !== entry.end - entry.begin) {
      throw new LabError(
        "shape",
        `"${name}" has ${values.length} numbers, which its place does not hold`,
      );
    }
    files.get(entry.file)!.set(bytes, entry.begin);
  }
  const text = (name: string, content: string): WeightFile => ({
    name,
    data: new TextEncoder().encode(content),
  });
  const written = weights.map(({ name, data }) => ({ name, data: withFormat(data) }));
  return [
    ...written,
    ...(written.length > 1 ? [text(INDEX_FILE, shardIndex(written))] : []),
    text("config.json", base.configJson),
    text("tokenizer.json", base.tokenizer.json),
    text("tokenizer_config.json", base.tokenizer.config),
  ];
}

/** transformers refuses a file whose metadata does not say for which library it was written. */
function withFormat(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const { metadata, dataBegin } = parseSafetensors(bytes);
  if (metadata["format"] !== undefined) return bytes;
  const json = JSON.parse(new TextDecoder().decode(bytes.subarray(8, dataBegin))) as object;
  const head = new TextEncoder().encode(
    JSON.stringify({ ...json, __metadata__: { ...metadata, format: "pt" } }),
  );
  const begin = Math.ceil((8 + head.length) / 8) * 8;
  const out = new Uint8Array(begin + bytes.length - dataBegin).fill(0x20, 8, begin);
  new DataView(out.buffer).setBigUint64(0, BigInt(begin - 8), true);
  out.set(head, 8);
  out.set(bytes.subarray(dataBegin), begin);
  return out;
}

function shardIndex(files: readonly WeightFile[]): string {
  const weight_map: Record<string, string> = {};
  let total_size = 0;
  for (const { name, data } of files) {
    for (const [tensor, { begin, end }] of parseSafetensors(data, name).tensors) {
      weight_map[tensor] = name;
      total_size += end - begin;
    }
  }
  return JSON.stringify({ metadata: { total_size }, weight_map }, null, 2);
}
