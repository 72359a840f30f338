/** A client whose worker can be replaced after a crash, under callers that never notice. */
import type { LabError } from "../core/lab-error.ts";
import { createClient, type LabClient } from "./client.ts";
import type { Port } from "./contract.ts";

export interface RespawningClient {
  readonly client: LabClient;
  /** Starts a new worker; calls go to it from now on. What the old one held is lost. */
  respawn: () => void;
}

/** @param spawn starts a worker; `end` stops it for good */
export function createRespawningClient(
  spawn: () => { port: Port; end: () => void },
  onCrash: (error: LabError) => void,
): RespawningClient {
  const start = () => {
    const { port, end } = spawn();
    return { client: createClient(port, onCrash), end };
  };
  let current = start();
  return {
    client: { call: (method, input, options) => current.client.call(method, input, options) },
    respawn: () => {
      current.end();
      current = start();
    },
  };
}
