/**
 * A model whose chosen tensors are inputs of its graph: they can be changed from run to run without another session, and
 * their gradients are outputs. It costs a second copy of the weights while it is open.
 */
import { LabError } from "../core/lab-error.ts";
import type { Gpt2Config, TensorData } from "../core/types.ts";
import { checkIds, createFeeds } from "./feeds.ts";
import { gradName } from "./graph-sites.ts";
import { createRunner, type Runner } from "./runner.ts";
import { type Runtime, toTensorData } from "./runtime.ts";

/** What is wanted: the token `next` after position `pos` of a row. */
export interface WantedToken {
  row: number;
  pos: number;
  next: number;
}
export interface TuningRunner extends Pick<Runner, "run"> {
  /** Puts values in the place of the tensors that are fed. @throws LabError "bad-input" for one that is not */
  feed(weights: ReadonlyMap<string, Float32Array>): void;
  /** Logits before each wanted token, [K, V]. */
  logitsAt(
    ids: readonly (readonly number[])[],
    wanted: readonly WantedToken[],
  ): Promise<Float32Array>;
  /** The same, and the gradient of Σ weight · −ln p(next) with respect to each tensor that is fed. */
  gradients(
    ids: readonly (readonly number[])[],
    wanted: readonly (WantedToken & { weight: number })[],
  ): Promise<{ logits: Float32Array; gradients: Map<string, Float32Array> }>;
}

/** @param shapes of the tensors that are fed @param first their values to begin with */
export function createTuningRunner(
  runtime: Runtime,
  config: Gpt2Config,
  shapes: ReadonlyMap<string, readonly number[]>,
  first: ReadonlyMap<string, Float32Array>,
): TuningRunner {
  const { session, Tensor } = runtime;
  const prepare = createFeeds(Tensor, config);
  const V = config.vocab_size;
  const tensors: Record<string, InstanceType<Runtime["Tensor"]>> = {};
  const feed: TuningRunner["feed"] = (weights) => {
    for (const [name, data] of weights) {
      const shape = shapes.get(name);
      if (!shape)
        throw new LabError("bad-input", `"${name}" is not among the tensors that are fed`);
      tensors[name] = new Tensor("float32", data, shape);
    }
  };
  feed(first);
  const run = (feeds: Record<string, unknown>, names: string[]) =>
    session.run({ ...feeds, ...tensors } as Parameters<typeof session.run>[0], names);
  const runner = createRunner(
    { ...runtime, session: { run } as unknown as Runtime["session"] },
    config,
  );
  const planned = (
    ids: readonly (readonly number[])[],
    wanted: readonly WantedToken[],
    weights: readonly number[] | null,
  ) => {
    const T = checkIds(ids, config, 0);
    const constant = new Float32Array(weights ? wanted.length * V : 0);
    weights?.forEach((weight, i) => (constant[i * V + wanted[i]!.next] = -weight));
    const at = wanted.map(({ row, pos }) => ({ row, pos }));
    return prepare({
      ids,
      window: { start: 0, count: T, lengths: ids.map((row) => row.length), limit: 0 },
      edits: [],
      names: [],
      toTheEnd: true,
      share: false,
      logitRows: () => wanted.map(({ row, pos }) => row * T + pos),
      ...(weights && {
        seed: { kind: "logits", at, constant, softmax: Float32Array.from(weights) },
      }),
    }).feeds;
  };
  return {
    run: runner.run,
    feed,
    logitsAt: async (ids, wanted) => {
      const out = await run(planned(ids, wanted, null), ["logits"]);
      return toTensorData(out["logits"]!).data;
    },
    gradients: async (ids, wanted) => {
      const names = [...shapes.keys()];
      const feeds = planned(
        ids,
        wanted,
        wanted.map(({ weight }) => weight),
      );
      const out = await run(feeds, ["logits", ...names.map(gradName)]);
      const data = (name: string): TensorData["data"] => toTensorData(out[name]!).data;
      return {
        logits: data("logits"),
        gradients: new Map(names.map((name) => [name, data(gradName(name))])),
      };
    },
  };
}
