/** Worker methods of the model itself: load, tokenise, run with every activation, generate. */
import { appUrl } from "../core/app-url.ts";
import { readSteer } from "../core/steer-shape.ts";
import type { LoadProgress } from "../core/model-source.ts";
import { getCheckpoint } from "../model/get-checkpoint.ts";
import { generate } from "../model/generate.ts";
import { loadModel } from "../model/load.ts";
import { inTurn } from "../model/ort-queue.ts";
import { warmUp } from "../model/session.ts";
import type { Handlers } from "../rpc/serve.ts";
import { readParameter } from "./basis-parameters.ts";
import { bench } from "./bench.ts";
import { withEdits } from "./edited-weights.ts";
import { deviceLimit } from "./hub-handlers.ts";
import { readWhole, tokenize } from "./read-prompt.ts";
import { resolvePerStep } from "./resolve-edits.ts";
import { runWithCache } from "./run-with-cache.ts";
import { tokenDirections } from "./token-directions.ts";

type ModelHandlers = Pick<
  Handlers,
  | "model.load"
  | "model.tokenize"
  | "model.runWithCache"
  | "model.weight"
  | "model.unembedding"
  | "model.generate"
>;

export const modelHandlers: ModelHandlers = {
  /** The model on the bench stays there until the new one can take its place. */
  "model.load": async ({ source, device, because, edited }, { signal, progress }) => {
    warmUp();
    const baseUrl = new URL(appUrl("./"));
    const maxTensorBytes = await deviceLimit(device);
    const context = { baseUrl, signal, progress, maxTensorBytes };
    const base = await getCheckpoint(source, context);
    const checkpoint = edited ? await withEdits(base, edited) : base;
    progress(starting(checkpoint.weightBytes));
    const model = await loadModel(checkpoint, device, signal, because);
    // Making the session kept all messages waiting. One that gives the load up is let in now: later the bench has changed.
    await inTurn(() => Promise.resolve());
    if (signal.aborted) {
      await model.dispose();
      signal.throwIfAborted();
    }
    await bench.set(model, { source, edited: edited ?? null });
    return { value: { info: model.info, tokenizer: model.tokenizerFiles } };
  },

  "model.tokenize": (prompt) => Promise.resolve({ value: tokenize(bench.require(), prompt) }),

  "model.runWithCache": async (request, { signal }) => {
    const value = await runWithCache(bench.require(), request, signal);
    const arrays = [value.logits, ...value.cache.map(([, tensor]) => tensor)];
    return { value, transfer: arrays.map(({ data }) => data.buffer) };
  },

  "model.weight": async ({ name, basis }) => {
    const value = await readParameter(bench.require(), name, basis);
    return { value, transfer: [value.data.buffer] };
  },

  "model.unembedding": async (question) => {
    const value = await tokenDirections(bench.require(), question);
    return { value, transfer: [value.directions.buffer, value.bias.buffer] };
  },

  "model.generate": async (request, { signal, progress }) => {
    const { prompt, sampling, edits, basis, steer, stop, begun, alternatives } = request;
    const model = bench.require();
    const { ids } = readWhole(model, prompt);
    tokenize(model, { ids: begun }); // refuses what is no token id
    const steps = await resolvePerStep(model, ids, edits, {
      ...{ signal, basis, steer: steer && readSteer(steer) },
      maxNewTokens: begun.length + sampling.maxNewTokens,
    });
    try {
      const { edits: perStep, editLength } = steps;
      const value = await generate(model, {
        ...{ ids, sampling, edits: perStep, editLength, begun, stop, alternatives },
        onToken: progress,
        signal,
      });
      return { value };
    } finally {
      steps.dispose();
    }
  },
};

const starting = (bytes: number): LoadProgress => ({
  phase: "session",
  file: "",
  loadedBytes: bytes,
  totalBytes: bytes,
  bytesPerSecond: null,
  fromCache: false,
});
