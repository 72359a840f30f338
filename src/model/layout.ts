/** Which tensors a GPT-2 of a given config has, and whether a checkpoint's file has them. */
import { LabError } from "../core/lab-error.ts";
import type { Gpt2Config } from "../core/types.ts";
import { type FloatDtype, isFloatDtype } from "../formats/finite.ts";
import type { SafetensorsHeader } from "../formats/safetensors.ts";

/** Where one weight lies in the checkpoint's file: absolute bytes. */
export interface WeightEntry {
  dtype: FloatDtype;
  shape: number[];
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

/**
 * Finds every tensor that the model needs; others in the file (masks, heads of other tasks) are passed over.
 * @param file the weight file's name, for messages
 * @throws LabError "bad-file" if tensors are missing or have another shape, "unsupported" for another dtype
 */
export function checkLayout(
  header: SafetensorsHeader,
  config: Gpt2Config,
  tieWordEmbeddings: boolean,
  file: string,
): Layout {
  const found = unprefixed(header, file);
  // A file without a head can only mean the tied one, which is also the default.
  const tiedHead = tieWordEmbeddings || !found.has("lm_head.weight");
  const tensors = new Map<string, WeightEntry>();
  const missing: string[] = [];
  let parameters = 0;
  let weightBytes = 0;
  for (const [name, shape] of expectedShapes(config, tiedHead)) {
    const entry = found.get(name);
    if (!entry) {
      missing.push(name);
      continue;
    }
    if (entry.shape.join() !== shape.join()) {
      throw new LabError(
        "bad-file",
        `${file} does not fit config.json: tensor "${name}" has shape [${entry.shape.join(", ")}], ` +
          `but the config asks for [${shape.join(", ")}]. Use the two files of one model.`,
      );
    }
    if (!isFloatDtype(entry.dtype)) {
      throw new LabError(
        "unsupported",
        `tensor "${name}" of ${file} is stored as ${entry.dtype}; Glassroom runs weights in F32, F16 or BF16`,
      );
    }
    const { dtype, begin, end } = entry;
    tensors.set(name, { dtype, shape, begin, end });
    parameters += shape.reduce((n, size) => n * size, 1);
    weightBytes += end - begin;
  }
  if (missing.length > 0) {
    throw new LabError(
      "bad-file",
      `${file} lacks ${missing.length} of the model's tensors: ${listed(missing)}. ` +
        `It holds ${found.size}: ${listed([...found.keys()])}. ` +
        "Use a complete GPT2LMHeadModel checkpoint, and the config.json that belongs to it.",
    );
  }
  return { tensors, tiedHead, parameters, weightBytes };
}

function unprefixed(header: SafetensorsHeader, file: string): SafetensorsHeader["tensors"] {
  const found: SafetensorsHeader["tensors"] = new Map();
  for (const [fullName, entry] of header.tensors) {
    const name = fullName.replace(/^transformer\./, "");
    if (found.has(name)) {
      throw new LabError(
        "bad-file",
        `${file} holds both "${name}" and "transformer.${name}"; keep one of them`,
      );
    }
    found.set(name, entry);
  }
  return found;
}

const listed = (names: string[]): string =>
  names.length === 0
    ? "none"
    : names.slice(0, 4).join(", ") + (names.length > 4 ? `, … (${names.length - 4} more)` : "");
