/** Worker method of experiments: one prompt with many lists of edits. */
import type { Handlers } from "../rpc/serve.ts";
import { bench } from "./bench.ts";
import { runExperiments } from "./experiments.ts";

export const experimentHandlers: Pick<Handlers, "model.runExperiments"> = {
  "model.runExperiments": async (request, context) => ({
    value: await runExperiments(bench.require(), request, context),
  }),
};
