/** Small models, batches and edits by chance, seeded: what the property tests run on. */
import { parseHook } from "../../src/core/hooks.ts";
import type { DirectEdit } from "../../src/core/edits.ts";
import type { Gpt2Config } from "../../src/core/types.ts";
import { keyedRandom, normal } from "../../src/math/keyed-random.ts";
import { axisSizes } from "../../src/model/edit-check.ts";
import { tinyCheckpoint } from "./tiny-checkpoint.ts";

export type Random = () => number;
export const integer = (random: Random, least: number, most: number): number =>
  least + Math.floor(random() * (most - least + 1));
export const oneOf = <T>(random: Random, list: readonly T[]): T =>
  list[Math.floor(random() * list.length)]!;

/** The config and the files of a model of odd sizes, with every option of a config at random. */
export function randomCheckpoint(seed: number) {
  const random = keyedRandom(seed, 1);
  const n_head = oneOf(random, [1, 2, 3, 5]);
  const vocab_size = oneOf(random, [13, 101, 211]);
  const json = {
    n_layer: integer(random, 1, 4),
    n_head,
    n_embd: n_head * oneOf(random, [2, 3, 7, 9]),
    n_inner: oneOf(random, [1, 11, 53]),
    n_positions: integer(random, 5, 12),
    vocab_size,
    bos_token_id: vocab_size - 1,
    layer_norm_epsilon: oneOf(random, [1e-5, 1e-5, 1e-3, 0.1]),
    activation_function: oneOf(random, ["gelu_new", "gelu_new", "gelu", "relu"]),
    scale_attn_weights: random() < 0.8,
    scale_attn_by_inverse_layer_idx: random() < 0.3,
    tie_word_embeddings: random() < 0.6,
  };
  const stored = {
    seed,
    dtype: oneOf(random, ["F32", "F32", "F16", "BF16"] as const),
    prefix: oneOf(random, ["", "transformer."]),
  };
  return { ...tinyCheckpoint(json, stored), tied: json.tie_word_embeddings, json };
}

/** One to four rows: of unequal length, or one prompt again and again, as experiments on it have it. */
export function randomRows(random: Random, { n_positions, vocab_size }: Gpt2Config): number[][] {
  const row = () =>
    Array.from({ length: integer(random, 1, n_positions) }, () =>
      integer(random, 0, vocab_size - 1),
    );
  const [count, first] = [integer(random, 1, 4), row()];
  const alike = random() < 0.4;
  return Array.from({ length: count }, () => (alike ? first : row()));
}

/** An edit of one of `hooks` that the engine takes, of any op, value and place. */
export function randomEdit(
  random: Random,
  hooks: readonly string[],
  config: Gpt2Config,
  lengths: readonly number[],
): DirectEdit {
  const hook = oneOf(random, hooks);
  const { axes } = parseHook(hook, config);
  const isScale = hook.endsWith("hook_scale");
  const row = random() < 0.4 ? integer(random, 0, lengths.length - 1) : undefined;
  const shortest = Math.min(...(row === undefined ? lengths : [lengths[row]!]));
  const edit: DirectEdit = { hook, op: oneOf(random, ["zero", "scale", "add", "replace"]) };
  if (isScale && edit.op === "zero") edit.op = "scale"; // what is divided by it would be infinite
  if (row !== undefined) edit.row = row;
  if (axes.includes("H") && random() < 0.5) edit.head = integer(random, 0, config.n_head - 1);
  const isResult = hook.endsWith("hook_result") && edit.op !== "add"; // which has no factor for one coordinate
  if (random() < 0.3 && !isResult) {
    edit.neuron = integer(random, 0, axisSizes(axes, config, shortest).at(-1)! - 1);
  }
  if (random() < 0.5) edit.pos = integer(random, -shortest, shortest - 1);
  // Near 1 where it divides, small elsewhere: a model that is blown up tells nothing.
  const number = () => (isScale ? 1 + random() : normal(random) / 2);
  if (edit.op === "scale") edit.value = isScale ? 1 + random() : 2 * random() - 0.5;
  if (edit.op === "add" || edit.op === "replace") {
    edit.value = randomValue(random, number, axes.length, (kind) => sizeOf(kind));
    // One number all along d_model has no variance: a LayerNorm after it would show nothing but rounding.
    if (edit.op === "replace" && axes.at(-1) === "d" && typeof edit.value === "number") {
      edit.value = Float32Array.from({ length: config.n_embd }, number);
    }
  }
  return edit;

  /** Numbers that a value of a kind has; a kind that depends on the length goes with rows of one length only. */
  function sizeOf(kind: "vector" | "token" | "whole"): number | null {
    const alike = row !== undefined || new Set(lengths).size === 1;
    const sizes = axisSizes(axes, config, shortest);
    if (kind === "whole") return alike ? sizes.reduce((a, b) => a * b, 1) : null;
    if (kind === "token") return axes[0] === "T" ? sizes.slice(1).reduce((a, b) => a * b, 1) : null;
    return axes.at(-1) !== "S" || alike ? sizes.at(-1)! : null;
  }
}

function randomValue(
  random: Random,
  number: () => number,
  axes: number,
  sizeOf: (kind: "vector" | "token" | "whole") => number | null,
): number | Float32Array {
  const kind = oneOf(random, ["number", "vector", axes > 2 ? "token" : "vector", "whole"] as const);
  const length = kind === "number" ? null : sizeOf(kind);
  return length === null ? number() : Float32Array.from({ length }, number);
}
