/** What the graph is fed with: token ids, which rows go where, edits, the cache. */
import type { Tensor, TensorConstructor } from "onnxruntime-web";
import { fromZ, parseHook, type Stage, stageOf } from "../core/hooks.ts";
import { LabError } from "../core/lab-error.ts";
import type { DirectEdit } from "../core/edits.ts";
import type { Gpt2Config } from "../core/types.ts";
import { createEdgeFeeds, type EdgeCuts } from "./edge-feeds.ts";
import { compileEdits, type EditWindow, readEdits } from "./edits.ts";
import { FEW_LOGITS } from "./graph-embed.ts";
import { createGradientFeeds, type MetricSeed } from "./gradient-feeds.ts";
import {
  LAST_POSITIONS,
  resultRowsName,
  resultSlotsName,
  rowsName,
  slotsName,
} from "./graph-sites.ts";
import { cacheNames, type KvCache, type SharedPast } from "./kv-cache.ts";
import { planRows, type StageRows } from "./row-plan.ts";

export type Feeds = Record<string, Tensor>;
export interface RunInput {
  /** The rows of a batch; shorter ones are filled up on the right, where no token of theirs can look. */
  ids: readonly (readonly number[])[];
  window: EditWindow;
  edits: readonly DirectEdit[];
  /** Hook points that are wanted. */
  names: readonly string[];
  /** Whether the run goes on to the logits, or the cache of every layer. */
  toTheEnd: boolean;
  /** Hook points that it goes on to beside `names`. @default none */
  through?: readonly string[];
  past?: KvCache | undefined;
  /** In its place: what all rows have in common. */
  sharedPast?: SharedPast | undefined;
  /** Whether rows that are still the same are computed once. */
  share: boolean;
  /** With how many of the last positions the last block goes on. @default all */
  last?: number | undefined;
  /** Which rows of the flattened residual after the last block, [B·last], are unembedded, given where each row of the batch is computed. */
  logitRows: (at: readonly number[]) => readonly number[];
  /** Of these tokens alone. @default all */
  only?: readonly number[] | undefined;
  /** Where the backward pass begins, if there is to be one; rows may not be shared then. */
  seed?: MetricSeed | undefined;
  /** Edges that are cut, where the graph is one for it; the run goes to its end. */
  cuts?: EdgeCuts | undefined;
}
export interface RunPlan {
  feeds: Feeds;
  stages: ReadonlyMap<Stage, StageRows>;
}

export function createFeeds(Tensor: TensorConstructor, config: Gpt2Config) {
  const int64 = (values: readonly number[], dims: readonly number[] = [values.length]) =>
    new Tensor("int64", BigInt64Array.from(values, BigInt), dims);
  const gradientFeeds = createGradientFeeds(Tensor, config);
  const edgeFeeds = createEdgeFeeds(Tensor, config);

  return (input: RunInput): RunPlan => {
    const { ids, window, past, cuts } = input;
    if (cuts) edgeFeeds.check(cuts, ids);
    const edgeKey = cuts ? edgeFeeds.keyOf(cuts) : () => "";
    const wanted = input.names.map((name) => parseHook(name, config));
    const rowEdits = readEdits(input.edits, config, window);
    const passed = (input.through ?? []).map((name) => parseHook(name, config));
    const furthest = lastOf([...wanted, ...passed].map(({ stage }) => stage));
    // A gradient goes back through whole blocks.
    const until = input.toTheEnd ? "final" : input.seed ? endOfBlock(furthest) : furthest;
    const plan = planRows(config, {
      ids,
      editKey: (row, stage) => rowEdits.key(row, stage) + edgeKey(row, stage),
      until,
      share: input.share,
    });
    const { slots, tensors } = compileEdits(rowEdits, plan, config, window);
    const stages = new Map(plan.map((rows) => [rows.stage, rows]));
    const padded = stages
      .get("embed")!
      .represents.flatMap((row) => [...ids[row]!, ...padding(window.count - ids[row]!.length)]);
    const last = input.last ?? window.count;
    const gradient = {
      ...{ seed: input.seed ?? null, rows: ids.length, slots },
      ...{ count: window.count, last, until },
    };
    const logitRows = input.logitRows(stages.get("final")!.at);
    const feeds: Feeds = {
      ...gradientFeeds(gradient),
      ...(cuts && edgeFeeds.feeds(cuts, plan, window.lengths, window.count)),
      input_ids: int64(padded, [padded.length / window.count, window.count]),
      logit_rows: int64(input.only ? [] : logitRows),
      [FEW_LOGITS.rows]: int64(input.only ? logitRows : []),
      [FEW_LOGITS.tokens]: int64(input.only ?? [0]),
      [LAST_POSITIONS]: int64([-last]),
    };
    for (const [name, { data, dims }] of tensors) feeds[name] = new Tensor("float32", data, dims);
    for (const { stage, from } of plan) {
      if (stage !== "embed") feeds[rowsName(stage)] = int64(from);
      feeds[slotsName(stage)] = int64(slots.get(stage)!);
    }
    for (const [layer, { past: name }] of cacheNames(config).entries()) {
      const rows = stages.get(Math.floor(layer / 2))!.represents.length;
      // Layers that the run does not come to have no rows, of what went before either.
      const dims = [rows, config.n_head, window.start, config.n_embd / config.n_head];
      const known = rows > 0 ? past?.tensors.get(name) : undefined;
      const same = input.sharedPast?.values.get(name) ?? new Float32Array(0);
      feeds[name] = known ?? new Tensor("float32", repeated(same, rows), dims);
    }
    for (let layer = 0; layer < config.n_layer; layer++) {
      const asked =
        cuts !== undefined ||
        wanted.some((hook) => hook.layer === layer && hook.site === "attn.hook_result");
      const stage = stageOf(layer, "attn.hook_result");
      const { represents } = stages.get(stage)!;
      feeds[resultRowsName(layer)] = int64(asked ? represents.map((_, i) => i) : []);
      feeds[resultSlotsName(layer)] = int64(asked ? slots.get(stage)! : [0]);
    }
    return { feeds, stages };
  };
}

function repeated(values: Float32Array, times: number): Float32Array {
  const all = new Float32Array(times * values.length);
  for (let i = 0; i < times; i++) all.set(values, i * values.length);
  return all;
}

const padding = (count: number): number[] => Array.from({ length: count }, () => 0);

const endOfBlock = (stage: Stage): Stage =>
  typeof stage === "number" ? fromZ(Math.floor(stage)) : stage;

/** The stage furthest on. */
function lastOf(stages: readonly Stage[]): Stage {
  if (stages.includes("final")) return "final";
  const layers = stages.filter((stage) => typeof stage === "number");
  return layers.length > 0 ? Math.max(...layers) : "embed";
}

/** @returns the longest row's length @throws LabError "bad-input" */
export function checkIds(
  ids: readonly (readonly number[])[],
  { vocab_size, n_positions }: Gpt2Config,
  past: number,
): number {
  const lengths = ids.map((row) => row.length);
  const T = Math.max(0, ...lengths);
  const empty = lengths.indexOf(0);
  if (T === 0 || empty >= 0) {
    const where = ids.length > 1 ? ` in row ${empty}` : "";
    throw new LabError("bad-input", `there are no tokens to run${where}`);
  }
  if (past > 0 && lengths.some((length) => length !== T)) {
    throw new LabError(
      "shape",
      `rows that go on from a cache must be equally long, got ${lengths.join(", ")}`,
    );
  }
  if (past + T > n_positions) {
    throw new LabError(
      "bad-input",
      `${past + T} tokens are more than the model's context of ${n_positions}`,
    );
  }
  for (const row of ids) {
    for (const id of row) {
      if (!Number.isInteger(id) || id < 0 || id >= vocab_size) {
        throw new LabError(
          "bad-input",
          `${id} is no token id; this model has 0 … ${vocab_size - 1}`,
        );
      }
    }
  }
  return T;
}
