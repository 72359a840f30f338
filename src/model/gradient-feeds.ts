/** The inputs of the backward pass: of which rows, through which edits, and from which metric. */
import type { Tensor, TensorConstructor } from "onnxruntime-web";
import { axesOf, parseHook, type Stage } from "../core/hooks.ts";
import { LabError } from "../core/lab-error.ts";
import type { Gpt2Config } from "../core/types.ts";
import { axisSizes } from "./edit-check.ts";
import { LOGIT_GRADIENT } from "./graph-embed.ts";
import {
  GRAD_NONE,
  gradFromName,
  gradRowsName,
  gradSlotsName,
  type Place,
  placesOf,
  SEED_SITES,
  seedName,
  seedSlotsName,
  stagesOf,
} from "./graph-sites.ts";

/** Where a gradient begins: d metric / d value, there where the metric reads the forward pass. */
export type MetricSeed = LogitSeed | HookSeed;
/** A metric of logits whose gradient is constant + softmax · p, p the probabilities there. */
export interface LogitSeed {
  kind: "logits";
  at: readonly { row: number; pos: number }[];
  /** [at.length, V] */
  constant: Float32Array;
  /** [at.length] */
  softmax: Float32Array;
}
/** A metric that is linear in the activation at one of the `SEED_SITES`, as it is after the edits. */
export interface HookSeed {
  kind: "hook";
  hook: string;
  /** The hook's shape without the batch axis, the same for every row; or of all rows, with it. */
  seed: Float32Array;
}

export interface GradientInput {
  seed: MetricSeed | null;
  rows: number;
  /** Positions of the run, and of the last block. */
  count: number;
  last: number;
  /** The last stage of the run. */
  until: Stage;
  /** By stage: the edit slots of its rows. */
  slots: ReadonlyMap<Stage, readonly number[]>;
}

/** With `seed` null the inputs that make the backward pass empty. @throws LabError "bad-input" or "shape" */
export function createGradientFeeds(Tensor: TensorConstructor, config: Gpt2Config) {
  const float = (data: Float32Array, dims: readonly number[]) => new Tensor("float32", data, dims);
  const int64 = (values: readonly number[], dims: readonly number[] = [values.length]) =>
    new Tensor("int64", BigInt64Array.from(values, BigInt), dims);
  const V = config.vocab_size;

  return (input: GradientInput): Record<string, Tensor> => {
    const { seed, rows, count, last, until, slots } = input;
    const asked = seed !== null;
    const ofLogits: Omit<LogitSeed, "kind"> = seed?.kind === "logits" ? seed : NO_LOGITS;
    const { at, constant, softmax } = ofLogits;
    const feeds: Record<string, Tensor> = {
      [LOGIT_GRADIENT.rows]: int64(at.map((_, i) => i)),
      [LOGIT_GRADIENT.constant]: float(constant, [at.length, V]),
      [LOGIT_GRADIENT.softmax]: float(softmax, [at.length, 1]),
      [LOGIT_GRADIENT.inverse]: float(
        softmax.map((s) => (s === 0 ? 0 : 1 / s)),
        [at.length, 1],
      ),
    };
    feeds[GRAD_NONE] = float(new Float32Array(asked ? 1 : 0), [asked ? 1 : 0, 1, 1]);
    const toTheEnd = asked && until === "final";
    feeds[LOGIT_GRADIENT.places] = int64(toTheEnd ? places(at, rows, last) : [], [
      toTheEnd ? rows : 0,
      last,
    ]);
    const own = Array.from({ length: rows }, (_, row) => row);
    const order = placesOf(config);
    const end = asked ? order.indexOf(placeOf(until)) : -1;
    for (const [i, place] of order.entries()) {
      feeds[gradRowsName(place)] = int64(i <= end ? own : []);
      // Nothing comes from beyond the end: its first row is the one of zeros.
      const from = i === end ? own.map(() => 0) : i < end ? own : [];
      if (place !== "final") feeds[gradFromName(place)] = int64(from);
    }
    const seeded = seed?.kind === "hook" ? readSeed(seed, config, rows, count) : null;
    for (const stage of stagesOf(config)) {
      feeds[gradSlotsName(stage)] = int64(asked ? slots.get(stage)! : [0]);
      feeds[seedSlotsName(stage)] = int64(seeded?.stage === stage ? seeded.slots : [0]);
    }
    for (const site of SEED_SITES) {
      const here = seeded?.site === site ? seeded : null;
      const sizes = here?.sizes ?? axesOf(site).map(() => 1);
      const plane = sizes.reduce((a, b) => a * b, 1);
      const count = 1 + (seeded?.slots.length ?? 0); // also at the other sites of the stage
      const data = new Float32Array(count * plane);
      if (here) data.set(here.seed, plane);
      feeds[seedName(site)] = float(data, [count, ...sizes]);
    }
    return feeds;
  };
}

/** A block is gone back through as a whole. */
const placeOf = (stage: Stage): Place => (typeof stage === "number" ? Math.floor(stage) : stage);

const NO_LOGITS = { at: [], constant: new Float32Array(0), softmax: new Float32Array(0) };

/** For each place of [rows, count] the index in `at`, and its length where there is none. */
function places(at: LogitSeed["at"], rows: number, count: number): number[] {
  const out = Array.from({ length: rows * count }, () => at.length);
  at.forEach(({ row, pos }, i) => (out[row * count + pos] = i));
  return out;
}

function readSeed({ hook, seed }: HookSeed, config: Gpt2Config, rows: number, count: number) {
  const { site, stage } = parseHook(hook, config);
  if (!SEED_SITES.includes(site)) {
    const sites = SEED_SITES.join(", ");
    throw new LabError(
      "bad-input",
      `a gradient cannot begin at ${hook}; it can at the logits and at ${sites}`,
    );
  }
  const sizes = axisSizes(axesOf(site), config, count);
  const length = sizes.reduce((a, b) => a * b, 1);
  if (seed.length !== length && seed.length !== rows * length) {
    throw new LabError(
      "shape",
      `the seed at ${hook} has ${seed.length} values, not the ${length} of [${sizes.join(", ")}] for each row`,
    );
  }
  const slots = Array.from({ length: seed.length / length }, (_, i) => i + 1);
  return { site, stage, sizes, seed, slots };
}
