/** The engine in Node: the synthesised graph in ONNX Runtime's WebAssembly build, over real or made-up weights. */
import { readFileSync } from "node:fs";
import * as ort from "onnxruntime-web";
import type { Gpt2Config } from "../../src/core/types.ts";
import { parseSafetensors, readFloats } from "../../src/formats/safetensors.ts";
import { parseConfig } from "../../src/model/config.ts";
import { WEIGHT_FILE } from "../../src/model/graph-builder.ts";
import { createEdgeRunner, type EdgeRunner } from "../../src/model/edge-runner.ts";
import { buildGraph, type GraphOptions } from "../../src/model/graph.ts";
import { checkLayout } from "../../src/model/layout.ts";
import { createRunner, type Runner } from "../../src/model/runner.ts";
import type { Runtime } from "../../src/model/runtime.ts";
import { widen } from "../../src/model/widen.ts";

ort.env.wasm.numThreads = 1;
ort.env.logLevel = "error";

export const openGraph = (graph: Uint8Array) => ort.InferenceSession.create(graph);

export interface NodeEngine {
  config: Gpt2Config;
  runtime: Runtime;
  runner: Runner;
  /** A tensor of the checkpoint as float32. */
  weight: (name: string) => Float32Array;
  release: () => Promise<void>;
}

/** @param config the text of a config.json; `weights` a safetensors file; `maxBytes` of a matrix in one piece */
export async function nodeEngine(
  config: string,
  weights: Uint8Array,
  maxBytes = Infinity,
): Promise<NodeEngine> {
  const { session, read, header } = await opened(config, weights, { maxBytes });
  const runtime = { session, Tensor: ort.Tensor, openGraph, gpu: null };
  return {
    config: read.config,
    runtime,
    runner: createRunner(runtime, read.config),
    weight: (name) =>
      readFloats(weights, header.tensors.get(name) ?? header.tensors.get(`transformer.${name}`)!),
    release: () => session.release(),
  };
}

/** The same weights in the graph in which edges can be cut. */
export async function nodeEdges(
  config: string,
  weights: Uint8Array,
): Promise<EdgeRunner & { release: () => Promise<void> }> {
  const { session, read } = await opened(config, weights, { cuts: true });
  const runner = createEdgeRunner({ session, Tensor: ort.Tensor }, read.config);
  return { ...runner, release: () => session.release() };
}

async function opened(
  config: string,
  weights: Uint8Array,
  options: Omit<GraphOptions, "tiedHead">,
) {
  const read = parseConfig(config);
  const header = parseSafetensors(weights);
  const layout = checkLayout(header, read.config, read.tieWordEmbeddings, "the file");
  const file = { name: WEIGHT_FILE, data: new Uint8Array(weights) };
  const wide = widen({ tensors: layout.tensors, weights: [file] });
  const session = await ort.InferenceSession.create(
    buildGraph(read.config, wide.tensors, { tiedHead: layout.tiedHead, ...options }),
    {
      externalData: wide.weights.map(({ name, data }) => ({ path: name, data })),
      logSeverityLevel: 3,
    },
  );
  return { session, read, header };
}

export const EMBEDDED = new URL("../../public/models/tinylab-gpt2-4l/", import.meta.url);
export const FIXTURES = new URL("../fixtures/tinylab-gpt2-4l/", import.meta.url);

export const embeddedEngine = () =>
  nodeEngine(
    readFileSync(new URL("config.json", EMBEDDED), "utf8"),
    new Uint8Array(readFileSync(new URL("model.safetensors", EMBEDDED))),
  );

/** Largest |a − b|; NaN if any difference is, so that no comparison passes. */
export function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return NaN;
  let largest = 0;
  for (let i = 0; i < a.length; i++) {
    const difference = a[i] === b[i] ? 0 : Math.abs(a[i]! - b[i]!);
    if (!(difference <= largest)) largest = difference;
  }
  return largest;
}
