/** Worker methods of gradients. */
import type { Metric } from "../core/metric.ts";
import type { LoadedModel } from "../model/loaded-model.ts";
import type { PromptInput } from "../rpc/procedure.ts";
import type { Handlers } from "../rpc/serve.ts";
import { bench } from "./bench.ts";
import { gradients } from "./gradients.ts";
import { integratedGradients } from "./integrated-gradients.ts";
import { readWhole } from "./read-prompt.ts";
import { openSae } from "./sae-shelf.ts";

export const gradientHandlers: Pick<Handlers, "model.gradients" | "model.integratedGradients"> = {
  "model.gradients": async (question, { signal }) => {
    const model = bench.require();
    const value = await gradients(model, await ready(model, question), signal);
    return { value, transfer: value.gradients.map(([, { data }]) => data.buffer) };
  },

  "model.integratedGradients": async (question, context) => {
    const model = bench.require();
    const value = await integratedGradients(model, await ready(model, question), context);
    return { value, transfer: value.attributions.map(([, { data }]) => data.buffer) };
  },
};

/** With the SAE that the metric names, and a prompt that was not cut. */
async function ready<Q extends { metric: Metric; prompt: PromptInput }>(
  model: LoadedModel,
  question: Q,
) {
  const { metric } = question;
  const { ids } = readWhole(model, question.prompt);
  const sae = metric.kind === "feature" ? await openSae(metric.saeId) : null;
  return { ...question, prompt: { ids }, sae };
}
