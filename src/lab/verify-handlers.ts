/** Worker method of a circuit's tests. */
import type { VerifyApi } from "../rpc/verify-contract.ts";
import type { Handlers } from "../rpc/serve.ts";
import { bench } from "./bench.ts";
import { verifyCircuit } from "./verify.ts";

export const verifyHandlers: Pick<Handlers, keyof VerifyApi> = {
  "circuit.verify": async (question, context) => ({
    value: await verifyCircuit(bench.require(), question, context),
  }),
};
