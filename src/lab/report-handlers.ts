/** Worker methods of report cards. */
import { LabError } from "../core/lab-error.ts";
import { textsOf } from "../core/kept-text.ts";
import { outputOf } from "../core/sae.ts";
import { NO_NOTES } from "../core/feature-notes.ts";
import { PROBE_CONTEXTS, type SaeReport } from "../core/sae-report.ts";
import type { SaeSummary } from "../core/sae.ts";
import type { Handlers } from "../rpc/serve.ts";
import { listReports, saveReport } from "../storage/report-store.ts";
import { heldOutContexts } from "./corpus.ts";
import { fittingModel } from "./sae-dashboard.ts";
import { exclusively } from "./sae-queue.ts";
import { labelScores } from "./label-scores.ts";
import { storedNotes } from "./notes-handlers.ts";
import { openSae, openSaeDashboards } from "./sae-shelf.ts";

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
      const [{ judge }, { judgeFeatures }, { openWorkshop }, { createEncoder }] = await Promise.all(
        [
          import("./sae-judge.ts"),
          import("./judge-features.ts"),
          import("./sae-workshop.ts"),
          import("../train/encoder.ts"),
        ],
      );
      const shop = await openWorkshop(model, config, textsOf(summary));
      const encoder = createEncoder(weights, config);
      try {
        const contextsRead = await heldOutContexts(shop.corpus, contexts);
        const probed = await heldOutContexts(shop.corpus, Math.min(PROBE_CONTEXTS, 3 * contexts));
        const passes = 2 * contextsRead.length;
        const total = passes + probed.length;
        const rebuild = async (x_BD: Float32Array) => {
          const x = shop.backend.upload(x_BD, config.dIn);
          try {
            return await encoder.reconstruct(x);
          } finally {
            x.dispose();
          }
        };
        const found = await judge({
          ...{ model, hook: config.hook, hookOut: outputOf(config).hook, contexts: contextsRead },
          signal: context.signal,
          onProgress: ({ done }) => context.progress({ done, total }),
          rebuild,
        });
        const features = await judgeFeatures({
          ...{ model, hook: config.hook, dSae: config.dSae, contexts: probed },
          ...{ encode: async (x_BD) => (await rebuild(x_BD)).f, signal: context.signal },
          textOf: (id) => model.tokenizer.strings([id])[0]!,
          corpus: await overCorpus(summary),
          labels: labelScores(await storedNotes(summary).catch(() => NO_NOTES)),
          onProgress: ({ done }) => context.progress({ done: passes + done, total }),
        });
        const value: SaeReport = {
          ...{ saeId, modelId: model.info.id, createdAt: new Date().toISOString() },
          ...{ ...found, features },
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

/** How often each feature fires over the corpus; null before it was measured. */
async function overCorpus({ id, hasDashboards, config }: SaeSummary) {
  if (!hasDashboards) return null;
  const dashboards = await openSaeDashboards(id);
  const densities = Float64Array.from({ length: config.dSae }, (_, f) => dashboards.row(f).density);
  return { densities, tokens: dashboards.tokens };
}
