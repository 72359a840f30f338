/** Worker methods of the search for circuits, and of the circuits that this browser keeps. */
import type { DiscoverApi } from "../rpc/discover-contract.ts";
import type { Handlers } from "../rpc/serve.ts";
import {
  deleteCircuit,
  listAnswers,
  listCircuits,
  listTests,
  loadSearch,
  saveAnswer,
  saveCircuit,
  saveSearch,
  saveTest,
} from "../storage/circuit-store.ts";
import { acdc } from "./acdc.ts";
import { withEdges } from "./edge-bench.ts";

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
  "circuits.acdc": async (question, context) => ({
    value: await withEdges(context.signal, (model) => acdc(model, question, context)),
  }),
  "circuits.search": async () => ({ value: await loadSearch() }),
  "circuits.keepSearch": async (search) => {
    await saveSearch(search);
    return { value: null };
  },
  "circuits.tests": async () => ({ value: await listTests() }),
  "circuits.keepTest": async (test) => {
    await saveTest(test);
    return { value: null };
  },
  "circuits.answers": async (kind) => ({ value: await listAnswers(kind) }),
  "circuits.keepAnswer": async (answer) => {
    await saveAnswer(answer);
    return { value: null };
  },
};
