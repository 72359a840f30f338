/** What is shown of an SAE's features, put together from its stored statistics, its weights, and the model on the bench. */
import type { Basis } from "../core/basis.ts";
import { LabError } from "../core/lab-error.ts";
import type { ContextExample, FeatureDashboard } from "../core/feature-dashboard.ts";
import {
  type FeatureExample,
  type FeatureTable,
  outputOf,
  type SaeSummary,
  type TokenEffect,
} from "../core/sae.ts";
import type { LoadedModel } from "../model/loaded-model.ts";
import { bench } from "./bench.ts";
import { SignedHistogram } from "../math/signed-histogram.ts";
import { TOP } from "./dashboards-file.ts";
import type { StoredExample } from "./stored-dashboards.ts";
import { decoderCosines, largest, logitEffects } from "./direct-effects.ts";
import { headNorms } from "./head-norms.ts";
import { checkFits } from "./sae-edit.ts";
import { saeWidth } from "./sae-request.ts";
import { openSae, openSaeDashboards } from "./sae-shelf.ts";

/** Promoted and suppressed tokens, neighbours on a dashboard. */
const TOKENS_SHOWN = 10;
const EFFECT_BINS = 64;

/** The model on the bench, if the SAE can read it. @throws LabError "unsupported" */
export function fittingModel({ config }: Pick<SaeSummary, "config">): LoadedModel {
  const model = bench.require();
  saeWidth(outputOf(config).hook, model.info.config);
  checkFits(config, model.info.config);
  return model;
}

export async function featureTable(id: string): Promise<FeatureTable> {
  const [{ config }, dashboards] = await both(id);
  const rows = Array.from({ length: config.dSae }, (_, feature) => dashboards.row(feature));
  return { saeId: id, tokens: dashboards.tokens, rows };
}

/** @throws LabError "bad-input" if `n` is no count; "not-found" if there is no such feature */
export async function featureExamples(
  id: string,
  feature: number,
  n: number,
): Promise<FeatureExample[]> {
  const [{ config }, dashboards] = await both(id);
  checkFeature(feature, config.dSae);
  if (!Number.isInteger(n) || n < 1) {
    throw new LabError(
      "bad-input",
      `the number of examples must be a whole number from 1, got ${n}`,
    );
  }
  const model = fittingModel({ config });
  return dashboards.examples(feature, n).map((e) => toExample(e, model));
}

/** @throws LabError "not-found" if there is no such feature */
export async function featureDashboard(
  id: string,
  feature: number,
  basis: Basis,
): Promise<FeatureDashboard> {
  const [{ config, weights }, dashboards] = await both(id);
  checkFeature(feature, config.dSae);
  const model = fittingModel({ config });
  const effects = await logitEffects(model, config, weights, { feature, basis });
  const cosines = decoderCosines(weights, config, feature);
  const tokens = (order: number[]): TokenEffect[] => {
    const strings = model.tokenizer.strings(order);
    return order.map((token, i) => ({ id: token, string: strings[i]!, effect: effects[token]! }));
  };
  return {
    saeId: id,
    feature,
    row: dashboards.row(feature),
    histogram: dashboards.histogram(feature),
    examples: dashboards.examples(feature, TOP).map((e) => toExample(e, model)),
    intervals:
      dashboards.intervals(feature)?.map(({ examples, ...interval }) => ({
        ...interval,
        examples: examples.map((e) => toExample(e, model)),
      })) ?? null,
    basis,
    promoted: tokens(largest(effects, TOKENS_SHOWN)),
    suppressed: tokens(
      largest(
        effects.map((v) => -v),
        TOKENS_SHOWN,
      ),
    ),
    effectHistogram: histogramOf(effects),
    headNorms: headNorms(weights, config, model.info.config, feature),
    correlated: dashboards.correlated(feature),
    neighbours: largest(cosines, Math.min(TOKENS_SHOWN, config.dSae - 1)).map((f) => ({
      feature: f,
      cosine: cosines[f]!,
    })),
  };
}

const both = (id: string) => Promise.all([openSae(id), openSaeDashboards(id)]);

function toExample({ ids, activations, peak }: StoredExample, model: LoadedModel): ContextExample {
  return { ids, tokens: model.tokenizer.strings(ids), activations, peak };
}

function histogramOf(values: Float32Array) {
  const histogram = new SignedHistogram(EFFECT_BINS);
  values.forEach((value) => histogram.add(value));
  return histogram.read();
}

function checkFeature(feature: number, dSae: number): void {
  if (!Number.isInteger(feature) || feature < 0 || feature >= dSae) {
    throw new LabError("not-found", `feature ${feature} is not among 0 … ${dSae - 1}`);
  }
}
