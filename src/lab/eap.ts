/**
 * Edge attribution patching of all edges (`math/edge-attribution.ts`): one run of the corrupted prompt, one forward and one
 * backward pass of the clean one, or of runs between them; then products for each layer, of its receivers' gradients with the
 * senders' changes (`model/edge-scores.ts`). Biases and positions are the same in both prompts, so that a head's change is that of
 * z·W_O, the input's that of the token embeddings. The scores are the same in both bases.
 */
import { breathe } from "../core/breathe.ts";
import { circuitGraph } from "../core/circuit.ts";
import {
  type EapAnswer,
  type EapProgress,
  type EapQuestion,
  MOST_EAP_STEPS,
} from "../core/edge-attribution.ts";
import { LabError } from "../core/lab-error.ts";
import type { RunPair } from "../core/task.ts";
import {
  addNormBackward,
  addReaderScores,
  normRows,
  setChanges,
} from "../math/edge-attribution.ts";
import type { EdgeScores } from "../model/edge-scores.ts";
import type { LoadedModel } from "../model/loaded-model.ts";
import { metricTokens, type ValueOf, valuesOf } from "./patching.ts";
import { embeddingRows, type RowGradients, rowGradients } from "./row-gradients.ts";
import { checkPairs } from "./task-baseline.ts";

type Model = Pick<LoadedModel, "run" | "differentiate" | "edgeScores" | "weight" | "info">;
interface Context {
  signal: AbortSignal;
  progress: (told: EapProgress) => void;
}

/** Numbers of pairs that wait for one reading of the weights. */
const HELD = 16e6;
const EMBED = "hook_embed";
const QKV = ["q", "k", "v"] as const;

/** The runs of one pair. */
interface PairRuns {
  T: number;
  corrupted: ValueOf;
  clean: ValueOf;
  /** Of the clean prompt, or on the way to it: they share the weight 1. */
  runs: readonly (RowGradients & { rows: number })[];
  /** [senders, T·D], filled layer by layer. */
  changes: Float32Array;
}

/** @throws LabError "unsupported" for a rank; "degenerate" for the KL by the clean run's gradients, which are 0 */
export async function edgeAttribution(
  model: Model,
  { pairs, metric, method, steps }: EapQuestion,
  { signal, progress }: Context,
): Promise<EapAnswer> {
  checkPairs(model, pairs);
  if (metric === "kl" && method === "eap") {
    throw new LabError(
      "degenerate",
      "the KL to the clean run is least in the clean run itself, where its gradient is 0: take EAP-IG, or another metric",
    );
  }
  if (!Number.isInteger(steps) || steps < 1 || steps > MOST_EAP_STEPS) {
    throw new LabError("bad-input", `steps are 1 … ${MOST_EAP_STEPS}, not ${steps}`);
  }
  const { config } = model.info;
  const graph = circuitGraph(config);
  const scores = new Float64Array(graph.edges);
  const began = performance.now();
  const passes = method === "eap" ? null : steps;
  const { n_layer, n_embd } = config;
  /** Of one position of a pair: what its runs give, and its senders' changes. */
  const numbers = n_embd * ((6 * (passes ?? 1) + 4) * n_layer + graph.senders.length);
  let waiting: PairRuns[] = [];
  const products = await model.edgeScores();
  try {
    for (const [index, pair] of pairs.entries()) {
      waiting.push(await runPair(model, pair, { metric, passes }, signal));
      const next = pairs[index + 1];
      const held = [...waiting.map(({ T }) => T), next?.clean.length ?? 0].reduce((a, b) => a + b);
      if (!next || held * numbers > HELD) {
        await addGroup(model, products, waiting, scores, signal);
        waiting = [];
      }
      const done = index + 1;
      const seconds = (performance.now() - began) / 1000;
      progress({
        ...{ done, total: pairs.length },
        secondsLeft: (seconds / done) * (pairs.length - done),
      });
      await breathe();
      signal.throwIfAborted();
    }
  } finally {
    await products.dispose();
  }
  for (let edge = 0; edge < scores.length; edge++) scores[edge]! /= pairs.length;
  return { scores, seconds: (performance.now() - began) / 1000 };
}

/** @param passes null: the clean run's own gradient */
async function runPair(
  model: Model,
  pair: RunPair,
  { metric, passes }: { metric: EapQuestion["metric"]; passes: number | null },
  signal: AbortSignal,
): Promise<PairRuns> {
  const { n_layer, n_embd: D } = model.info.config;
  const layers = Array.from({ length: n_layer }, (_, l) => `blocks.${l}`);
  const written = [
    EMBED,
    ...layers.flatMap((at) => [`${at}.attn.hook_result`, `${at}.hook_mlp_out`]),
  ];
  const corrupted = await valuesOf(model, pair.corrupted, written, signal);
  const slope = {
    hooks: [
      ...layers.flatMap((at) => QKV.map((channel) => `${at}.attn.hook_${channel}`)),
      ...layers.map((at) => `${at}.ln2.hook_normalized`),
      `${layers.at(-1)!}.hook_resid_post`,
    ],
    values: layers.flatMap((at) => [`${at}.hook_resid_pre`, `${at}.hook_resid_mid`]),
    tokens: await metricTokens(model, pair, metric, signal),
    ...{ model, metric, signal },
  };
  const runs: (RowGradients & { rows: number })[] = [];
  let clean: ValueOf;
  if (passes === null) {
    // The run that is differentiated is the clean one: what it writes is read there.
    const values = [...slope.values, ...written];
    const own = await rowGradients({ ...slope, values }, [pair.clean], []);
    runs.push({ rows: 1, ...own });
    clean = own.value;
  } else {
    clean = await valuesOf(model, pair.clean, written, signal);
    for (const edits of embeddingRows(corrupted(EMBED), clean(EMBED), passes)) {
      const found = await rowGradients(
        slope,
        edits.map(() => pair.clean),
        edits,
      );
      runs.push({ rows: edits.length, ...found });
      await breathe();
      signal.throwIfAborted();
    }
  }
  const T = pair.clean.length;
  return {
    ...{ T, runs, corrupted, clean },
    changes: new Float32Array(circuitGraph(model.info.config).senders.length * T * D),
  };
}

/** Adds what the pairs' edges score, layer by layer: its receivers read all senders before it, then it sends itself. */
async function addGroup(
  model: Model,
  products: EdgeScores,
  pairs: readonly PairRuns[],
  scores: Float64Array,
  signal: AbortSignal,
): Promise<void> {
  const { n_layer, n_head: H, n_embd: D, layer_norm_epsilon: epsilon } = model.info.config;
  const weights = layerWeights(model);
  let sent = 0;
  let edge = 0;
  const send = (hook: string, count: number) => {
    for (const { T, changes, corrupted, clean } of pairs) {
      const own = changes.subarray(sent * T * D, (sent + count) * T * D);
      setChanges(own, corrupted(hook).data, clean(hook).data, count, D);
    }
    sent += count;
  };
  const receive = (gradient: (pair: PairRuns) => Float64Array) => {
    const own = scores.subarray(edge, (edge += sent));
    for (const pair of pairs) addReaderScores(own, gradient(pair), pair.changes);
  };
  const share = ({ runs }: PairRuns) => 1 / runs.reduce((sum, { rows }) => sum + rows, 0);

  send(EMBED, 1);
  for (let layer = 0; layer < n_layer; layer++) {
    const at = `blocks.${layer}`;
    const { W, w, w_D } = await weights(layer);
    const own = scores.subarray(edge, (edge += 3 * H * sent));
    for (const pair of pairs) {
      const { T, runs } = pair;
      const changes = pair.changes.subarray(0, sent * T * D);
      for (const { gradient, value, rows } of runs) {
        const gradients = QKV.map((channel) => gradient(`${at}.attn.hook_${channel}`).data);
        const x = value(`${at}.hook_resid_pre`).data;
        const found = await products.ofHeads({ gradients, x, W, w, changes, B: rows, T });
        found.forEach((score, i) => (own[i]! += score * share(pair)));
      }
    }
    send(`${at}.attn.hook_result`, H);
    receive((pair) => {
      const out = new Float64Array(pair.T * D);
      for (const { gradient, value } of pair.runs) {
        const norm = normRows(value(`${at}.hook_resid_mid`).data, D, epsilon);
        const grad = gradient(`${at}.ln2.hook_normalized`).data.map((g, i) => g * w_D[i % D]!);
        addNormBackward(out, grad, norm, D, share(pair));
      }
      return out;
    });
    send(`${at}.hook_mlp_out`, 1);
    await breathe();
    signal.throwIfAborted();
  }
  receive((pair) => {
    const out = new Float64Array(pair.T * D);
    for (const { gradient } of pair.runs) {
      gradient(`blocks.${n_layer - 1}.hook_resid_post`).data.forEach(
        (g, i) => (out[i % out.length]! += g * share(pair)),
      );
    }
    return out;
  });
}

/** c_attn's, ln_1's and ln_2's weight of a layer; those of the next one are read while this one's products are made. */
function layerWeights(model: Model) {
  const read = async (layer: number) => {
    const names = ["attn.c_attn", "ln_1", "ln_2"].map((name) => `h.${layer}.${name}.weight`);
    const [W, w, w_D] = await Promise.all(
      names.map(async (name) => (await model.weight(name)).data),
    );
    return { W: W!, w: w!, w_D: w_D! };
  };
  let next: ReturnType<typeof read> | null = null;
  return async (layer: number) => {
    const own = await (next ?? read(layer));
    next = layer + 1 < model.info.config.n_layer ? read(layer + 1) : null;
    next?.catch(() => {}); // told when it is waited for
    return own;
  };
}
