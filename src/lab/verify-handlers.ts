/** Worker method of a circuit's tests. */
import type { VerifyApi } from "../rpc/verify-contract.ts";
import type { Handlers } from "../rpc/serve.ts";
import { bench } from "./bench.ts";
import { withEdges } from "./edge-bench.ts";
import { verifyCircuit, verifyEdges } from "./verify.ts";

export const verifyHandlers: Pick<Handlers, keyof VerifyApi> = {
  "circuit.verify": async (question, context) => ({
    value: question.edges
      ? await withEdges(context.signal, (model) => verifyEdges(model, question, context))
      : await verifyCircuit(bench.require(), question, context),
  }),
};
