/** Worker methods of the Circuits lab. */
import type { CircuitApi } from "../rpc/circuit-contract.ts";
import type { Handlers } from "../rpc/serve.ts";
import { previewPatches } from "./attribution-patching.ts";
import { bench } from "./bench.ts";
import { patchSweep } from "./patching.ts";
import { taskBaseline } from "./task-baseline.ts";
import { makeTask } from "./task-generate.ts";
import { readTask } from "./task-read.ts";

export const circuitHandlers: Pick<Handlers, keyof CircuitApi> = {
  "task.make": (request) => Promise.resolve({ value: makeTask(bench.require(), request) }),
  "task.read": (task) => Promise.resolve({ value: readTask(bench.require(), task) }),
  "task.baseline": async (pairs, context) => ({
    value: await taskBaseline(bench.require(), pairs, context),
  }),
  "patching.sweep": async (question, context) => ({
    value: await patchSweep(bench.require(), question, context),
  }),
  "patching.preview": async (question, context) => ({
    value: await previewPatches(bench.require(), question, context),
  }),
};
