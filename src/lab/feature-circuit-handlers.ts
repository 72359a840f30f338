/** Worker methods of feature circuits. */
import type { FeatureCircuitApi } from "../rpc/feature-circuit-contract.ts";
import type { Handlers } from "../rpc/serve.ts";
import { bench } from "./bench.ts";
import { featureCircuit } from "./feature-circuit.ts";
import { openSae } from "./sae-shelf.ts";

export const featureCircuitHandlers: Pick<Handlers, keyof FeatureCircuitApi> = {
  "featureCircuit.make": async (question, context) => ({
    value: await featureCircuit(
      bench.require(),
      question,
      async (id) => {
        const { summary, config, weights } = await openSae(id);
        return { id, name: summary.name, sae: { config, weights } };
      },
      context,
    ),
  }),
};
