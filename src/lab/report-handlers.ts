/** Worker methods of report cards. */
import { LabError } from "../core/lab-error.ts";
import { outputOf } from "../core/sae.ts";
import type { SaeReport } from "../core/sae-report.ts";
import type { Handlers } from "../rpc/serve.ts";
import { listReports, saveReport } from "../storage/report-store.ts";
import { heldOutContexts } from "./corpus.ts";
import { fittingModel } from "./sae-dashboard.ts";
import { exclusively } from "./sae-queue.ts";
import { openSae } from "./sae-shelf.ts";

const MOST_CONTEXTS = 1000;

export const reportHandlers: Pick<Handlers, "report.make" | "report.list"> = {
  "report.make": ({ saeId, contexts }, context) =>
    exclusively("a report", context, async (run) => {
      run.id = saeId;
      if (!Number.isInteger(contexts) || contexts < 1 || contexts > MOST_CONTEXTS) {
        throw new LabError(
          "bad-input",
          `a report is measured on 1 to ${MOST_CONTEXTS} contexts, not ${contexts}`,
        );
      }
      const { summary, config, weights } = await openSae(saeId);
      if (summary.status === "unfinished") {
        throw new LabError(
          "bad-input",
          `"${summary.name}" is not finished; go on with its training`,
        );
      }
      const model = fittingModel(summary);
      const [{ judge }, { openWorkshop }, { createEncoder }] = await Promise.all([
        import("./sae-judge.ts"),
        import("./sae-workshop.ts"),
        import("../train/encoder.ts"),
      ]);
      const shop = await openWorkshop(model, config, summary.request?.texts);
      const encoder = createEncoder(weights, config);
      try {
        const contextsRead = await heldOutContexts(shop.corpus, contexts);
        const found = await judge({
          ...{ model, hook: config.hook, hookOut: outputOf(config).hook, contexts: contextsRead },
          ...{ signal: context.signal, onProgress: context.progress },
          rebuild: async (x_BD) => {
            const x = shop.backend.upload(x_BD, config.dIn);
            try {
              return await encoder.reconstruct(x);
            } finally {
              x.dispose();
            }
          },
        });
        const value: SaeReport = {
          ...{ saeId, modelId: model.info.id, createdAt: new Date().toISOString() },
          ...found,
          ...{ contexts: contextsRead.length, contextSize: shop.corpus.contextSize },
        };
        await saveReport(value);
        return { value };
      } finally {
        encoder.dispose();
        shop.dispose();
      }
    }),

  "report.list": async () => ({ value: await listReports() }),
};
