/**
 * Path patching by plain edits of the engine, in two runs of the receiving prompt for each set of senders.
 * First: the senders write what they write in the other prompt's run; every other head writes what it writes in this prompt's
 * own run, so that nothing goes by way of another head. MLPs are computed anew, as in the paper, or held as well. What the
 * receivers read is recorded.
 * Second: nothing is held; the receivers read what was recorded. For the logits the first run is the answer.
 * Sets are rows of a batch (`experiments.ts`): they share all layers before their first sender.
 * Source: Wang et al. 2022, appendix B; their code has heads as senders, MLPs are ours.
 */
import { CHANNELS, type Channel, circuitGraph, type Receiver } from "../core/circuit.ts";
import type { DirectEdit, Edit } from "../core/edits.ts";
import type { ExperimentRows } from "../core/experiments.ts";
import { blockHook } from "../core/hooks.ts";
import { LabError } from "../core/lab-error.ts";
import type { PatchAnswer, PatchPair, PatchProgress } from "../core/patching.ts";
import {
  cellSender,
  type ChannelAnswer,
  type ChannelQuestion,
  pathCells,
  type PathMlps,
  type PathQuestion,
  reaches,
  readReceivers,
  receiverHook,
} from "../core/paths.ts";
import type { TensorData } from "../core/types.ts";
import { type MetricTokens, taskMetric } from "../math/task-metric.ts";
import type { LoadedModel } from "../model/loaded-model.ts";
import { runExperiments } from "./experiments.ts";
import { metricTokens, placesOf, type ValueOf, valuesOf } from "./patching.ts";
import { checkPairs } from "./task-baseline.ts";

type Model = LoadedModel;
interface Context {
  signal: AbortSignal;
  /** `cells` are indices into the question's sets. */
  progress: (told: PatchProgress) => void;
}
/** Sets whose receivers' inputs are kept between both runs. */
const SETS = 64;

/** @throws LabError "bad-input" for pairs, receivers, cells or senders that cannot be */
export async function pathSweep(
  model: Model,
  question: PathQuestion,
  { signal, progress }: Context,
): Promise<PatchAnswer> {
  const { pairs, metric, direction, mlps } = question;
  checkPairs(model, pairs);
  const receivers = readReceivers(model.info.config, question.receivers);
  const senders = sendersOf(model, question, receivers);
  const hooks = receivers.map(receiverHook).filter((hook) => hook !== null);
  const work = pairs.map((pair) =>
    senders
      .map((set, index) => ({ index, set: set.filter(({ place }) => isThere(pair, place)) }))
      .filter(({ set }) => set.length > 0),
  );
  const total = work.reduce((sum, list) => sum + list.length, 0);
  if (total === 0) throw new LabError("bad-input", "no pair has the place that was asked for");
  const start = performance.now();
  let done = 0;
  for (const [at, pair] of pairs.entries()) {
    const [into, from] = sides(pair, direction);
    const all = work[at]!.flatMap(({ set }) => set);
    const own = await valuesOf(model, into, heldHooks(model, mlps), signal);
    const other = await valuesOf(model, from, [...new Set(all.map(({ hook }) => hook))], signal);
    const held = heldHooks(model, mlps).map((hook): DirectEdit => ({
      hook,
      op: "replace",
      value: own(hook).data,
    }));
    const tokens = await metricTokens(model, pair, metric, signal);
    const tell = (sets: readonly number[], logits: TensorData) => {
      done += sets.length;
      const seconds = (performance.now() - start) / 1000;
      progress({
        ...{ pair: at, cells: [...sets], values: metricsOf(metric, logits, tokens) },
        ...{ done, total, secondsLeft: (seconds / done) * (total - done) },
      });
    };
    for (let begin = 0; begin < work[at]!.length; begin += SETS) {
      const chunk = work[at]!.slice(begin, begin + SETS);
      const named = (experiments: readonly number[]) => experiments.map((i) => chunk[i]!.index);
      const run = (
        experiments: DirectEdit[][],
        edits: Edit[],
        names: string[],
        told: (rows: ExperimentRows) => void,
      ) => {
        const logits = names.length === 0 ? ("last" as const) : ("none" as const);
        const prompt = { ids: [...into] };
        return runExperiments(
          model,
          { prompt, experiments, edits, names, logits, basis: "raw" },
          { signal, progress: told },
        );
      };
      const first = chunk.map(({ set }) => set.flatMap((sender) => sent(sender, pair, other)));
      if (hooks.length === 0) {
        await run(first, held, [], ({ experiments, logits }) => tell(named(experiments), logits!));
        continue;
      }
      const second: DirectEdit[][] = [];
      await run(first, held, [...new Set(hooks)], ({ experiments, cache }) => {
        const values = new Map(cache);
        experiments.forEach((i, row) => {
          second[i] = receivers.map((receiver) => received(receiver, values, row));
        });
      });
      await run(second, [], [], ({ experiments, logits }) => tell(named(experiments), logits!));
    }
  }
  return {
    runs: total * (hooks.length === 0 ? 1 : 2),
    seconds: (performance.now() - start) / 1000,
  };
}

interface Sender {
  hook: string;
  head: number | null;
  place: number | null;
}

function sendersOf(
  { info: { config } }: Model,
  { pairs, byPlace, sets }: PathQuestion,
  receivers: readonly Receiver[],
): Sender[][] {
  const count = placesOf(pairs);
  const places = byPlace ? count : null;
  const cells = pathCells(config, places);
  const graph = circuitGraph(config);
  const empty = sets.findIndex((set) => set.length === 0);
  if (sets.length === 0 || empty >= 0) {
    throw new LabError(
      "bad-input",
      sets.length === 0 ? "there is no sender" : `set ${empty} is empty`,
    );
  }
  return sets.map((set) =>
    set.map((cell) => {
      if (!Number.isInteger(cell) || cell < 0 || cell >= cells) {
        throw new LabError("bad-input", `cell ${cell} is not among 0 … ${cells - 1}`);
      }
      const { layer, head, place } = cellSender(config, places, cell);
      if (!reaches(graph, receivers, { layer, head })) {
        throw new LabError(
          "bad-input",
          `cell ${cell}: ${head === null ? `the MLP of layer ${layer}` : `head ${layer}.${head}`} comes after every receiver`,
        );
      }
      return {
        hook: blockHook(layer, head === null ? "hook_mlp_out" : "attn.hook_z"),
        head,
        place,
      };
    }),
  );
}

const isThere = ({ places }: PatchPair, place: number | null) =>
  place === null || places[place]!.length > 0;

const sides = ({ clean, corrupted }: PatchPair, direction: PathQuestion["direction"]) =>
  direction === "noise" ? ([clean, corrupted] as const) : ([corrupted, clean] as const);

const heldHooks = ({ info: { config } }: Model, mlps: PathMlps): string[] =>
  Array.from({ length: config.n_layer }, (_, layer) => [
    blockHook(layer, "attn.hook_z"),
    ...(mlps === "freeze" ? [blockHook(layer, "hook_mlp_out")] : []),
  ]).flat();

/** The sender's value of the other prompt, at the positions of its place or at all. */
function sent({ hook, head, place }: Sender, { places }: PatchPair, other: ValueOf): DirectEdit[] {
  const { data, dims } = other(hook);
  const at = { hook, op: "replace" as const, ...(head !== null && { head }) };
  if (place === null) return [{ ...at, value: data }];
  const last = dims.at(-1)!;
  return places[place]!.map((pos) => {
    const row = head === null ? pos : pos * dims[1]! + head;
    return { ...at, pos, value: data.subarray(row * last, (row + 1) * last) };
  });
}

function received(
  receiver: Receiver,
  values: ReadonlyMap<string, TensorData>,
  row: number,
): DirectEdit {
  const hook = receiverHook(receiver)!;
  const { data, dims } = values.get(hook)!;
  const size = data.length / dims[0]!;
  const { head } = receiver.node;
  const value = data.subarray(row * size, (row + 1) * size);
  return { hook, op: "replace", value, ...(head !== null && { head }) };
}

function metricsOf(
  metric: PathQuestion["metric"],
  { data, dims }: TensorData,
  tokens: MetricTokens,
) {
  const V = dims.at(-1)!;
  return Float64Array.from({ length: data.length / V }, (_, row) =>
    taskMetric(metric, data.subarray(row * V, (row + 1) * V), tokens),
  );
}

/** The metric with the queries, the keys or the values of some heads taken from the other prompt's run, at all positions. */
export async function channelEffects(
  model: Model,
  { pairs, metric, direction, heads }: ChannelQuestion,
  signal: AbortSignal,
): Promise<ChannelAnswer> {
  checkPairs(model, pairs);
  if (heads.length === 0)
    throw new LabError("bad-input", "there is no head whose inputs to compare");
  const hook = (layer: number, channel: Channel) => blockHook(layer, `attn.hook_${channel}`);
  const names = heads.flatMap(({ layer }) => CHANNELS.map((channel) => hook(layer, channel)));
  const answer: ChannelAnswer = { q: [], k: [], v: [] };
  for (const pair of pairs) {
    const [into, from] = sides(pair, direction);
    const other = await valuesOf(model, from, [...new Set(names)], signal);
    const tokens = await metricTokens(model, pair, metric, signal);
    await runExperiments(
      model,
      {
        prompt: { ids: [...into] },
        experiments: CHANNELS.map((channel) =>
          heads.map(({ layer, head }): DirectEdit => {
            const name = hook(layer, channel);
            return { hook: name, op: "replace", head, value: other(name).data };
          }),
        ),
        ...{ edits: [], names: [], logits: "last", basis: "raw" },
      },
      {
        signal,
        progress: ({ experiments, logits }) => {
          const found = metricsOf(metric, logits!, tokens);
          experiments.forEach((i, row) => answer[CHANNELS[i]!].push(found[row]!));
        },
      },
    );
  }
  return answer;
}
