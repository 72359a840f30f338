/** Worker methods of paths and of heads' roles. */
import type { PathApi } from "../rpc/path-contract.ts";
import type { Handlers } from "../rpc/serve.ts";
import { bench } from "./bench.ts";
import { headRoles } from "./head-roles.ts";
import { tracePair } from "./pair-trace.ts";
import { channelEffects, pathSweep } from "./path-patching.ts";

export const pathHandlers: Pick<Handlers, keyof PathApi> = {
  "paths.sweep": async (question, context) => ({
    value: await pathSweep(bench.require(), question, context),
  }),
  "paths.channels": async (question, { signal }) => ({
    value: await channelEffects(bench.require(), question, signal),
  }),
  "paths.pair": async (question, { signal }) => ({
    value: await tracePair(bench.require(), question, signal),
  }),
  "roles.find": async (question, context) => ({
    value: await headRoles(bench.require(), question, context),
  }),
};
