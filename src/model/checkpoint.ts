/**
 * A checkpoint: the files of one GPT-2 model, checked and in memory, wherever they came from.
 * Nothing is converted: the engine reads the weights out of the safetensors files' own bytes.
 */
import { LabError } from "../core/lab-error.ts";
import type { EditedFacts } from "../core/model-info.ts";
import type { ModelInfo } from "../core/model-info.ts";
import type { Gpt2Config, TensorData, TokenizerFiles } from "../core/types.ts";
import { firstNonFinite } from "../formats/finite.ts";
import { toFloats } from "../formats/safetensors.ts";
import { freeMemory } from "./free-memory.ts";
import type { Layout, WeightEntry } from "./layout.ts";
import type { Preview } from "./preview.ts";

/** One file of weights, under the name by which the tensors' entries call it. */
export interface WeightFile {
  name: string;
  data: Uint8Array<ArrayBuffer>;
}

/** Where a checkpoint came from, and what was done to it on the way. */
export interface Provenance {
  id: string;
  source: ModelInfo["source"];
  /** Branch, tag or commit as it was asked for; null off the Hub. */
  revision: string | null;
  /** The commit that it stood for, where the server told it. */
  commit: string | null;
  /** The address of the Hub, or of the mirror in its place; null off the Hub. */
  hub: string | null;
  /** Whether float32 weights were rounded to float16 when they were stored here. */
  rounded: boolean;
  /** Of one whose weights were changed (`edited-checkpoint.ts`). */
  edited?: EditedFacts;
}

export interface Checkpoint extends Provenance {
  config: Gpt2Config;
  configJson: string;
  tokenizer: TokenizerFiles;
  /** The safetensors files, whole: one, or the shards. @throws LabError "internal" after `release` */
  readonly weights: readonly WeightFile[];
  /** By GPT-2's own names ("h.0.attn.c_attn.weight"), with absolute bytes in one of `weights`. */
  tensors: ReadonlyMap<string, WeightEntry>;
  /** Whether the output head is `wte.weight`; else there is "lm_head.weight" [vocab, d_model]. */
  tiedHead: boolean;
  parameters: number;
  weightBytes: number;
  /** What went less well than it should, in words for the user: mostly empty. */
  warnings: string[];
  /** Lets go of `weights` (and empties them), once the engine has its own copy. `readTensor` works on. */
  release(): void;
  /** One tensor as float32: out of memory, or read again from where the file lies. */
  readTensor(name: string, signal?: AbortSignal): Promise<TensorData>;
}

/** Bytes `begin` to `end` of a weight file, from its cache, disk or server. `file` is its place among the files. */
export type ReadBytes = (
  file: number,
  begin: number,
  end: number,
  signal?: AbortSignal,
) => Promise<Uint8Array>;

export interface Parts extends Provenance {
  preview: Preview;
  tokenizer: TokenizerFiles;
  /** In the order of the preview's files. */
  weights: readonly Uint8Array<ArrayBuffer>[];
  warnings: string[];
  reread: ReadBytes;
}

/** Puts a checkpoint together, after the last check: that every weight is a number. @throws LabError "bad-file" */
export function assemble({ preview, weights, reread, ...rest }: Parts): Checkpoint {
  const { config, configJson, tensors, tiedHead, parameters, weightBytes, files } = preview;
  const given = files.map(({ file, name, size }, i): WeightFile => {
    const data = weights[i];
    if (data?.length === size) return { name: file, data };
    throw new LabError(
      "bad-file",
      `${name} has ${data?.length ?? 0} bytes, not ${size}: it is cut off; load it again`,
    );
  });
  const place = new Map(files.map(({ file }, i) => [file, i]));
  refuseNonFinite(given, place, tensors, preview);
  let held: readonly WeightFile[] | null = given;
  return {
    ...rest,
    config,
    configJson,
    tensors,
    tiedHead,
    parameters,
    weightBytes,
    get weights() {
      if (held) return held;
      throw new LabError("internal", `the weights of ${rest.id} have been released`);
    },
    release: () => {
      for (const { data } of held ?? []) freeMemory(data);
      held = null;
    },
    readTensor: async (name, signal) => {
      const entry = tensors.get(name);
      if (!entry) {
        const names = [...tensors.keys()].slice(0, 3).join(", ");
        throw new LabError("bad-input", `${rest.id} has no tensor "${name}"; it has ${names}, …`);
      }
      const { begin, end, dtype, shape } = entry;
      const file = place.get(entry.file)!;
      const bytes = held
        ? held[file]!.data.subarray(begin, end)
        : await reread(file, begin, end, signal);
      if (bytes.length !== end - begin) {
        throw new LabError(
          "bad-file",
          `tensor "${name}" takes ${end - begin} bytes, but ${bytes.length} could be read from ${files[file]!.name}`,
        );
      }
      return { data: toFloats(bytes, dtype, name), dims: [...shape] };
    },
  };
}

function refuseNonFinite(
  weights: readonly WeightFile[],
  place: ReadonlyMap<string, number>,
  tensors: Layout["tensors"],
  { files }: Preview,
) {
  for (const [name, { file, begin, end, dtype }] of tensors) {
    const bytes = weights[place.get(file)!]!.data.subarray(begin, end);
    const at = firstNonFinite(bytes, dtype);
    if (at === null) continue;
    const size = dtype === "F32" ? 4 : 2;
    const [value] = toFloats(bytes.subarray(at * size, (at + 1) * size), dtype);
    throw new LabError(
      "bad-file",
      `${files[place.get(file)!]!.name} holds a weight that is no number: element ${at} of tensor "${name}" is ${value}. ` +
        "The file is damaged, or the model's training went wrong: get it again, or take another.",
    );
  }
}
