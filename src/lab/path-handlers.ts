/** Worker methods of paths and of heads' roles. */
import type { PathApi } from "../rpc/path-contract.ts";
import type { Handlers } from "../rpc/serve.ts";
import { bench } from "./bench.ts";
import { channelEffects, pathSweep } from "./path-patching.ts";

export const pathHandlers: Pick<Handlers, keyof PathApi> = {
  "paths.sweep": async (question, context) => ({
    value: await pathSweep(bench.require(), question, context),
  }),
  "paths.channels": async (question, { signal }) => ({
    value: await channelEffects(bench.require(), question, signal),
  }),
};
