/**
 * Weights in several files, as `save_pretrained` writes large models: `model.safetensors.index.json` says in which of
 * them each tensor is. Format: https://huggingface.co/docs/transformers/big_models#sharded-checkpoints
 */
import { LabError } from "../core/lab-error.ts";
import { quoted, shortName } from "../core/quoted.ts";
import type { PreviewFile } from "./preview.ts";

export const INDEX_FILE = "model.safetensors.index.json";
/** Far more than any GPT-2 has: an index that names more is no such thing. */
const MAX_FILES = 128;

export interface ShardIndex {
  /** The weight files, each once, in the order of their names. */
  files: string[];
  /** Tensor → file. */
  weightMap: ReadonlyMap<string, string>;
}

/** @param text the index's content. @throws LabError "bad-file" */
export function parseShardIndex(text: string): ShardIndex {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw bad("it is no JSON", cause);
  }
  const map = isObject(json) ? json["weight_map"] : undefined;
  if (!isObject(map)) throw bad("it has no weight_map");
  const weightMap = new Map<string, string>();
  for (const [tensor, file] of Object.entries(map)) {
    // A bare name: nothing that leads to another folder or another site.
    if (typeof file !== "string" || !/^[\w.-]{1,200}\.safetensors$/.test(file)) {
      throw bad(`tensor ${quoted(tensor)} is said to be in ${quoted(file)}`);
    }
    weightMap.set(tensor, file);
  }
  const files = [...new Set(weightMap.values())].sort();
  if (files.length === 0) throw bad("its weight_map is empty");
  if (files.length > MAX_FILES) {
    throw bad(`it names ${files.length} weight files; at most ${MAX_FILES} are loaded`);
  }
  return { files, weightMap };
}

/** That every tensor is where the index says. @throws LabError "bad-file" */
export function checkShards({ weightMap }: ShardIndex, files: readonly PreviewFile[]): void {
  const headers = new Map(files.map(({ name, header }) => [name, header]));
  for (const [tensor, file] of weightMap) {
    if (headers.get(file)?.tensors.has(tensor)) continue;
    throw bad(
      `it says that tensor "${shortName(tensor)}" is in ${file}, but that file does not hold it`,
    );
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const bad = (why: string, cause?: unknown) =>
  new LabError(
    "bad-file",
    `${INDEX_FILE} cannot be used: ${why}. Get the files of the model again.`,
    { cause },
  );
