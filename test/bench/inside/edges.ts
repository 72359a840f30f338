/**
 * All edges scored by gradients, by a forward pass; and tests of edges, as ACDC makes them: the next ones of its order side by
 * side, beside one a run.
 */
import { keyedRandom } from "../../../src/math/keyed-random.ts";
import type { RunPair } from "../../../src/core/task.ts";
import { edgeOrder } from "../../../src/math/edge-order.ts";
import { edgeAttribution } from "../../../src/lab/eap.ts";
import { corruptedValues, edgeRuns } from "../../../src/lab/edge-runs.ts";
import type { Checkpoint } from "../../../src/model/checkpoint.ts";
import { openEdgeModel } from "../../../src/model/edge-model.ts";
import type { LoadedModel } from "../../../src/model/loaded-model.ts";

export interface EdgesAnswer {
  /** Of the whole graph, and those that were tested. */
  edges: number;
  tested: number;
  perSecond: number;
  /** Times as many as one a run. */
  bySingles: number;
  /** All edges of one pair by gradients (EAP), by a forward pass. */
  scoredByForward: number;
}

/** Where in the order: into readers near the logits, in the middle, near the input. */
const PLACES = [1 / 8, 3 / 8, 5 / 8, 7 / 8];
const SIDE_BY_SIDE = 32;
const SINGLES = 3;
/** Of all edges, each beside a forward pass: the median of their ratios is told. */
const SCORINGS = 7;

/** @param checkpoint the model's own, once more */
export async function measureEdges(
  model: LoadedModel,
  ids: number[],
  checkpoint: Checkpoint,
): Promise<EdgesAnswer> {
  const random = keyedRandom(3);
  const corrupted = ids.map(() => Math.floor(random() * model.info.config.vocab_size));
  const { signal } = new AbortController();
  const pairs = [{ clean: ids, corrupted, answers: [1], wrong: [2] }];
  const scoredByForward = await scoring(model, pairs, signal);
  const edges = await openEdgeModel(checkpoint, model.info.device, signal);
  const { graph, room, measure } = await edgeRuns(
    { ...model, edges },
    { pairs, metric: "kl", instead: await corruptedValues(model, pairs, "resample", signal) },
    signal,
  );
  const order = edgeOrder(graph, "normal", 0);
  const cut = (count: number) => {
    const mask = new Uint8Array(graph.edges).fill(1);
    for (const edge of order.slice(0, count)) mask[edge] = 0;
    return mask;
  };
  await measure([cut(0), cut(1)]);
  const ms = { together: 0, single: 0 };
  for (const place of PLACES) {
    const first = Math.floor(place * order.length);
    const masks = Array.from({ length: SIDE_BY_SIDE }, (_, i) => cut(first + i + 1));
    const start = performance.now();
    for (let from = 0; from < masks.length;) {
      const some = masks.slice(from, from + room());
      await measure(some);
      from += some.length;
    }
    const middle = performance.now();
    for (const mask of masks.slice(0, SINGLES)) await measure([mask]);
    ms.together += (middle - start) / SIDE_BY_SIDE;
    ms.single += (performance.now() - middle) / SINGLES;
  }
  await edges.dispose();
  return {
    ...{ scoredByForward, edges: graph.edges, tested: PLACES.length * SIDE_BY_SIDE },
    perSecond: (1000 * PLACES.length) / ms.together,
    bySingles: ms.single / ms.together,
  };
}

async function scoring(
  model: LoadedModel,
  pairs: readonly RunPair[],
  signal: AbortSignal,
): Promise<number> {
  const question = { pairs, metric: "logitDiff", method: "eap", steps: 1 } as const;
  const context = { signal, progress: () => {} };
  const score = () => edgeAttribution(model, question, context);
  const forward = () =>
    model.run({ ids: [pairs[0]!.clean], names: [], edits: [], logits: "last", signal });
  const ratios: number[] = [];
  for (let i = -1; i < SCORINGS; i++) {
    const start = performance.now();
    await forward();
    const middle = performance.now();
    await score();
    if (i >= 0) ratios.push((performance.now() - middle) / (middle - start));
  }
  return ratios.sort((a, b) => a - b)[SCORINGS >> 1]!;
}
