/** Worker methods by which labels are made, scored and tested. */
import { LabError } from "../core/lab-error.ts";
import { textsOf } from "../core/kept-text.ts";
import type { Handlers } from "../rpc/serve.ts";
import { bench } from "./bench.ts";
import { readFeature } from "./feature-reader.ts";
import { featureOnTexts } from "./feature-on-texts.ts";
import { labelCases } from "./label-cases.ts";
import { corpusFor } from "./model-corpus.ts";
import { fittingModel } from "./sae-dashboard.ts";
import { exclusively } from "./sae-queue.ts";
import { openSae, openSaeDashboards } from "./sae-shelf.ts";

const MOST_CASES = 200;

export const labelHandlers: Pick<Handlers, Extract<keyof Handlers, `labels.${string}`>> = {
  "labels.automatic": ({ saeId, features }, context) =>
    exclusively("the labelling of features", context, async (run) => {
      run.id = saeId;
      const [sae, dashboards] = await Promise.all([openSae(saeId), openSaeDashboards(saeId)]);
      const model = fittingModel(sae.summary);
      const { automaticLabels } = await import("./automatic-labels.ts");
      const { signal, progress: onProgress } = context;
      return {
        value: await automaticLabels({ sae, dashboards, model, features, signal, onProgress }),
      };
    }),

  "labels.cases": async ({ saeId, feature, count, tokens, seed }, { signal, progress }) => {
    if (!Number.isInteger(count) || count < 1 || count > MOST_CASES) {
      throw new LabError("bad-input", `from 1 to ${MOST_CASES} texts can be taken, not ${count}`);
    }
    const { summary } = await openSae(saeId);
    const model = fittingModel(summary);
    const dashboards = await openSaeDashboards(saeId);
    const { hook, read } = await readFeature({ sae: saeId, feature }, model.info.config, openSae);
    const value = await labelCases({
      ...{ model, hook, read, feature, count, tokens, seed, signal },
      corpus: await corpusFor(model, textsOf(summary)),
      examples: dashboards.examples(feature, Infinity),
      onShare: (share) => progress({ share: Math.min(1, share) }),
    });
    return { value };
  },

  "labels.onTexts": async (question, { signal }) => ({
    value: await featureOnTexts(bench.require(), question, openSae, signal),
  }),
};
