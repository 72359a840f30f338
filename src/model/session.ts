/**
 * The ONNX Runtime session, made by transformers.js. The library fetches nothing itself: the config is handed over, the
 * graph is answered from memory, and the weight file goes to the runtime as external data.
 */
import { env, GPT2LMHeadModel, LogLevel, PretrainedConfig } from "@huggingface/transformers";
import * as ort from "onnxruntime-web/webgpu";
import { appUrl } from "../core/app-url.ts";
import type { Checkpoint, WeightFile } from "./checkpoint.ts";
import type { DeviceChoice } from "./device.ts";
import { GraphBuilder } from "./graph-builder.ts";
import { buildGraph, type GraphOptions } from "./graph.ts";
import { cacheNames } from "./kv-cache.ts";
import { inTurn } from "./ort-queue.ts";
import type { Runtime } from "./runtime.ts";
import { widen } from "./widen.ts";

export interface ModelSession extends Runtime {
  dispose(): Promise<void>;
}

/** A host that no name resolves to: whatever is asked of it is answered from memory or is missing. */
const NOWHERE = "https://checkpoint.invalid/";
const MODEL_ID = "model";

/** 1 without cross-origin isolation; more than 8 threads cost more in waiting than they compute. */
export const wasmThreads = (): number =>
  self.crossOriginIsolated ? Math.min(navigator.hardwareConcurrency, 8) : 1;

function configure(): void {
  env.allowLocalModels = false;
  env.remoteHost = NOWHERE;
  env.useBrowserCache = false;
  env.useWasmCache = false;
  env.logLevel = LogLevel.ERROR;
  ort.env.wasm.wasmPaths = appUrl("ort/");
  ort.env.wasm.numThreads = wasmThreads();
}

let warm: Promise<void> | undefined;

/**
 * Starts the runtime, 26 MB of WebAssembly, while the checkpoint is still on its way: a session of one node.
 * What goes wrong here goes wrong again, and is reported, when the model's own session is made.
 */
export function warmUp(): void {
  warm ??= inTurn(async () => {
    configure();
    const g = new GraphBuilder();
    g.output(g.op("Identity", [g.input("x", "float", [1])], { as: "y" }), [1]);
    await (await ort.InferenceSession.create(g.finish())).release();
  }).catch(() => {});
}

/**
 * transformers.js makes sessions one after another on a chain of promises, which stays rejected after one failure.
 * From then on the model is put together here, from the same parts.
 */
let chainIsBroken = false;

/**
 * Weights stay as they are: rearranged for the products, a second copy of most of them, a run of a few tokens would be a
 * quarter faster, one of many no faster, and the model would take 1.6 times its size instead of 1.1.
 */
export const PLAIN_WEIGHTS = { session: { disable_prepacking: "1" } };

/**
 * @param options of a graph other than the bench's
 * @throws whatever ONNX Runtime throws: out of memory, mostly
 */
export async function createSession(
  checkpoint: Checkpoint,
  { device, gpu }: DeviceChoice,
  options: Pick<GraphOptions, "fed" | "cuts"> = {},
): Promise<ModelSession> {
  configure();
  const { config, configJson, tiedHead } = checkpoint;
  const { tensors, weights } = widen(checkpoint);
  const onGpu = device === "webgpu" ? gpu : null;
  const maxBytes = onGpu?.limits.maxStorageBufferBindingSize ?? Infinity;
  const graph = buildGraph(config, tensors, { tiedHead, maxBytes, ...options });
  env.fetch = (input) =>
    Promise.resolve(
      String(input).endsWith("/onnx/model.onnx")
        ? new Response(graph)
        : new Response(null, { status: 404 }),
    );
  const ofSession = sessionOptions(weights, onGpu, cacheNames(config));
  const pretrained = new PretrainedConfig(JSON.parse(configJson) as object);
  const model = chainIsBroken
    ? new GPT2LMHeadModel(
        pretrained,
        { model: await ort.InferenceSession.create(graph, ofSession) },
        {},
      )
    : await GPT2LMHeadModel.from_pretrained(MODEL_ID, {
        config: pretrained,
        device,
        dtype: "fp32",
        session_options: ofSession,
      }).catch((e: unknown) => {
        chainIsBroken = true;
        throw e;
      });
  const session = (model.sessions as { model: ort.InferenceSession }).model;
  return {
    session,
    Tensor: ort.Tensor,
    openGraph: (own) =>
      ort.InferenceSession.create(own, { executionProviders: ["wasm"], logSeverityLevel: 3 }),
    gpu: onGpu,
    dispose: async () => void (await model.dispose()),
  };
}

function sessionOptions(
  weights: readonly WeightFile[],
  gpu: GPUDevice | null,
  cache: ReturnType<typeof cacheNames>,
): ort.InferenceSession.SessionOptions {
  const shared = {
    externalData: weights.map(({ name, data }) => ({ path: name, data })),
    logSeverityLevel: 3,
    extra: PLAIN_WEIGHTS,
  } as const;
  if (!gpu) return { ...shared, executionProviders: ["wasm"] };
  return {
    ...shared,
    // As an option of the session: `ort.env.webgpu.device` is not honoured.
    executionProviders: [{ name: "webgpu", device: gpu }],
    preferredOutputLocation: Object.fromEntries(
      cache.map(({ present }) => [present, "gpu-buffer" as const]),
    ),
  };
}
