/** A checkpoint in memory → the model on the bench. */
import { hookNames } from "../core/hooks.ts";
import type { ModelInfo } from "../core/model-info.ts";
import type { DevicePreference } from "../core/types.ts";
import { createTokenizer } from "../text/tokenizer.ts";
import type { Checkpoint } from "./checkpoint.ts";
import { chooseDevice, type DeviceChoice } from "./device.ts";
import type { LoadedModel } from "./loaded-model.ts";
import { inTurn } from "./ort-queue.ts";
import { takeFault } from "./gpu-faults.ts";
import { explain, guard } from "./run-guard.ts";
import { createRunner } from "./runner.ts";
import { createSession, type ModelSession, wasmThreads } from "./session.ts";

/**
 * Makes the session and lets go of the checkpoint's weights.
 * With `auto`, a model that the GPU cannot take runs on the CPU, and the reason says so.
 * @param because what to tell as the reason, where the device was not the user's choice
 */
export async function loadModel(
  checkpoint: Checkpoint,
  preference: DevicePreference,
  signal?: AbortSignal,
  because?: string,
): Promise<LoadedModel> {
  const { bos_token_id, vocab_size } = checkpoint.config;
  const tokenizer = createTokenizer(checkpoint.tokenizer, bos_token_id, vocab_size);
  const { session, choice } = await inTurn(() => openSession(checkpoint, preference), signal);
  checkpoint.release();
  const { id, source, revision, commit, hub, rounded, config, parameters, weightBytes, edited } =
    checkpoint;
  const info: ModelInfo = {
    id,
    source,
    revision,
    commit,
    hub,
    rounded,
    config,
    device: choice.device,
    deviceReason: because ?? choice.reason,
    threads: wasmThreads(),
    parameters,
    weightBytes,
    hooks: hookNames(config),
    ...(edited && { edited }),
    warnings: [...checkpoint.warnings],
  };
  const runner = createRunner(session, config);
  const guarded = guard(choice.lost, () => takeFault(choice.gpu));
  return {
    info,
    tokenizer,
    tokenizerFiles: checkpoint.tokenizer,
    run: (request) => inTurn(() => guarded(() => runner.run(request)), request.signal),
    keep: async (request) => {
      const kept = await inTurn(() => guarded(() => runner.keep(request)), request.signal);
      return { ...kept, read: (name) => guarded(() => kept.read(name)) };
    },
    differentiate: (request) =>
      inTurn(() => guarded(() => runner.differentiate(request)), request.signal),
    harvest: (...given) => inTurn(() => guarded(() => runner.harvest(...given))),
    edgeScores: async () => {
      const own = await inTurn(() => runner.edgeScores());
      return {
        ofHeads: (edges) => inTurn(() => guarded(() => own.ofHeads(edges))),
        dispose: () => inTurn(() => own.dispose()),
      };
    },
    weight: (name) => checkpoint.readTensor(name),
    gpu: choice.gpu,
    lost: choice.lost,
    dispose: () => inTurn(() => session.dispose()),
  };
}

async function openSession(
  checkpoint: Checkpoint,
  preference: DevicePreference,
): Promise<{ session: ModelSession; choice: DeviceChoice }> {
  const choice = await chooseDevice(preference);
  try {
    const session = await createSession(checkpoint, choice);
    const fault = takeFault(choice.gpu);
    if (!fault) return { session, choice };
    await session.dispose();
    throw fault;
  } catch (e) {
    if (choice.device === "wasm" || preference !== "auto") throw explain(e);
    const cpu = await chooseDevice("wasm");
    const reason = `the GPU (${choice.reason}) could not take this model: ${explain(e).message}`;
    return { session: await createSession(checkpoint, cpu), choice: { ...cpu, reason } };
  }
}
