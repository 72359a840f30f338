/** The worker's half of the boundary: runs handlers, passes on progress, delivers cancellation. */
import { LabError, toLabError } from "../core/lab-error.ts";
import type { Call, LabApi, Method, Port, ToPage, ToWorker } from "./contract.ts";

export { breathe } from "../core/breathe.ts";

export interface Context<P> {
  signal: AbortSignal;
  progress: (progress: P) => void;
}
export interface Answer<T> {
  value: T;
  transfer?: Transferable[];
}
export type Handler<M extends Method> = (
  input: LabApi[M]["input"],
  context: Context<LabApi[M]["progress"]>,
) => Promise<Answer<LabApi[M]["output"]>>;
/** A method added to `LabApi` does not compile until it is served. */
export type Handlers = { [M in Method]: Handler<M> };

/** @param handlers of the methods that this worker serves; the rest are another's */
export function serve(port: Port, handlers: Partial<Handlers>): void {
  const running = new Map<number, AbortController>();
  const send = (message: ToPage, transfer: Transferable[] = []) =>
    port.postMessage(message, transfer);
  async function answer<M extends Method>(call: Call<M>) {
    const { id } = call;
    const abort = new AbortController();
    running.set(id, abort);
    try {
      const progress = (value: LabApi[M]["progress"]) => send({ kind: "progress", id, value });
      const handler: Handler<M> | undefined = handlers[call.method];
      if (!handler) throw new LabError("internal", `this worker does not serve ${call.method}`);
      const { value, transfer } = await handler(call.input, { signal: abort.signal, progress });
      send({ kind: "done", id, value }, transfer);
    } catch (e) {
      const { code, message } = toLabError(e);
      if (!abort.signal.aborted) send({ kind: "failed", id, error: { code, message } });
    } finally {
      running.delete(id);
    }
  }
  port.addEventListener("message", ({ data }: MessageEvent<ToWorker>) => {
    if (data.kind === "cancel") running.get(data.id)?.abort(new LabError("cancelled", "cancelled"));
    else void answer(data);
  });
}
