/** Which tensors a GPT-2 of a given config has, and whether a checkpoint's file has them. */
import { LabError } from "../core/lab-error.ts";
import { quotedShape, shortName } from "../core/quoted.ts";
import type { Gpt2Config } from "../core/types.ts";
import { type FloatDtype, isFloatDtype } from "../formats/finite.ts";
import type { SafetensorsHeader, TensorEntry } from "../formats/safetensors-entries.ts";
import { WEIGHT_FILE } from "./graph-builder.ts";

/** Where one weight lies: absolute bytes of one of the checkpoint's files. */
export interface WeightEntry {
  dtype: FloatDtype;
  shape: number[];
  /** The name under which the engine is given the file. */
  file: string;
  begin: number;
  end: number;
}
export interface Layout {
  /** By GPT-2's own names, without the `transformer.` that some exports put before them. */
  tensors: Map<string, WeightEntry>;
  /** Whether the output head is `wte.weight`. */
  tiedHead: boolean;
  parameters: number;
  /** Bytes of these tensors alone. */
  weightBytes: number;
}

/** Names and shapes, in forward order. Matrices are [in, out] (GPT-2's Conv1D), embeddings and head [vocab, d_model]. */
export function expectedShapes(config: Gpt2Config, tiedHead: boolean): Map<string, number[]> {
  const { n_embd: d, n_inner: m, vocab_size: V } = config;
  const shapes: [string, number[]][] = [
    ["wte.weight", [V, d]],
    ["wpe.weight", [config.n_positions, d]],
  ];
  for (let l = 0; l < config.n_layer; l++) {
    const block: [string, number[]][] = [
      ["ln_1.weight", [d]],
      ["ln_1.bias", [d]],
      ["attn.c_attn.weight", [d, 3 * d]],
      ["attn.c_attn.bias", [3 * d]],
      ["attn.c_proj.weight", [d, d]],
      ["attn.c_proj.bias", [d]],
      ["ln_2.weight", [d]],
      ["ln_2.bias", [d]],
      ["mlp.c_fc.weight", [d, m]],
      ["mlp.c_fc.bias", [m]],
      ["mlp.c_proj.weight", [m, d]],
      ["mlp.c_proj.bias", [d]],
    ];
    for (const [name, shape] of block) shapes.push([`h.${l}.${name}`, shape]);
  }
  shapes.push(["ln_f.weight", [d]], ["ln_f.bias", [d]]);
  if (!tiedHead) shapes.push(["lm_head.weight", [V, d]]);
  return new Map(shapes);
}

/** How many tensors `expectedShapes` lists for a block. */
const BLOCK_TENSORS = 12;

/** One of the files that the weights are in. */
export interface WeightHeader {
  header: SafetensorsHeader;
  /** The name under which the engine is given the file. */
  file: string;
}

/**
 * The layout of a checkpoint with one weight file.
 * @param name the file's own name, for messages
 */
export const checkLayout = (
  header: SafetensorsHeader,
  config: Gpt2Config,
  tieWordEmbeddings: boolean,
  name: string,
): Layout => checkLayouts([{ header, file: WEIGHT_FILE }], config, tieWordEmbeddings, name);

/**
 * Finds every tensor that the model needs; others in the files (masks, heads of other tasks) are passed over.
 * @param name of the file or files, for messages
 * @throws LabError "bad-file" if tensors are missing or have another shape, "unsupported" for another dtype
 */
export function checkLayouts(
  headers: readonly WeightHeader[],
  config: Gpt2Config,
  tieWordEmbeddings: boolean,
  name: string,
): Layout {
  const found = unprefixed(headers, name);
  // A file without a head can only mean the tied one, which is also the default.
  const tiedHead = tieWordEmbeddings || !found.has("lm_head.weight");
  const tensors = new Map<string, WeightEntry>();
  const missing: string[] = [];
  let parameters = 0;
  let weightBytes = 0;
  // A config may name any number of layers; what the files cannot hold need not be listed to be missed.
  const n_layer = Math.min(config.n_layer, found.size + 1);
  for (const [tensor, shape] of expectedShapes({ ...config, n_layer }, tiedHead)) {
    const entry = found.get(tensor);
    if (!entry) {
      missing.push(tensor);
      continue;
    }
    if (entry.shape.join() !== shape.join()) {
      throw new LabError(
        "bad-file",
        `${name} does not fit config.json: tensor "${tensor}" has shape ${quotedShape(entry.shape)}, ` +
          `but the config asks for [${shape.join(", ")}]. Use the two files of one model.`,
      );
    }
    if (!isFloatDtype(entry.dtype)) {
      throw new LabError(
        "unsupported",
        `tensor "${tensor}" of ${name} is stored as ${entry.dtype}; Glassroom runs weights in F32, F16 or BF16`,
      );
    }
    const { dtype, file, begin, end } = entry;
    tensors.set(tensor, { dtype, shape, file, begin, end });
    parameters += shape.reduce((n, size) => n * size, 1);
    weightBytes += end - begin;
  }
  if (found.has(`h.${config.n_layer}.ln_1.weight`)) {
    throw new LabError(
      "bad-file",
      `${name} does not fit config.json: it has a layer ${config.n_layer}, but the config says that there are ` +
        `n_layer ${config.n_layer} (0 … ${config.n_layer - 1}). Use the two files of one model.`,
    );
  }
  if (missing.length > 0) {
    const unlisted = (config.n_layer - n_layer) * BLOCK_TENSORS;
    throw new LabError(
      "bad-file",
      `${name} lacks ${missing.length + unlisted} of the model's tensors: ${listed(missing)}. ` +
        `It holds ${found.size}: ${listed([...found.keys()])}. ` +
        "Use a complete GPT2LMHeadModel checkpoint, and the config.json that belongs to it.",
    );
  }
  return { tensors, tiedHead, parameters, weightBytes };
}

function unprefixed(headers: readonly WeightHeader[], label: string) {
  const found = new Map<string, TensorEntry & { file: string }>();
  for (const { header, file } of headers) {
    for (const [fullName, entry] of header.tensors) {
      const name = fullName.replace(/^transformer\./, "");
      const other = found.get(name);
      if (other) {
        throw new LabError(
          "bad-file",
          `${label} holds both "${shortName(other.name)}" and "${shortName(fullName)}"; keep one of them`,
        );
      }
      found.set(name, { ...entry, file });
    }
  }
  return found;
}

const listed = (names: string[]): string =>
  names.length === 0
    ? "none"
    : names.slice(0, 4).map(shortName).join(", ") +
      (names.length > 4 ? `, … (${names.length - 4} more)` : "");
