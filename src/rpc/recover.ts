/**
 * A client that outlives its worker. When the worker dies, its GPU is lost or its memory is used up, it starts another one,
 * loads the model that was on the bench into it, and makes the interrupted calls once more; callers only wait longer. A GPU
 * device cannot be replaced within a worker (ONNX Runtime keeps the first), hence a new worker for that too: the first loss
 * tries the GPU again, the next goes on without it.
 */
import { LabError, toLabError } from "../core/lab-error.ts";
import type { ModelInfo } from "../core/model-info.ts";
import type { LoadProgress } from "../core/model-source.ts";
import { type CallOptions, createClient, type LabClient } from "./client.ts";
import type { LabApi, Method, Port } from "./contract.ts";
import { isStream, type Repetition, repetitionOf } from "./repeat.ts";
import { skipHeard } from "./skip-heard.ts";

export interface Spawned {
  port: Port;
  /** Stops it for good. */
  end: () => void;
  /** Tells of a death that the port itself does not tell of. */
  onDeath?: (listener: () => void) => void;
}
/** What the page is told, in this order: stopped, (loading …), running or down. */
export type RecoveryEvent =
  | { kind: "stopped"; cause: LabError }
  | { kind: "loading"; progress: LoadProgress }
  /** `info` is what is on the bench now; null if nothing was. `repeated`: what was interrupted and is made again. */
  | { kind: "running"; cause: LabError; info: ModelInfo | null; repeated: Method[] }
  /** It is not started again by itself: it died too often, or `error` kept the model from being loaded. */
  | { kind: "down"; cause: LabError; error: LabError };
export interface Recovers {
  /** Starts another worker now: after it was left down, or at will. */
  restart: () => Promise<void>;
  onRecovery: (listener: (event: RecoveryEvent) => void) => void;
}
export type RecoveringClient = LabClient & Recovers;

/** More than so many restarts within a minute are not made without being asked. */
const RESTARTS = 3;
const MINUTE = 60_000;

type Load = LabApi["model.load"]["input"];
type Running = ReturnType<typeof createClient> & { end: () => void };

export function createRecoveringClient(
  spawn: () => Spawned,
  now: () => number = Date.now,
): RecoveringClient {
  const listeners: ((event: RecoveryEvent) => void)[] = [];
  const tell = (event: RecoveryEvent) => {
    for (const listener of listeners) listener(event);
  };
  let onBench: Load | null = null;
  let recovering: Promise<void> | null = null;
  let down: LabError | null = null;
  let restarts: number[] = [];
  let losses = 0;
  /** Of the training under way, as the user last said. */
  let paused = false;
  /** Calls that wait to be made again. */
  let waiting: Method[] = [];

  const start = (): Running => {
    const { port, end, onDeath } = spawn();
    const client = createClient(port, (cause) => {
      if (running === mine) void recover(cause).catch(() => {});
    });
    onDeath?.(() => client.die());
    const mine: Running = { ...client, end };
    return mine;
  };
  let running = start();

  const load = (input: Load) =>
    running.call("model.load", input, {
      onProgress: (progress) => tell({ kind: "loading", progress }),
    });

  /** What was on the bench; on the CPU if the GPU cannot be had any more. */
  const loadAgain = async (cause: LabError): Promise<ModelInfo | null> => {
    if (!onBench) return null;
    if (cause.code === "device-lost" && ++losses > 1) onBench = withoutGpu(onBench, cause, "twice");
    try {
      return (await load(onBench)).info;
    } catch (e) {
      const { code } = toLabError(e);
      const noGpu = code === "no-webgpu" || code === "device-lost" || code === "out-of-memory";
      if (onBench.device === "wasm" || !noGpu) throw e;
      onBench = withoutGpu(onBench, cause, "and could not be had again");
      return (await load(onBench)).info;
    }
  };

  const replace = async (cause: LabError): Promise<void> => {
    tell({ kind: "stopped", cause });
    const before = running;
    before.end();
    running = start();
    before.die(); // its open calls come here, to be made again
    try {
      const info = await loadAgain(cause);
      const repeated = waiting;
      waiting = [];
      tell({ kind: "running", cause, info, repeated });
    } catch (e) {
      down = toLabError(e);
      tell({ kind: "down", cause, error: down });
      throw down;
    }
  };

  const recover = (cause: LabError): Promise<void> => {
    recovering ??= (async () => {
      restarts = [...restarts.filter((at) => at > now() - MINUTE), now()];
      if (restarts.length > RESTARTS) {
        running.end();
        down = cause; // set first: the calls that are still open fail with it
        running.die();
        tell({ kind: "down", cause, error: cause });
        throw cause;
      }
      await replace(cause);
    })().finally(() => {
      recovering = null;
      waiting = [];
    });
    return recovering;
  };

  /** Whether the worker must be replaced after an error. */
  const isFatal = async ({ code }: LabError, method: Method, at: Running): Promise<boolean> => {
    if (code === "worker-crash" || code === "device-lost") return true;
    if (code !== "out-of-memory" && code !== "internal") return false;
    if (method === "lab.health") return true;
    // It may have been this one call; or the engine's memory is used up, or broken, for good.
    return at.call("lab.health", null).then(
      () => false,
      () => true,
    );
  };

  const remember = ({ method, input }: Repetition) => {
    if (method === "model.load") {
      onBench = kept(input);
      losses = 0;
    }
    if (method === "sae.pause") ({ paused } = input);
  };

  async function call<M extends Method>(
    method: M,
    input: LabApi[M]["input"],
    options: CallOptions<M> = {},
  ): Promise<LabApi[M]["output"]> {
    if (method === "sae.train" || method === "sae.continue") paused = false;
    const { signal, transfer } = options;
    const tellOn = options.onProgress as ((progress: unknown) => void) | undefined;
    const asked = { method, input } as Repetition;
    let what = asked;
    const heard: unknown[] = [];
    const stream = isStream(method);
    for (let attempt = 0; ; attempt++) {
      if (recovering) await cancellable(recovering, signal);
      if (down && method === "model.load") {
        down = null;
        running.end();
        running = start();
      }
      if (down) throw down;
      const at = running;
      let resumes = attempt > 0 && paused && what.method === "sae.continue";
      const skipped = skipHeard(attempt > 0 && stream ? [...heard] : [], (progress) => {
        if (resumes) void at.call("sae.pause", { paused: true }).catch(() => {}); // as it was when it was cut off
        resumes = false;
        if (!stream) heard.pop(); // the last is enough, and what is told can be large
        heard.push(progress);
        tellOn?.(progress);
      });
      try {
        const given = { signal, transfer: transfer ?? [], onProgress: skipped.onProgress };
        const answer = await at.call(what.method as M, what.input, given);
        skipped.check();
        remember(asked);
        return answer;
      } catch (e) {
        const error = toLabError(e);
        if (what !== asked && error.code === "not-found") {
          what = asked; // there was no checkpoint to go on from
          continue;
        }
        if (!(await isFatal(error, method, at))) throw e;
        const once = attempt === 0 || (attempt === 1 && error.code === "device-lost");
        const again = once && !transfer?.length ? repetitionOf(method, input, heard) : null;
        if (again) waiting.push(again.method);
        // It may have been noticed, and mended, by another call.
        if (at === running || recovering) await cancellable(recover(error), signal);
        if (!again) throw e;
        what = again;
      }
    }
  }

  return {
    call,
    onRecovery: (listener) => void listeners.push(listener),
    restart: async () => {
      const cause = down ?? new LabError("worker-crash", "the lab was stopped");
      down = null;
      restarts = [];
      await recover(cause);
    },
  };
}

/** To be loaded again as it is here: without a look for something newer. */
const kept = (input: Load): Load => {
  const { source } = input;
  return source.kind === "hub" && source.refresh
    ? { ...input, source: { ...source, refresh: undefined } }
    : input;
};

const withoutGpu = (input: Load, { message }: LabError, how: string): Load => ({
  ...input,
  device: "wasm",
  because: `the GPU was lost ${how} (${message})`,
});

/** Waits no longer than the caller does. */
function cancellable(promise: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  if (!signal) return promise;
  return new Promise((resolve, reject) => {
    const give = () => reject(new LabError("cancelled", "cancelled"));
    if (signal.aborted) give();
    signal.addEventListener("abort", give, { once: true });
    promise.then(resolve, reject);
  });
}
