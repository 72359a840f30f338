/** The way to the worker of one model's handle: it is closed once another model has taken the bench. */
import { LabError } from "../core/lab-error.ts";
import type { LabClient } from "../rpc/client.ts";

/**
 * @param isThere whether the model with this id is on the bench still; one that came back after its worker was lost is
 * @returns a client that refuses what another model would answer; what is kept in the worker can still be released
 */
export const whileOnBench = (client: LabClient, id: string, isThere: () => boolean): LabClient => ({
  call: (method, input, options) => {
    if (isThere() || method === "kept.release") return client.call(method, input, options);
    const refusal = new LabError(
      "not-found",
      `"${id}" is no longer on the bench: load it again, then use the model that lab.load gives`,
    );
    return Promise.reject(refusal);
  },
});
