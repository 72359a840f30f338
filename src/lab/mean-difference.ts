/** A direction out of two lists of phrases: the difference of their means. */
import type { Basis } from "../core/basis.ts";
import { LabError } from "../core/lab-error.ts";
import type { LoadedModel } from "../model/loaded-model.ts";
import { hookReader } from "./hook-reader.ts";
import type { BasisModel } from "./run-in-basis.ts";

/** Phrases of one run. */
const BATCH = 32;

type PhraseModel = BasisModel & Pick<LoadedModel, "tokenizer">;

export interface PhraseLists {
  hook: string;
  plus: readonly string[];
  minus: readonly string[];
}

/**
 * d = mean over `plus` of x − mean over `minus` of x, where x is the hook's value at the last token of a phrase that was run by
 * itself with BOS before it. Means in float64. Not normalised.
 * @returns [D]
 * @throws LabError "bad-input" if a list is empty or a phrase does not fit the model
 */
export async function differenceOfMeans(
  model: PhraseModel,
  { hook, plus, minus }: PhraseLists,
  { basis, signal }: { basis: Basis; signal: AbortSignal },
): Promise<Float32Array> {
  if (plus.length === 0 || minus.length === 0) {
    throw new LabError(
      "bad-input",
      "a difference of means needs a phrase in each of the two lists",
    );
  }
  const [a, b] = [
    await meanAtLast(model, hook, plus, { basis, signal }),
    await meanAtLast(model, hook, minus, { basis, signal }),
  ];
  return Float32Array.from(a, (x, d) => x - b[d]!);
}

/** The mean of x over the phrases, of a hook as wide as the stream. @returns [D] @throws LabError "bad-input" */
export async function meanAtLast(
  model: PhraseModel,
  hook: string,
  phrases: readonly string[],
  { basis, signal }: { basis: Basis; signal: AbortSignal },
): Promise<Float64Array> {
  const { tokenizer, info } = model;
  const read = hookReader(model, basis, signal);
  const { n_embd: D, n_positions } = info.config;
  const rows = phrases.map((phrase) => {
    const { ids } = tokenizer.encode(phrase, true);
    if (ids.length > 1 && ids.length <= n_positions) return ids;
    throw new LabError(
      "bad-input",
      ids.length > 1
        ? `“${phrase.slice(0, 40)} …” has ${ids.length} tokens, this model reads ${n_positions}`
        : `“${phrase}” is no token for this model`,
    );
  });
  const mean = new Float64Array(D);
  for (let from = 0; from < rows.length; from += BATCH) {
    const ids = rows.slice(from, from + BATCH);
    const { data, dims } = (await read({ ids, names: [hook], edits: [] })).get(hook)!;
    const T = dims[1]!;
    ids.forEach(({ length }, row) => {
      const at = (row * T + length - 1) * D;
      for (let d = 0; d < D; d++) mean[d]! += data[at + d]! / rows.length;
    });
  }
  return mean;
}
