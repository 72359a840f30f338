/**
 * ACDC (`core/acdc.ts`) in batches that come to what one edge at a time comes to. Most edges are cut for good, so a batch
 * tests the next ones side by side, each row as if all before it were decided as guessed; up to the first wrong guess the rows
 * are what the tests one by one would have run, and the rest is thrown away, but for the guesses that it is good for. A batch
 * grows while guesses hold. An edge into a node that nothing reads any more has no effect, and takes no run.
 */
import {
  type AcdcAnswer,
  type AcdcProgress,
  type AcdcQuestion,
  type AcdcState,
  isLoss,
  keptOf,
  startOf,
} from "../core/acdc.ts";
import { breathe } from "../core/breathe.ts";
import { type CircuitGraph, edgeEnds, type EdgeMask, pruneDangling } from "../core/circuit.ts";
import { LabError } from "../core/lab-error.ts";
import { edgeOrder } from "../math/edge-order.ts";
import { corruptedValues, type EdgeBench, edgeRuns } from "./edge-runs.ts";
import { checkPairs } from "./task-baseline.ts";

interface Context {
  signal: AbortSignal;
  progress: (told: AcdcProgress) => void;
  /** Rows of a batch at most. @default as many as there is room for; 1: one edge at a time */
  most?: number;
}

/** The first batch. */
const FIRST = 8;
/** Milliseconds between two words on how far it is. */
const PAUSE = 100;

/** @throws LabError "bad-input" for pairs that cannot be run, or a state of another question */
export async function acdc(
  model: EdgeBench,
  question: AcdcQuestion,
  { signal, progress, most = Infinity }: Context,
): Promise<AcdcAnswer> {
  const { pairs, metric, threshold, absolute } = question;
  checkPairs(model, pairs);
  if (!Number.isFinite(threshold)) {
    throw new LabError("bad-input", `the threshold τ is a number, not ${threshold}`);
  }
  const began = performance.now();
  const instead = await corruptedValues(model, pairs, question.corruption, signal);
  const { graph, room, measure } = await edgeRuns(model, { pairs, metric, instead }, signal);
  const order = edgeOrder(graph, question.order, question.seed);
  const readers = nodeReaders(graph);
  const losses = async (masks: readonly EdgeMask[]) => {
    const found = await measure(masks);
    return isLoss(metric) ? found : found.map((v) => -v);
  };
  const removes = (rise: number) => (absolute ? Math.abs(rise) : rise) < threshold;

  const state = await beginning(question.state, graph, losses);
  const before = { decided: state.decided, seconds: state.seconds };
  /** Whether an edge is guessed to be cut for good, by a row that was thrown away. */
  const guesses = new Map<number, boolean>();
  let size = FIRST;
  let told = -Infinity;
  const tell = () => {
    const seconds = (performance.now() - began) / 1000;
    state.seconds = before.seconds + seconds;
    const rate = (state.decided - before.decided) / Math.max(seconds, 1e-3);
    told = performance.now();
    progress({
      state: { ...state, mask: state.mask.slice(), rises: state.rises.slice() },
      ...{ total: order.length, kept: keptOf(state), rate },
      secondsLeft: (order.length - state.decided) / Math.max(rate, 1e-9),
    });
  };

  while (state.decided < order.length) {
    const tests = nextTests(Math.max(1, Math.min(size, room(), most)));
    const rows = tests.flatMap(({ mask }) => mask ?? []);
    const found = rows.length > 0 ? await losses(rows) : new Float64Array(0);
    const isGuessed = decide(tests, found);
    size = isGuessed ? size * 2 : Math.max(2, Math.ceil(size / 2));
    if (performance.now() - told > PAUSE) tell();
    await breathe();
    signal.throwIfAborted();
  }
  tell();
  return { state, mask: pruneDangling(graph, state.mask) };

  /** The next edges of the order, each with the mask to be run; null for one that has no effect. */
  function nextTests(count: number): Test[] {
    const tests: Test[] = [];
    const guessed = state.mask.slice();
    for (let i = state.decided, rows = 0; i < order.length; i++) {
      const edge = order[i]!;
      const isDead = readers(edge).every((out) => guessed[out] === 0);
      if (!isDead && rows++ === count) break;
      const removed = isDead ? removes(0) : (guesses.get(edge) ?? true);
      const mask = isDead ? null : guessed.with(edge, 0);
      tests.push({ edge, mask, removed });
      if (removed) guessed[edge] = 0;
    }
    return tests;
  }

  /** Decides as far as the guesses hold. @returns whether all did */
  function decide(tests: readonly Test[], found: Float64Array): boolean {
    let row = 0;
    let holds = true;
    let loss = state.loss;
    for (const { edge, mask, removed } of tests) {
      const rise = mask ? found[row]! - loss : 0;
      const isRemoved = removes(rise);
      if (holds) {
        state.rises[edge] = rise;
        state.decided++;
        if (mask) state.tested++;
        if (isRemoved) state.mask[edge] = 0;
        if (isRemoved && mask) state.loss = found[row]!;
        holds = isRemoved === removed;
      } else if (mask) guesses.set(edge, isRemoved);
      // What comes after was run as guessed.
      if (mask && removed) loss = found[row]!;
      if (mask) row++;
    }
    return holds;
  }
}

interface Test {
  edge: number;
  mask: EdgeMask | null;
  /** As guessed. */
  removed: boolean;
}

async function beginning(
  state: AcdcState | null,
  graph: CircuitGraph,
  losses: (masks: readonly EdgeMask[]) => Promise<Float64Array>,
): Promise<AcdcState> {
  if (!state) {
    const start = startOf(graph, 0);
    const [loss] = await losses([start.mask]);
    return { ...start, loss: loss! };
  }
  if (state.mask.length !== graph.edges || state.rises.length !== graph.edges) {
    throw new LabError(
      "bad-input",
      `the search to go on with is of ${state.mask.length} edges, this model's graph has ${graph.edges}`,
    );
  }
  return { ...state, mask: state.mask.slice(), rises: state.rises.slice() };
}

/** For an edge, all edges that go out from the node that it goes into; for one into the logits itself, which is always read. */
function nodeReaders(graph: CircuitGraph): (edge: number) => readonly number[] {
  const { senders, receivers } = graph;
  const numbers = new Map(senders.map(({ name }, i) => [name, i]));
  const out = senders.map((_, s) =>
    receivers.filter(({ reads }) => reads > s).map(({ firstEdge }) => firstEdge + s),
  );
  return (edge) => {
    const node = numbers.get(receivers[edgeEnds(graph, edge).receiver]!.node.name);
    return node === undefined ? [edge] : out[node]!;
  };
}
