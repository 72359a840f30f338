/** `lab.writer`: a language model that is asked about features, on a server of the user's or in this tab. */
import { LabError } from "../core/lab-error.ts";
import type { Answer, Question, WriterProgress, WriterSource } from "../core/writer.ts";
import type { LabClient } from "../rpc/client.ts";

/** A running worker that may reach one server beside the app's own; `end` stops it and all that it does. */
export interface WriterWorker {
  client: LabClient;
  end: () => void;
}
export type SpawnWriter = (server: string | null) => WriterWorker;

export interface Writer {
  /** Makes it ready. Of an endpoint nothing is sent; a model of the Hub is fetched. Aborted, the worker is ended. */
  open(
    source: WriterSource,
    options?: {
      signal?: AbortSignal | undefined;
      onProgress?: ((progress: WriterProgress) => void) | undefined;
    },
  ): Promise<void>;
  ask(
    source: WriterSource,
    question: Question,
    options?: {
      signal?: AbortSignal | undefined;
      /** What is waited for: "too many requests; trying again in 2 s". */
      onWait?: ((words: string) => void) | undefined;
    },
  ): Promise<Answer>;
  /** Ends the worker, and lets go of its model. */
  close(): void;
}

export function createWriter(spawn: SpawnWriter | undefined): Writer {
  let running: (WriterWorker & { server: string | null }) | null = null;
  const close = () => {
    running?.end();
    running = null;
  };
  /** A worker is started for one server: another server takes another worker. */
  const clientFor = (source: WriterSource): LabClient => {
    const server = source.kind === "endpoint" ? originOf(source.url) : source.hub;
    if (running?.server === server) return running.client;
    close();
    if (!spawn) throw new LabError("unsupported", "no language model can be asked here");
    running = { ...spawn(server), server };
    return running.client;
  };
  return {
    open: async (source, { signal, onProgress } = {}) => {
      const ending = source.kind === "hub" ? close : () => {};
      signal?.addEventListener("abort", ending, { once: true }); // a download cannot be stopped otherwise
      try {
        await clientFor(source).call("writer.open", source, { signal, onProgress });
      } finally {
        signal?.removeEventListener("abort", ending);
      }
    },
    ask: async (source, question, { signal, onWait } = {}) =>
      clientFor(source).call(
        "writer.ask",
        { source, question },
        { signal, onProgress: ({ wait }) => onWait?.(wait) },
      ),
    close,
  };
}

/** @throws LabError "bad-input" */
export function originOf(url: string): string {
  if (URL.canParse(url.trim())) {
    const { origin, protocol } = new URL(url.trim());
    if (protocol === "https:" || protocol === "http:") return origin;
  }
  throw new LabError(
    "bad-input",
    `“${url.slice(0, 100)}” is no address of a server; write a web address of https or http, as far as /v1`,
  );
}
