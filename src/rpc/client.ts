/** The page's half of the worker boundary: typed calls with ids, progress and cancellation. */
import { LabError } from "../core/lab-error.ts";
import type { LabApi, Method, Port, ToPage } from "./contract.ts";

export interface CallOptions<M extends Method> {
  signal?: AbortSignal | undefined;
  onProgress?: ((progress: LabApi[M]["progress"]) => void) | undefined;
  transfer?: Transferable[];
}
export interface LabClient {
  call<M extends Method>(
    method: M,
    input: LabApi[M]["input"],
    options?: CallOptions<M>,
  ): Promise<LabApi[M]["output"]>;
}

interface Pending {
  resolve: (value: never) => void;
  reject: (reason: unknown) => void;
  progress: ((progress: never) => void) | undefined;
}

const cancelled = () => new LabError("cancelled", "cancelled");

export interface WorkerClient extends LabClient {
  /** The worker is gone: rejects every open call, and all to come. */
  die: (detail?: string) => void;
}

/** @param onCrash called once if the worker dies; every open call has been rejected by then */
export function createClient(
  port: Port,
  onCrash: (error: LabError) => void = () => {},
): WorkerClient {
  const pending = new Map<number, Pending>();
  let nextId = 1;
  let dead: LabError | undefined;
  const take = (id: number) => {
    const call = pending.get(id);
    pending.delete(id);
    return call;
  };
  port.addEventListener("message", ({ data }: MessageEvent<ToPage>) => {
    if (data.kind === "alive") return;
    // An unknown id is a call already given up: dropped.
    if (data.kind === "progress") pending.get(data.id)?.progress?.(data.value as never);
    else if (data.kind === "done") take(data.id)?.resolve(data.value as never);
    else take(data.id)?.reject(new LabError(data.error.code, data.error.message));
  });
  const die = (detail = "") => {
    if (dead) return;
    dead = new LabError(
      "worker-crash",
      `the lab's worker stopped${detail}: what it held is gone, what you typed is not`,
    );
    for (const id of [...pending.keys()]) take(id)?.reject(dead);
    onCrash(dead);
  };
  for (const type of ["error", "messageerror"]) {
    port.addEventListener(type as "messageerror", (event) => {
      const told = "message" in event && typeof event.message === "string" ? event.message : "";
      die(told === "" ? "" : ` (${told})`);
    });
  }
  return {
    die,
    call: (method, input, { signal, onProgress, transfer = [] } = {}) =>
      new Promise((resolve, reject) => {
        if (dead) throw dead;
        if (signal?.aborted) throw cancelled();
        const id = nextId++;
        port.postMessage({ kind: "call", id, method, input }, transfer); // may throw: then nothing is pending
        pending.set(id, { resolve, reject, progress: onProgress });
        signal?.addEventListener(
          "abort",
          () => {
            if (!take(id)) return;
            port.postMessage({ kind: "cancel", id });
            reject(cancelled());
          },
          { once: true },
        );
      }),
  };
}
