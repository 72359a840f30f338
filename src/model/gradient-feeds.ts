/** The inputs of the backward pass: of which rows, through which edits, and from which metric. */
import type { Tensor, TensorConstructor } from "onnxruntime-web";
import { axesOf, parseHook, SAE_SITES, type Stage } from "../core/hooks.ts";
import { LabError } from "../core/lab-error.ts";
import type { Gpt2Config } from "../core/types.ts";
import { axisSizes } from "./edit-check.ts";
import { LOGIT_GRADIENT } from "./graph-embed.ts";
import { GRAD_ROWS, gradSlotsName, seedName, seedSlotName, stagesOf } from "./graph-sites.ts";

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
/** A metric that is linear in the activation at one of the `SAE_SITES`. */
export interface HookSeed {
  kind: "hook";
  hook: string;
  /** The hook's shape without the batch axis; every row has the same. */
  seed: Float32Array;
}

export interface GradientInput {
  seed: MetricSeed | null;
  rows: number;
  /** Positions of the run, and of the last block. */
  count: number;
  last: number;
  /** By stage: the edit slots of its rows. */
  slots: ReadonlyMap<Stage, readonly number[]>;
}

/** With `seed` null the inputs that make the backward pass empty. @throws LabError "bad-input" or "shape" */
export function createGradientFeeds(Tensor: TensorConstructor, config: Gpt2Config) {
  const float = (data: Float32Array, dims: readonly number[]) => new Tensor("float32", data, dims);
  const int64 = (values: readonly number[], dims: readonly number[] = [values.length]) =>
    new Tensor("int64", BigInt64Array.from(values, BigInt), dims);
  const V = config.vocab_size;

  return ({ seed, rows, count, last, slots }: GradientInput): Record<string, Tensor> => {
    const asked = seed !== null;
    const ofLogits: Omit<LogitSeed, "kind"> = seed?.kind === "logits" ? seed : NO_LOGITS;
    const { at, constant, softmax } = ofLogits;
    const feeds: Record<string, Tensor> = {
      [GRAD_ROWS]: int64(asked ? Array.from({ length: rows }, (_, row) => row) : []),
      [LOGIT_GRADIENT.rows]: int64(at.map((_, i) => i)),
      [LOGIT_GRADIENT.constant]: float(constant, [at.length, V]),
      [LOGIT_GRADIENT.softmax]: float(softmax, [at.length, 1]),
      [LOGIT_GRADIENT.inverse]: float(
        softmax.map((s) => (s === 0 ? 0 : 1 / s)),
        [at.length, 1],
      ),
      [LOGIT_GRADIENT.places]: int64(asked ? places(at, rows, last) : [], [asked ? rows : 0, last]),
    };
    const seeded = seed?.kind === "hook" ? readSeed(seed, config, count) : null;
    for (const stage of stagesOf(config)) {
      feeds[gradSlotsName(stage)] = int64(asked ? slots.get(stage)! : [0]);
      feeds[seedSlotName(stage)] = int64([seeded?.stage === stage ? 1 : 0]);
    }
    for (const site of SAE_SITES) {
      const here = seeded?.site === site ? seeded : null;
      const sizes = here?.sizes ?? axesOf(site).map(() => 1);
      const plane = sizes.reduce((a, b) => a * b, 1);
      const data = new Float32Array(2 * plane);
      if (here) data.set(here.seed, plane);
      feeds[seedName(site)] = float(data, [2, ...sizes]);
    }
    return feeds;
  };
}

const NO_LOGITS = { at: [], constant: new Float32Array(0), softmax: new Float32Array(0) };

/** For each place of [rows, count] the index in `at`, and its length where there is none. */
function places(at: LogitSeed["at"], rows: number, count: number): number[] {
  const out = Array.from({ length: rows * count }, () => at.length);
  at.forEach(({ row, pos }, i) => (out[row * count + pos] = i));
  return out;
}

function readSeed({ hook, seed }: HookSeed, config: Gpt2Config, count: number) {
  const { site, stage } = parseHook(hook, config);
  const known = SAE_SITES.find((name) => name === site);
  if (!known) {
    const sites = SAE_SITES.join(", ");
    throw new LabError(
      "bad-input",
      `a gradient cannot begin at ${hook}; it can at the logits and, in each block, at ${sites}`,
    );
  }
  const sizes = axisSizes(axesOf(site), config, count);
  const length = sizes.reduce((a, b) => a * b, 1);
  if (seed.length !== length) {
    throw new LabError(
      "shape",
      `the seed at ${hook} has ${seed.length} values, not the ${length} of [${sizes.join(", ")}]`,
    );
  }
  return { site: known, stage, sizes, seed };
}
