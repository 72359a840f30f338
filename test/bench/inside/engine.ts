/** The engine on its own, in this worker, at any size: weights drawn at random, as no download of real ones is needed. */
import type { DirectEdit } from "../../../src/core/edits.ts";
import { blockHook } from "../../../src/core/hooks.ts";
import { keyedRandom } from "../../../src/math/keyed-random.ts";
import { logitGradient } from "../../../src/math/logit-metric.ts";
import { loadModel } from "../../../src/model/load.ts";
import type { LoadedModel } from "../../../src/model/loaded-model.ts";
import { generate } from "../../../src/model/generate.ts";
import { type EdgesAnswer, measureEdges } from "./edges.ts";
import { measurePatching, type PatchingAnswer } from "./patching.ts";
import { randomCheckpoint } from "./random-checkpoint.ts";

export interface EngineQuestion {
  sizes: {
    n_layer: number;
    n_head: number;
    n_embd: number;
    n_positions: number;
    vocab_size: number;
  };
  tokens: number;
  repeats: number;
  /** Experiments of one run of the sweep. */
  rows: number;
}
export interface EngineAnswer {
  weightBytes: number;
  sessionSeconds: number;
  /** Milliseconds of a forward pass with the last logits, median; the same with an edit in every block. */
  forward: number;
  /** Medians of the ratios of neighbouring runs. */
  editsByNone: number;
  gradientByForward: number;
  /** All heads ablated one by one: rows side by side, by as many single runs. */
  sweepBySingles: number;
  patching: PatchingAnswer;
  edges: EdgesAnswer;
  /** By layer: harvesting its residual stream, by harvesting that of the last. */
  harvestByWhole: number[];
  generatedPerSecond: number;
  /** Most of the WebAssembly memory there has been, by the weights: once loaded, and after all the above. */
  heapLoaded: number;
  heapAfter: number;
}

export async function measureEngine(
  { sizes, tokens, repeats, rows }: EngineQuestion,
  heapBytes: () => number,
): Promise<EngineAnswer> {
  const checkpoint = randomCheckpoint(sizes);
  const { weightBytes } = checkpoint;
  const start = performance.now();
  const model = await loadModel(checkpoint, "wasm");
  const sessionSeconds = (performance.now() - start) / 1000;
  const random = keyedRandom(1);
  const ids = Array.from({ length: tokens }, () => Math.floor(random() * sizes.vocab_size));
  const heapLoaded = heapBytes() / weightBytes;

  const forward = (edits: DirectEdit[] = []) =>
    model.run({ ids: [ids], names: [], edits, logits: "last" });
  const everywhere = Array.from({ length: sizes.n_layer }, (_, layer) =>
    everyKind(layer, sizes),
  ).flat();
  const gradient = () => backward(model, ids, sizes);
  const paired = await neighbours(repeats, [forward, () => forward(everywhere), gradient]);
  const [plain, edited, both] = paired as [number[], number[], number[]];
  const by = (times: number[]) => median(times.map((t, i) => t / plain[i]!));

  const harvest = await neighbours(
    repeats,
    Array.from(
      { length: sizes.n_layer },
      (_, layer) => () =>
        model.harvest(
          Int32Array.from([...ids, ...ids]),
          2,
          [blockHook(layer, "hook_resid_post")],
          null,
        ),
    ),
  );
  const answer = {
    weightBytes,
    sessionSeconds,
    forward: median(plain),
    editsByNone: by(edited),
    gradientByForward: by(both),
    sweepBySingles: await sweep(model, ids, sizes, rows, median(plain)),
    patching: await measurePatching(model, ids),
    harvestByWhole: harvest.map((times) => median(times.map((t, i) => t / harvest.at(-1)![i]!))),
    generatedPerSecond: await generation(model, ids),
    heapLoaded,
    heapAfter: heapBytes() / weightBytes,
    edges: await measureEdges(model, ids, randomCheckpoint(sizes)),
  };
  await model.dispose();
  return answer;
}

type Sizes = EngineQuestion["sizes"];

const everyKind = (layer: number, { n_embd }: Sizes): DirectEdit[] => [
  {
    hook: blockHook(layer, "hook_resid_pre"),
    op: "add",
    value: new Float32Array(n_embd).fill(0.01),
  },
  { hook: blockHook(layer, "attn.hook_z"), op: "zero", head: 0 },
  { hook: blockHook(layer, "attn.hook_pattern"), op: "scale", value: 0.9, head: 1 },
  { hook: blockHook(layer, "mlp.hook_post"), op: "zero", neuron: 1, pos: -1 },
];

function backward(model: LoadedModel, ids: number[], { n_layer, vocab_size }: Sizes) {
  const at = [{ row: 0, pos: ids.length - 1 }];
  return model.differentiate({
    ids: [ids],
    gradients: Array.from({ length: n_layer }, (_, layer) => blockHook(layer, "attn.hook_z")),
    values: [],
    edits: [],
    seed: { kind: "logits", at, ...logitGradient({ kind: "logProb", token: 5 }, 1, vocab_size) },
  });
}

async function sweep(
  model: LoadedModel,
  ids: number[],
  { n_layer, n_head }: Sizes,
  rows: number,
  single: number,
): Promise<number> {
  const heads = Array.from({ length: n_layer * n_head }, (_, i): DirectEdit => {
    const layer = Math.floor(i / n_head);
    return { hook: blockHook(layer, "attn.hook_z"), op: "zero", head: i % n_head };
  });
  const start = performance.now();
  for (let at = 0; at < heads.length; at += rows) {
    const part = heads.slice(at, at + rows);
    const edits = part.map((edit, row) => ({ ...edit, row }));
    await model.run({ ids: part.map(() => ids), names: [], edits, logits: "last" });
  }
  return (performance.now() - start) / (heads.length * single);
}

async function generation(model: LoadedModel, ids: number[]): Promise<number> {
  const times: number[] = [];
  await generate(model, {
    ids,
    sampling: { maxNewTokens: 32, temperature: 1, topK: 0, topP: 1, repetitionPenalty: 1, seed: 1 },
    edits: [],
    onToken: () => times.push(performance.now()),
    signal: new AbortController().signal,
  });
  return (1000 * (times.length - 1)) / (times.at(-1)! - times[0]!);
}

/** Times of each task, one after another, round by round; the first two rounds do not count. */
async function neighbours(repeats: number, tasks: (() => Promise<unknown>)[]): Promise<number[][]> {
  const times: number[][] = tasks.map(() => []);
  for (let round = -2; round < repeats; round++) {
    for (const [i, task] of tasks.entries()) {
      const start = performance.now();
      await task();
      if (round >= 0) times[i]!.push(performance.now() - start);
    }
  }
  return times;
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1]!;
