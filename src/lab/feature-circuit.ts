/** Feature circuits: the question, the rows of the most influential nodes, and what pruning leaves. */
import { breathe } from "../core/breathe.ts";
import type {
  CircuitAnswer,
  CircuitProgress,
  CircuitQuestion,
  GraphNode,
} from "../core/feature-circuit.ts";
import { LabError } from "../core/lab-error.ts";
import {
  attributionGraph,
  influence,
  normalisedRows,
  type Steps,
} from "../math/graph-influence.ts";
import { pruneGraph } from "../math/graph-prune.ts";
import type { LoadedModel } from "../model/loaded-model.ts";
import { type Attribution, keepComputed, type NamedSae } from "./circuit-graph.ts";
import { logitReads } from "./circuit-logits.ts";
import { type CircuitRow, circuitRows } from "./circuit-rows.ts";
import { freeze } from "./frozen-model.ts";
import { addScaled } from "./frozen-norm.ts";
import { inSlices } from "./in-slices.ts";
import { readPrompt } from "./read-prompt.ts";

/** circuit-tracer's README and Neuronpedia go to 64 tokens; memory and time grow with all active features. */
export const MOST_TOKENS = 128;
const FIRST_BATCH = 64; // rows before the ranking is made anew; then whenever there are a quarter more
const GROWTH = 0.25;

interface Context {
  signal: AbortSignal;
  progress: (told: CircuitProgress) => void;
}

/** The last one, so that other thresholds cost nothing. */
let last: { model: LoadedModel; key: string; value: Attribution } | null = null;

export async function featureCircuit(
  model: LoadedModel,
  question: CircuitQuestion,
  openSae: (id: string) => Promise<NamedSae>,
  context: Context,
): Promise<CircuitAnswer> {
  const { nodeShare, edgeShare, ...rest } = question;
  for (const [name, share] of Object.entries({ nodeShare, edgeShare })) {
    if (!(share > 0 && share <= 1)) {
      throw new LabError("bad-input", `${name} is ${share}; a share is more than 0 and at most 1`);
    }
  }
  const key = JSON.stringify(rest);
  if (last?.model !== model || last.key !== key) {
    const value = await attribute(model, rest, openSae, context);
    last = { model, key, value };
  }
  const { nodes, graph, roles, scores, facts, tokens } = last.value;
  const pruned = await inSlices(pruneGraph(graph, roles, { nodeShare, edgeShare }), context.signal);
  const number = new Int32Array(nodes.length).fill(-1);
  const kept: GraphNode[] = [];
  nodes.forEach((node, n) => {
    if (!pruned.nodes[n]) return;
    number[n] = kept.push({ ...node, influence: pruned.cumulative[n]! }) - 1;
  });
  const links = [];
  for (let t = 0; t < graph.nodes; t++) {
    for (let e = graph.firstEdge[t]!; e < graph.firstEdge[t + 1]!; e++) {
      if (!pruned.edges[e]) continue;
      const source = number[graph.source[e]!]!;
      links.push({ source, target: number[t]!, weight: graph.weight[e]! });
    }
  }
  return {
    facts,
    graph: {
      slug: "glassroom-circuit",
      model: model.info.id,
      prompt: tokens.join(""),
      ...{ tokens, layers: model.info.config.n_layer, nodes: kept, links },
      ...{ nodeShare, edgeShare, scores, pinned: [], supernodes: [] },
    },
  };
}

async function attribute(
  model: LoadedModel,
  question: Omit<CircuitQuestion, "nodeShare" | "edgeShare">,
  openSae: (id: string) => Promise<NamedSae>,
  { signal, progress }: Context,
): Promise<Attribution> {
  const { heads, skipFirst, mostNodes } = question;
  const start = performance.now();
  const { ids, strings } = readPrompt(model, { ids: [...question.ids] });
  if (ids.length > MOST_TOKENS || ids.length < 1 + Number(skipFirst)) {
    throw new LabError(
      "bad-input",
      `a feature circuit takes ${1 + Number(skipFirst)} to ${MOST_TOKENS} tokens, the prompt has ${ids.length}`,
    );
  }
  if (!Number.isInteger(mostNodes) || mostNodes < 1) {
    throw new LabError("bad-input", `${mostNodes} is no number of nodes`);
  }
  progress({ what: "run", done: 0, total: 1, secondsLeft: null });
  const saes: NamedSae[] = [];
  for (const id of new Set(question.saes)) saes.push(await openSae(id));
  const read = await logitReads(model, ids, question.target, signal);
  let lastScale = NaN;
  const frozen = await freeze(model, {
    ...{ ids, saes, heads, skipFirst, signal },
    seed: (scale) => {
      lastScale = scale;
      const sum = new Float64Array(model.info.config.n_embd);
      read.forEach(({ direction, weight }) => addScaled(sum, weight / scale, direction));
      return sum;
    },
    progress: (done, total) => progress({ what: "gradient", done, total, secondsLeft: null }),
  });
  const { nodes, row } = circuitRows(frozen, read, lastScale);
  const weight = new Float64Array(nodes.length);
  read.forEach((logit, i) => (weight[nodes.length - read.length + i] = logit.weight));

  const rows = new Map<number, CircuitRow>();
  const candidates = nodes.flatMap(({ kind }, n) =>
    kind === "feature" || kind === "head" || kind === "mlp" ? [n] : [],
  );
  const total = Math.min(mostNodes, candidates.length);
  const rowsStart = performance.now();
  for (let n = nodes.length - read.length; n < nodes.length; n++) rows.set(n, row(n));
  const left = new Set(candidates);
  let [done, told] = [0, performance.now()];
  while (done < total) {
    const known = await inSlices(influenceSoFar(nodes.length, rows, weight), signal);
    const batch = Math.min(total - done, Math.max(FIRST_BATCH, Math.floor(done * GROWTH)));
    const best = [...left]
      .filter((n) => known[n]! > 0)
      .sort((a, b) => known[b]! - known[a]!)
      .slice(0, batch);
    if (best.length === 0) break; // nothing else comes to the logits
    for (const n of best) {
      rows.set(n, row(n));
      left.delete(n);
      done++;
      if (performance.now() - told < 40) continue;
      told = performance.now();
      const seconds = (told - rowsStart) / 1000;
      progress({ what: "rows", done, total, secondsLeft: (seconds / done) * (total - done) });
      await breathe();
      signal.throwIfAborted();
    }
  }
  progress({ what: "rows", done, total, secondsLeft: 0 });
  const found = { frozen, nodes, rows, left, weight, saes, ids, strings, read };
  return inSlices(keepComputed(found, start), signal);
}

/** By the rows that are computed: what no row has told of has none. */
function* influenceSoFar(
  nodes: number,
  rows: ReadonlyMap<number, CircuitRow>,
  weight: Float64Array,
): Steps<Float64Array> {
  const graph = yield* attributionGraph(nodes, rows);
  return yield* influence(graph, yield* normalisedRows(graph), weight);
}
