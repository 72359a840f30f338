/**
 * Fine-tuning of chosen components: the loss is the mean of −ln p over the wanted tokens; its gradient with respect to the
 * chosen numbers, cut to `clip`, goes to Adam, which moves the difference δ from where it began. Weight decay pulls δ back to 0.
 * Everything else of the model is not touched, bit by bit.
 */
import { breathe } from "../core/breathe.ts";
import { LabError } from "../core/lab-error.ts";
import type { TuneComponent } from "../core/model-edit.ts";
import { quoted } from "../core/quoted.ts";
import { MOST_TUNE_STEPS, type TunePoint, type TuneRecipe } from "../core/tune.ts";
import type { Gpt2Config } from "../core/types.ts";
import { type Delta, partSize, partsOf, placesOf } from "../core/weight-parts.ts";
import { Adam, clipGradients } from "../math/adam.ts";
import { keyedRandom, permutation } from "../math/keyed-random.ts";
import { logSoftmax } from "../math/logit-metric.ts";
import { tensorWidth } from "../math/weight-edits.ts";
import type { TuningModel } from "../model/tuning-model.ts";
import { chunksOf, type ReadExample, splitExamples, wantedOf } from "./tune-examples.ts";

export interface TuneContext {
  signal: AbortSignal;
  /** Ends it after the step under way, with what was best. */
  stopped: () => boolean;
  begun: (facts: { parameters: number; train: number; heldOut: number }) => void;
  point: (point: TunePoint, stepsPerSecond: number) => void;
  now?: () => number;
}
export interface TuneResult {
  deltas: Delta[];
  parameters: number;
  examples: number;
  /** Of the best state; 0 where no step was better than none. */
  step: number;
  loss: [before: number, after: number];
  heldOut: [before: number, after: number] | null;
  steps: number;
  stopped: boolean;
}
/** How often everything is measured. */
const MEASURES = 20;

/** The tensors that components lie in. */
export const tensorsOf = (components: readonly TuneComponent[], config: Gpt2Config): string[] => [
  ...new Set(components.flatMap((part) => partsOf(part, config).map(({ tensor }) => tensor))),
];

/** @param start the tensors of the components as they are before, which must be fed */
export async function tune(
  model: Pick<TuningModel, "feed" | "gradients" | "logitsAt">,
  config: Gpt2Config,
  start: ReadonlyMap<string, Float32Array>,
  all: readonly ReadExample[],
  recipe: TuneRecipe,
  context: TuneContext,
): Promise<TuneResult> {
  checkRecipe(recipe);
  const { signal, now = () => performance.now() } = context;
  const parts = recipe.components.flatMap((component) => partsOf(component, config));
  const places = parts.map((part) =>
    Int32Array.from(placesOf(part, tensorWidth(part.tensor, config))),
  );
  const delta = parts.map((part) => new Float32Array(partSize(part)));
  const adam = new Adam(delta);
  const weights = new Map(
    parts.map(({ tensor }) => [tensor, Float32Array.from(start.get(tensor)!)]),
  );
  const { train, heldOut } = splitExamples(all, recipe.heldOut, recipe.seed);
  const apply = (values: readonly Float32Array[]) => {
    parts.forEach(({ tensor }, p) => {
      const [W, from] = [weights.get(tensor)!, start.get(tensor)!];
      places[p]!.forEach((at, i) => (W[at] = from[at]! + values[p]![i]!));
    });
    model.feed(weights);
  };
  const V = config.vocab_size;
  const lossOf = async (examples: readonly ReadExample[]): Promise<number | null> => {
    let [sum, count] = [0, 0];
    for (const chunk of chunksOf(examples, V)) {
      const wanted = wantedOf(chunk);
      const logits = await model.logitsAt(
        chunk.map(({ ids }) => ids),
        wanted,
      );
      sum += lossSum(logits, wanted, V);
      count += wanted.length;
      await breathe();
      signal.throwIfAborted();
    }
    return count === 0 ? null : sum / count;
  };
  const measure = async () => {
    const loss = (await lossOf(train))!;
    return { train: loss, heldOut: await lossOf(heldOut) };
  };

  apply(delta);
  const before = await measure();
  const parameters = delta.reduce((sum, { length }) => sum + length, 0);
  context.begun({ parameters, train: before.train, heldOut: heldOut.length });
  const goal = ({ train: t, heldOut: h }: typeof before) => h ?? t;
  let best = { step: 0, measured: before, delta: delta.map((d) => d.slice()) };
  const began = now();
  const every = Math.max(1, Math.floor(recipe.steps / MEASURES));
  context.point({ step: 0, batch: null, norm: null, ...before }, 0);
  const batches = batchesOf(train, recipe);
  let step = 0;
  while (step < recipe.steps && !context.stopped()) {
    const batch = batches(step);
    const { loss, gradients } = await gradientOf(model, batch, V, signal);
    const own = parts.map(({ tensor }, p) => {
      const whole = gradients.get(tensor)!;
      return Float32Array.from(places[p]!, (at) => whole[at]!);
    });
    const norm = clipGradients(own, recipe.clip);
    adam.step(own, recipe);
    apply(delta);
    step++;
    const isLast = step === recipe.steps || context.stopped();
    const measured = step % every === 0 || isLast ? await measure() : null;
    if (measured && goal(measured) < goal(best.measured)) {
      best = { step, measured, delta: delta.map((d) => d.slice()) };
    }
    context.point(
      { step, batch: loss, norm, train: null, heldOut: null, ...measured },
      (1000 * step) / Math.max(1, now() - began),
    );
    await breathe();
    signal.throwIfAborted();
  }
  const after = best.measured;
  return {
    deltas: parts.map((part, p) => ({ ...part, values: best.delta[p]! })),
    ...{ parameters, examples: train.length, step: best.step, steps: step },
    loss: [before.train, after.train],
    heldOut: after.heldOut === null ? null : [before.heldOut!, after.heldOut],
    stopped: step < recipe.steps,
  };
}

/** Of step n: all examples, or the next ones of an order that is drawn anew when it is used up. */
function batchesOf(train: readonly ReadExample[], { batch, seed }: TuneRecipe) {
  if (batch >= train.length) return () => train;
  const perEpoch = Math.floor(train.length / batch);
  return (step: number) => {
    const order = permutation(train.length, keyedRandom(seed, 2, Math.floor(step / perEpoch)));
    const from = (step % perEpoch) * batch;
    return [...order.subarray(from, from + batch)].map((i) => train[i]!);
  };
}

async function gradientOf(
  model: Pick<TuningModel, "gradients">,
  batch: readonly ReadExample[],
  V: number,
  signal: AbortSignal,
): Promise<{ loss: number; gradients: Map<string, Float32Array> }> {
  const weight = 1 / wantedOf(batch).length;
  const sums = new Map<string, Float32Array>();
  let loss = 0;
  for (const chunk of chunksOf(batch, V)) {
    const wanted = wantedOf(chunk).map((token) => ({ ...token, weight }));
    const { logits, gradients } = await model.gradients(
      chunk.map(({ ids }) => ids),
      wanted,
    );
    loss += weight * lossSum(logits, wanted, V);
    for (const [name, gradient] of gradients) {
      const sum = sums.get(name);
      if (!sum) sums.set(name, Float32Array.from(gradient));
      else for (let i = 0; i < sum.length; i++) sum[i]! += gradient[i]!;
    }
    signal.throwIfAborted();
  }
  return { loss, gradients: sums };
}

/** Σ −ln p(next) @param logits [K, V] */
const lossSum = (logits: Float32Array, wanted: readonly { next: number }[], V: number): number =>
  wanted.reduce(
    (sum, { next }, k) => sum - logSoftmax(logits.subarray(k * V, (k + 1) * V))[next]!,
    0,
  );

function checkRecipe(recipe: TuneRecipe): void {
  const check = (name: keyof TuneRecipe, ok: boolean, what: string) => {
    if (!ok) {
      throw new LabError("bad-input", `${name} is ${what}, got ${quoted(recipe[name])}`);
    }
  };
  const whole = (value: number, most: number) =>
    Number.isInteger(value) && value >= 1 && value <= most;
  const { learningRate, steps, batch, decay, clip, heldOut, seed, components } = recipe;
  if (components.length === 0) {
    throw new LabError(
      "bad-input",
      "nothing is chosen to be trained: choose heads, MLPs or others",
    );
  }
  check("learningRate", learningRate > 0 && learningRate <= 1, "a number above 0, at most 1");
  check("steps", whole(steps, MOST_TUNE_STEPS), `a whole number from 1 to ${MOST_TUNE_STEPS}`);
  check("batch", whole(batch, 4096), "a whole number from 1 to 4096");
  check(
    "decay",
    decay >= 0 && decay * learningRate <= 1,
    "not negative, at most 1 / learning rate",
  );
  check("clip", clip >= 0 && Number.isFinite(clip), "a number, 0 for no limit");
  check("heldOut", heldOut >= 0 && heldOut <= 0.5, "a share from 0 to 0.5");
  check("seed", Number.isInteger(seed), "a whole number");
}
