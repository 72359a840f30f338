/**
 * A checkpoint: the files of one GPT-2 model, checked and in memory, wherever they came from.
 * Nothing is converted: the engine reads the weights out of the safetensors file's own bytes.
 */
import { LabError } from "../core/lab-error.ts";
import type { Gpt2Config, ModelInfo, TensorData, TokenizerFiles } from "../core/types.ts";
import { firstNonFinite } from "../formats/finite.ts";
import { parseHeader, toFloats } from "../formats/safetensors.ts";
import { freeMemory } from "./free-memory.ts";
import { type ReadConfig, parseConfig } from "./config.ts";
import { type Layout, type WeightEntry, checkLayout } from "./layout.ts";

export interface Checkpoint {
  id: string;
  source: ModelInfo["source"];
  /** Branch, tag or commit as it was asked for; null off the Hub. */
  revision: string | null;
  /** The commit that it stood for, where the Hub told it. */
  commit: string | null;
  config: Gpt2Config;
  configJson: string;
  tokenizer: TokenizerFiles;
  /** The whole safetensors file. @throws LabError "internal" after `release` */
  readonly weights: Uint8Array<ArrayBuffer>;
  /** By GPT-2's own names ("h.0.attn.c_attn.weight"), with absolute bytes in `weights`. */
  tensors: ReadonlyMap<string, WeightEntry>;
  /** Whether the output head is `wte.weight`; else there is "lm_head.weight" [vocab, d_model]. */
  tiedHead: boolean;
  parameters: number;
  weightBytes: number;
  /** What went less well than it should, in words for the user: mostly empty. */
  warnings: string[];
  /** Lets go of `weights` (and empties it), once the engine has its own copy. `readTensor` works on. */
  release(): void;
  /** One tensor as float32: out of memory, or read again from where the file lies. */
  readTensor(name: string, signal?: AbortSignal): Promise<TensorData>;
}

/** Bytes `begin` to `end` of the weight file, from its cache, disk or server. */
export type ReadBytes = (begin: number, end: number, signal?: AbortSignal) => Promise<Uint8Array>;

/** What a source knows before it reads the weights: enough to refuse a model that cannot run. */
export interface Preview extends ReadConfig, Layout {
  configJson: string;
  file: string;
  fileSize: number;
}

/**
 * The largest weight file that is loaded. The runtime copies it into the 4 GiB that a WebAssembly memory can have,
 * and the file itself must fit in one array.
 */
export const MAX_WEIGHT_FILE_BYTES = 2 ** 31;

/** @param start the weight file's first bytes, with its whole header */
export function preview(
  configJson: string,
  file: string,
  start: Uint8Array,
  fileSize: number,
): Preview {
  const read = parseConfig(configJson);
  refuseTooLarge(file, fileSize);
  const header = parseHeader(start, fileSize, file);
  const layout = checkLayout(header, read.config, read.tieWordEmbeddings, file);
  return { ...read, ...layout, configJson, file, fileSize };
}

export function refuseTooLarge(file: string, fileSize: number): void {
  if (fileSize <= MAX_WEIGHT_FILE_BYTES) return;
  const gib = (bytes: number) => `${(bytes / 2 ** 30).toFixed(1)} GiB`;
  throw new LabError(
    "unsupported",
    `${file} has ${gib(fileSize)}, more than a browser tab can run (at most ${gib(MAX_WEIGHT_FILE_BYTES)}); ` +
      "take a smaller model, or the same one stored as float16",
  );
}

export interface Parts {
  id: string;
  source: ModelInfo["source"];
  revision: string | null;
  commit: string | null;
  preview: Preview;
  tokenizer: TokenizerFiles;
  weights: Uint8Array<ArrayBuffer>;
  warnings: string[];
  reread: ReadBytes;
}

/** Puts a checkpoint together, after the last check: that every weight is a number. @throws LabError "bad-file" */
export function assemble({ preview, weights, reread, ...rest }: Parts): Checkpoint {
  const { config, configJson, tensors, tiedHead, parameters, weightBytes, file } = preview;
  if (weights.length !== preview.fileSize) {
    throw new LabError(
      "bad-file",
      `${file} has ${weights.length} bytes, not ${preview.fileSize}: it is cut off; load it again`,
    );
  }
  refuseNonFinite(weights, tensors, file);
  let held: Uint8Array<ArrayBuffer> | null = weights;
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
      if (held) freeMemory(held);
      held = null;
    },
    readTensor: async (name, signal) => {
      const entry = tensors.get(name);
      if (!entry) {
        const names = [...tensors.keys()].slice(0, 3).join(", ");
        throw new LabError("bad-input", `${rest.id} has no tensor "${name}"; it has ${names}, …`);
      }
      const { begin, end, dtype, shape } = entry;
      const bytes = held ? held.subarray(begin, end) : await reread(begin, end, signal);
      if (bytes.length !== end - begin) {
        throw new LabError(
          "bad-file",
          `tensor "${name}" takes ${end - begin} bytes, but ${bytes.length} could be read from ${file}`,
        );
      }
      return { data: toFloats(bytes, dtype, name), dims: [...shape] };
    },
  };
}

function refuseNonFinite(weights: Uint8Array, tensors: Layout["tensors"], file: string) {
  for (const [name, { begin, end, dtype }] of tensors) {
    const bytes = weights.subarray(begin, end);
    const at = firstNonFinite(bytes, dtype);
    if (at === null) continue;
    const size = dtype === "F32" ? 4 : 2;
    const [value] = toFloats(bytes.subarray(at * size, (at + 1) * size), dtype);
    throw new LabError(
      "bad-file",
      `${file} holds a weight that is no number: element ${at} of tensor "${name}" is ${value}. ` +
        "The file is damaged, or the model's training went wrong: get it again, or take another.",
    );
  }
}
