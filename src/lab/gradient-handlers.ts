/** Worker methods of gradients. */
import type { Metric } from "../core/metric.ts";
import type { Handlers } from "../rpc/serve.ts";
import { bench } from "./bench.ts";
import { gradients } from "./gradients.ts";
import { integratedGradients } from "./integrated-gradients.ts";
import { openSae } from "./sae-shelf.ts";

export const gradientHandlers: Pick<Handlers, "model.gradients" | "model.integratedGradients"> = {
  "model.gradients": async (question, { signal }) => {
    const value = await gradients(bench.require(), await withSae(question), signal);
    return { value, transfer: value.gradients.map(([, { data }]) => data.buffer) };
  },

  "model.integratedGradients": async (question, context) => {
    const value = await integratedGradients(bench.require(), await withSae(question), context);
    return { value, transfer: value.attributions.map(([, { data }]) => data.buffer) };
  },
};

async function withSae<Q extends { metric: Metric }>(question: Q) {
  const { metric } = question;
  return { ...question, sae: metric.kind === "feature" ? await openSae(metric.saeId) : null };
}
