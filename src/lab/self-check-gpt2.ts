/**
 * What is known of GPT-2 small from TransformerLens's tests and demos, run again here.
 * A name proves nothing: a fine-tune, a folder called "gpt2", a mirror's copy. So the values are compared when the weights
 * themselves are GPT-2's, told by 30 printed values of the first two layers' attention, whatever the model is called.
 */
import { blockHook } from "../core/hooks.ts";
import type { CheckResult } from "../core/self-check.ts";
import type { ModelInfo } from "../core/model-info.ts";
import type { Gpt2Config } from "../core/types.ts";
import type { LoadedModel } from "../model/loaded-model.ts";
import {
  headAttributions,
  headName,
  ioiPrompts,
  meanLogitDifference,
  previousTokenShares,
  strongest,
} from "./self-check-ioi.ts";
import { meanLoss } from "./self-check-known.ts";
import { compared, equalWords, notMade, type CheckName } from "./self-check-measure.ts";

const SHAPE: Partial<Gpt2Config> = {
  n_layer: 12,
  n_head: 12,
  n_embd: 768,
  vocab_size: 50257,
  n_positions: 1024,
};

/** Printed to four decimals; negative places count from the end. */
export const FINGERPRINT: readonly { tensor: string; from: number; values: readonly number[] }[] = [
  {
    tensor: "h.0.attn.c_attn.weight",
    from: 0,
    values: [-0.4738, -0.2614, -0.0978, -0.3499, 0.2243, -0.0429, 0.4187, 0.1744, -0.1883, 0.1836],
  },
  {
    tensor: "h.0.attn.c_attn.weight",
    from: -10,
    values: [0.0015, -0.0719, 0.0741, 0.0541, 0.054, 0.0205, 0.0176, -0.0046, 0.007, 0.0198],
  },
  { tensor: "h.1.attn.c_attn.weight", from: 0, values: [-0.2906, 0.3057, 0.0302] },
];
/** Half of the last printed digit, and what rounding to float16 moves a value of 0.5 at most. */
const PRINTED = 0.5e-4 + 0.5 * 2 ** -11;

/** Whether the model has GPT-2 small's shape: then it is worth looking at its weights. */
export const isGpt2Shaped = ({ config }: Pick<ModelInfo, "config">): boolean =>
  (Object.keys(SHAPE) as (keyof Gpt2Config)[]).every((key) => config[key] === SHAPE[key]);

/** @returns null if the weights are GPT-2's, else in words where they are not */
export async function differsFromGpt2(
  model: Pick<LoadedModel, "weight">,
  fingerprint = FINGERPRINT,
): Promise<string | null> {
  for (const { tensor, from, values } of fingerprint) {
    const { data } = await model.weight(tensor);
    for (const [i, expected] of values.entries()) {
      const place = (from < 0 ? data.length + from : from) + i;
      const found = data[place]!;
      if (Math.abs(found - expected) <= PRINTED) continue;
      return `${tensor} has ${found.toFixed(4)} at ${place}, GPT-2 has ${expected.toFixed(4)}`;
    }
  }
  return null;
}

interface Golden {
  name: CheckName;
  run: (model: LoadedModel, signal: AbortSignal, name: CheckName) => Promise<CheckResult>;
}
const reference = (id: string, what: string): CheckName => ({ id, group: "reference", what });
const number = (name: CheckName, where: string, expected: number, found: number, within: number) =>
  compared(name, [{ where, expected: [expected], found: [found], scale: 1 }], within);
const pairOf = (names: readonly string[]) => [...names].sort().join(", ");

const IOI = "eight sentences of the indirect-object task";
const L9H9 = { hook: blockHook(9, "attn.hook_z"), op: "zero", head: 9, pos: -1 } as const;

/** float16 weights move the loss by some thousandths; printed values have two decimals. */
export const GOLDEN: readonly Golden[] = [
  {
    name: reference("gpt2-loss", "mean loss on “Hello world!” with BOS, in nats"),
    run: async (model, signal, name) => {
      const { ids } = model.tokenizer.encode("Hello world!", true);
      const run = await model.run({ ids: [ids], names: [], edits: [], logits: "all", signal });
      const loss = meanLoss(run.logits!.data, model.info.config.vocab_size, ids);
      const { weightBytes, parameters, rounded } = model.info;
      const within = rounded || weightBytes < 3 * parameters ? 1e-2 : 1e-3;
      return number(name, "Hello world!", 5.331855773925781, loss, within);
    },
  },
  {
    name: reference("gpt2-ioi", "indirect object: mean logit difference of the two names"),
    run: async (model, signal, name) =>
      number(
        name,
        IOI,
        3.55,
        await meanLogitDifference(model, ioiPrompts(model), [], signal),
        0.02,
      ),
  },
  {
    name: reference(
      "gpt2-ioi-ablated",
      "the same with L9H9’s z zeroed at the last token (TransformerLens’s basis)",
    ),
    run: async (model, signal, name) =>
      number(
        name,
        IOI,
        2.99,
        await meanLogitDifference(model, ioiPrompts(model), [L9H9], signal),
        0.02,
      ),
  },
  {
    name: reference(
      "gpt2-dla",
      "heads of strongest direct attribution, for and against the right name",
    ),
    run: async (model, signal, name) => {
      const heads = await headAttributions(model, ioiPrompts(model), signal);
      const of = (sign: 1 | -1) => pairOf(strongest(heads, 2, sign).map(headName));
      return equalWords(
        name,
        "for: L9H6, L9H9; against: L10H7, L11H10",
        `for: ${of(1)}; against: ${of(-1)}`,
      );
    },
  },
  {
    name: reference("gpt2-previous", "the head that looks most at the token before"),
    run: async (model, signal, name) => {
      const shares = await previousTokenShares(model, ioiPrompts(model), signal);
      return equalWords(name, "L4H11", strongest(shares, 1).map(headName).join());
    },
  },
];

export async function runGolden(
  { name, run }: Golden,
  model: LoadedModel,
  signal: AbortSignal,
): Promise<CheckResult> {
  try {
    return await run(model, signal, name);
  } catch (e) {
    signal.throwIfAborted();
    return notMade(name, e);
  }
}
