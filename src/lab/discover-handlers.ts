/** Worker methods of the search for circuits, and of the circuits that this browser keeps. */
import type { DiscoverApi } from "../rpc/discover-contract.ts";
import type { Handlers } from "../rpc/serve.ts";
import { deleteCircuit, listCircuits, saveCircuit } from "../storage/circuit-store.ts";

export const discoverHandlers: Pick<Handlers, keyof DiscoverApi> = {
  "circuits.list": async () => ({ value: await listCircuits() }),
  "circuits.save": async (circuit) => {
    await saveCircuit(circuit);
    return { value: null };
  },
  "circuits.delete": async ({ id }) => {
    await deleteCircuit(id);
    return { value: null };
  },
};
