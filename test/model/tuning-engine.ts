/** In Node: a made-up checkpoint, edited, and as a model whose chosen tensors are fed. */
import * as ort from "onnxruntime-web";
import type { Gpt2Config } from "../../src/core/types.ts";
import { toFloats } from "../../src/formats/safetensors.ts";
import { assemble, type Checkpoint } from "../../src/model/checkpoint.ts";
import { asStored } from "../../src/model/edited-checkpoint.ts";
import { buildGraph } from "../../src/model/graph.ts";
import { preview } from "../../src/model/preview.ts";
import { createRunner } from "../../src/model/runner.ts";
import { createTuningRunner } from "../../src/model/tuning.ts";
import type { TuningModel } from "../../src/model/tuning-model.ts";
import { widen } from "../../src/model/widen.ts";
import { type NodeEngine, openGraph } from "./node-engine.ts";

export interface Files {
  config: string;
  weights: Uint8Array;
}
const TOKENIZER = { json: "{}", config: "{}" };

export function checkpointOf({ config, weights }: Files, name = "model.safetensors"): Checkpoint {
  const data = new Uint8Array(weights);
  return assemble({
    ...{ id: "made-up", source: "files", revision: null, commit: null, hub: null, rounded: false },
    preview: preview(config, [{ name, start: data, size: data.length }]),
    tokenizer: TOKENIZER,
    weights: [data],
    warnings: [],
    reread: () => Promise.reject(new Error("it has not been released")),
  });
}

function openSession(checkpoint: Checkpoint, fed: ReadonlySet<string> = new Set()) {
  const { tensors, weights } = widen(checkpoint);
  const { config, tiedHead } = checkpoint;
  return ort.InferenceSession.create(buildGraph(config, tensors, { tiedHead, fed }), {
    externalData: weights.map(({ name, data }) => ({ path: name, data })),
    logSeverityLevel: 3,
  });
}

/** As `nodeEngine`, of a checkpoint that is here already. */
export async function engineOf(checkpoint: Checkpoint): Promise<NodeEngine> {
  const session = await openSession(checkpoint);
  const runtime = { session, Tensor: ort.Tensor, openGraph, gpu: null };
  const { config, tensors, weights } = checkpoint;
  const files = new Map(weights.map(({ name, data }) => [name, data]));
  return {
    config,
    runtime,
    runner: createRunner(runtime, config),
    weight: (name) => {
      const { file, begin, end, dtype } = tensors.get(name)!;
      return toFloats(files.get(file)!.subarray(begin, end), dtype, name);
    },
    release: () => session.release(),
  };
}

export async function tuningOf(
  checkpoint: Checkpoint,
  fed: readonly string[],
): Promise<TuningModel> {
  const session = await openSession(checkpoint, new Set(fed));
  const read = await Promise.all(
    fed.map(async (name) => [name, await checkpoint.readTensor(name)] as const),
  );
  const base = new Map(read.map(([name, { data }]) => [name, data]));
  const shapes = new Map(read.map(([name, { dims }]) => [name, dims]));
  const runtime = { session, Tensor: ort.Tensor, openGraph, gpu: null };
  return {
    ...createTuningRunner(runtime, checkpoint.config, shapes, base),
    base,
    stored: (name, values) => asStored(values, checkpoint.tensors.get(name)!.dtype, name),
    dispose: () => session.release(),
  };
}

/** All tensors that can be fed. */
export const fedNames = ({ n_layer }: Gpt2Config): string[] => [
  ...Array.from({ length: n_layer }, (_, layer) =>
    ["attn.c_attn", "attn.c_proj", "mlp.c_fc", "mlp.c_proj", "ln_1", "ln_2"].flatMap((part) =>
      ["weight", "bias"].map((kind) => `h.${layer}.${part}.${kind}`),
    ),
  ).flat(),
  "ln_f.weight",
  "ln_f.bias",
];
