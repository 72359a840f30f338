/** Worker method of edge attribution patching. */
import type { EapApi } from "../rpc/eap-contract.ts";
import type { Handlers } from "../rpc/serve.ts";
import { bench } from "./bench.ts";
import { edgeAttribution } from "./eap.ts";

export const eapHandlers: Pick<Handlers, keyof EapApi> = {
  "circuits.eap": async (question, context) => {
    const value = await edgeAttribution(bench.require(), question, context);
    return { value, transfer: [value.scores.buffer] };
  },
};
