/**
 * Edits of weights: what each does to the base's numbers. Matrices are [in, out]; float32, sums in float64.
 *   scale  rows of W_out (of a whole layer's part: with the bias) times the factor
 *   mean   b_out + Σ_i mean_i · W_out[i], the target's rows then 0; of a whole part b_out = mean
 *   bias   b + amount · v, b the bias before the hook point; of a vector at z or at the neurons b_out + amount · v·W_out
 *   tuned  W + δ
 */
import { isInModel, targetName } from "../core/bench-edit.ts";
import { LabError } from "../core/lab-error.ts";
import type { BiasVector, MeanWeights, ScaleWeights, WeightEdit } from "../core/model-edit.ts";
import type { Gpt2Config } from "../core/types.ts";
import { biasPlace, type Delta, placesOf, writesBy } from "../core/weight-parts.ts";

export interface WeightSource {
  /** A tensor of the base as float32, which is not changed. */
  read: (name: string) => Promise<Float32Array>;
  /** Of a fine-tuning by its id. */
  deltas: (id: string) => Promise<readonly Delta[]>;
}

/** @returns the tensors that are not as in the base, by name, in float32 @throws LabError for an edit that does not fit */
export async function editWeights(
  edits: readonly WeightEdit[],
  config: Gpt2Config,
  source: WeightSource,
): Promise<Map<string, Float32Array>> {
  const changed = new Map<string, Float32Array>();
  const own = async (name: string): Promise<Float32Array> => {
    const known = changed.get(name);
    if (known) return known;
    const copy = Float32Array.from(await source.read(name));
    changed.set(name, copy);
    return copy;
  };
  for (const edit of edits) {
    if (!edit.on) continue;
    if ("target" in edit && !isInModel(edit.target, config)) {
      const { n_layer, n_head, n_inner } = config;
      throw new LabError(
        "bad-input",
        `this model has no ${targetName(edit.target)}: it has ${n_layer} layers, ${n_head} heads and ${n_inner} neurons in each`,
      );
    }
    switch (edit.kind) {
      case "scale":
        await scale(edit, config, own);
        break;
      case "mean":
        await putMean(edit, config, own);
        break;
      case "bias":
        await addVector(edit, config, own, source.read, changed);
        break;
      case "tuned":
        for (const delta of await source.deltas(edit.id)) {
          addDelta(await own(delta.tensor), delta, config);
        }
    }
  }
  return changed;
}

type Own = (name: string) => Promise<Float32Array>;

async function scale(
  { target, factor }: ScaleWeights,
  config: Gpt2Config,
  own: Own,
): Promise<void> {
  const { matrix, bias, rows, whole } = writesBy(target, config);
  const D = config.n_embd;
  const W = await own(matrix);
  for (let i = rows[0] * D; i < rows[1] * D; i++) W[i]! *= factor;
  if (!whole) return;
  const b = await own(bias);
  for (let i = 0; i < D; i++) b[i]! *= factor;
}

async function putMean({ target, mean }: MeanWeights, config: Gpt2Config, own: Own): Promise<void> {
  const { matrix, bias, rows, whole } = writesBy(target, config);
  const D = config.n_embd;
  checkLength("the mean", mean.length, whole ? D : rows[1] - rows[0]);
  const [W, b] = [await own(matrix), await own(bias)];
  if (whole) b.set(mean);
  else addProduct(b, mean, W.subarray(rows[0] * D, rows[1] * D), 1);
  W.fill(0, rows[0] * D, rows[1] * D);
}

async function addVector(
  edit: BiasVector,
  config: Gpt2Config,
  own: Own,
  read: Own,
  changed: ReadonlyMap<string, Float32Array>,
): Promise<void> {
  const { tensor, columns, width, through } = biasPlace(edit, config);
  const { hook, vector, amount } = edit;
  checkLength(`the vector at ${hook}`, vector.length, width);
  const b = (await own(tensor)).subarray(...columns);
  if (through) {
    const W = changed.get(through.matrix) ?? (await read(through.matrix));
    const D = b.length;
    addProduct(b, vector, W.subarray(through.rows[0] * D, through.rows[1] * D), amount);
  } else for (let i = 0; i < b.length; i++) b[i]! += amount * vector[i]!;
}

/** b + amount · x·W */
function addProduct(b: Float32Array, x: readonly number[], W: Float32Array, amount: number): void {
  const D = b.length;
  for (let d = 0; d < D; d++) {
    let sum = 0;
    for (let i = 0; i < x.length; i++) sum += x[i]! * W[i * D + d]!;
    b[d]! += amount * sum;
  }
}

function addDelta(tensor: Float32Array, delta: Delta, { n_embd, n_inner }: Gpt2Config): void {
  const width = tensorWidth(delta.tensor, { n_embd, n_inner });
  let i = 0;
  for (const at of placesOf(delta, width)) tensor[at]! += delta.values[i++]!;
  if (i !== delta.values.length || delta.rows[1] * width > tensor.length) {
    throw new LabError(
      "shape",
      `what was tuned of ${delta.tensor} has ${delta.values.length} numbers, its place ${i}`,
    );
  }
}

/** How long a row of a block's tensor is; a bias is one row. */
export function tensorWidth(
  name: string,
  { n_embd, n_inner }: Pick<Gpt2Config, "n_embd" | "n_inner">,
): number {
  if (name.includes("c_attn")) return 3 * n_embd;
  return name.includes("c_fc") ? n_inner : n_embd;
}

function checkLength(what: string, got: number, expected: number): void {
  if (got === expected) return;
  throw new LabError("shape", `${what} has ${got} numbers; this model needs ${expected} there`);
}
