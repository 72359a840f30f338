/** Examples as the model reads them: token ids, and from where on they are wanted. */
import { LabError } from "../core/lab-error.ts";
import { quoted } from "../core/quoted.ts";
import type { TuneExample, TuneRecipe } from "../core/tune.ts";
import type { LoadedModel } from "../model/loaded-model.ts";
import type { WantedToken } from "../model/tuning.ts";
import { keyedRandom, permutation } from "../math/keyed-random.ts";

export interface ReadExample {
  ids: readonly number[];
  /** The first wanted token's position. */
  from: number;
}
type Model = Pick<LoadedModel, "info" | "tokenizer">;

/** @throws LabError "bad-input" naming the example */
export function readExamples(
  model: Model,
  { examples, pairs, prependBos }: Pick<TuneRecipe, "examples" | "pairs" | "prependBos">,
): ReadExample[] {
  const { n_positions, vocab_size } = model.info.config;
  const read = [
    ...examples.map((example, i) => readExample(model, example, prependBos, `example ${i + 1}`)),
    ...pairs.map(({ clean, answers }, i): ReadExample => {
      if (answers.length === 0) throw refuse(`pair ${i + 1}`, "there is no answer");
      return { ids: [...clean, answers[0]!], from: clean.length };
    }),
  ];
  read.forEach(({ ids, from }, i) => {
    const name = i < examples.length ? `example ${i + 1}` : `pair ${i + 1 - examples.length}`;
    if (ids.length > n_positions) {
      throw refuse(name, `it has ${ids.length} tokens, and this model reads ${n_positions}`);
    }
    const bad = ids.find((id) => !Number.isInteger(id) || id < 0 || id >= vocab_size);
    if (bad !== undefined) throw refuse(name, `${bad} is no token id of this model`);
    if (from < 1) throw refuse(name, "nothing comes before what is wanted");
  });
  if (read.length === 0) {
    throw new LabError("bad-input", "there are no examples: write some, or take the task's pairs");
  }
  return read;
}

function readExample(
  { tokenizer }: Model,
  { prompt, wanted }: TuneExample,
  prependBos: boolean,
  name: string,
): ReadExample {
  if (wanted === "") throw refuse(name, `nothing is wanted after ${quoted(prompt)}`);
  const before = tokenizer.encode(prompt, prependBos).ids;
  const { ids } = tokenizer.encode(prompt + wanted, prependBos);
  if (before.length < ids.length && before.every((id, i) => ids[i] === id)) {
    return { ids, from: before.length };
  }
  throw refuse(
    name,
    `between ${quoted(prompt.slice(-20))} and ${quoted(wanted.slice(0, 20))} no token ends: ` +
      "put the space before the wanted text, not after the prompt, and begin it with a whole word",
  );
}

const refuse = (name: string, why: string) => new LabError("bad-input", `${name}: ${why}`);

/** What is trained on and what is held out, by chance; at least one is trained on. */
export function splitExamples<T>(
  all: readonly T[],
  share: number,
  seed: number,
): { train: T[]; heldOut: T[] } {
  const count = Math.min(all.length - 1, Math.round(share * all.length));
  const order = [...permutation(all.length, keyedRandom(seed, 1))].map((i) => all[i]!);
  return { train: order.slice(count), heldOut: order.slice(0, count) };
}

/** Every wanted token of some examples as rows of a run. */
export const wantedOf = (examples: readonly ReadExample[]): WantedToken[] =>
  examples.flatMap(({ ids, from }, row) =>
    ids.slice(from).map((next, i) => ({ row, pos: from + i - 1, next })),
  );

/** Logits of one run are no more numbers than this. */
const MOST_LOGITS = 2 ** 24;
const MOST_TOKENS = 2048;

/** In pieces that a run can hold. */
export function chunksOf(examples: readonly ReadExample[], vocabulary: number): ReadExample[][] {
  const chunks: ReadExample[][] = [];
  let [longest, wanted] = [0, 0];
  for (const example of examples) {
    const more = example.ids.length - example.from;
    const last = chunks.at(-1);
    const length = Math.max(longest, example.ids.length);
    const fits =
      last &&
      (last.length + 1) * length <= MOST_TOKENS &&
      (wanted + more) * vocabulary <= MOST_LOGITS;
    if (fits) last.push(example);
    else chunks.push([example]);
    [longest, wanted] = fits ? [length, wanted + more] : [example.ids.length, more];
  }
  return chunks;
}
