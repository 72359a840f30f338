/** Worker methods of a neuron's page that need no prompt: its weights, and the features that write as it does. */
import type { NearFeature } from "../core/neurons.ts";
import { outputOf, type TokenEffect } from "../core/sae.ts";
import { rowNorms } from "../math/norms.ts";
import { randomLargestCosine } from "../math/random-cosine.ts";
import { centred } from "../math/rows.ts";
import type { LoadedModel } from "../model/loaded-model.ts";
import type { Handlers } from "../rpc/serve.ts";
import { bench } from "./bench.ts";
import { largest, residualEffects } from "./direct-effects.ts";
import { checkWritesToStream, cosinesWith, neuronCorrelations } from "./neuron-features.ts";
import { writeDirection } from "./neuron-figure.ts";
import { whatItReads } from "./neuron-reads.ts";
import { fittingModel } from "./sae-dashboard.ts";
import { openSae, openSaeDashboards } from "./sae-shelf.ts";

const TOKENS_SHOWN = 10;
const FEATURES_SHOWN = 8;
const EXAMPLES_SHOWN = 3;

type Studies = "study.neuron" | "study.neuronFeatures" | "study.neuronCorrelations";

export const neuronStudies: Pick<Handlers, Studies> = {
  "study.neuron": async ({ layer, neuron, basis }) => {
    const model = bench.require();
    const id = { layer, neuron };
    const W_out = await writeDirection(model, id);
    const written = basis === "tl" ? centred(W_out, W_out.length) : W_out;
    const effects = await residualEffects(model, W_out, basis);
    const { reads, bias } = await whatItReads(model, id, basis);
    const value = {
      ...{ layer, neuron, basis, bias },
      writeNorm: rowNorms(written, written.length)[0]!,
      ...{ promoted: most(model, effects, 1), suppressed: most(model, effects, -1) },
      ...{ reads: most(model, reads, 1), readsLeast: most(model, reads, -1) },
    };
    return { value };
  },

  "study.neuronFeatures": async ({ layer, neuron, sae }) => {
    const { config, weights } = await openSae(sae);
    const model = fittingModel({ config });
    checkWritesToStream(config, model);
    const W_out = await writeDirection(model, { layer, neuron });
    const cosines = cosinesWith(W_out, weights.W_dec);
    const dashboards = await openSaeDashboards(sae).catch(() => null); // not measured yet
    const nearest = largest(cosines.map(Math.abs), FEATURES_SHOWN).map((feature): NearFeature => {
      const row = dashboards?.row(feature);
      const examples = dashboards?.examples(feature, EXAMPLES_SHOWN).map((e) => ({
        tokens: model.tokenizer.strings(e.ids),
        activations: e.activations,
        peak: e.peak,
      }));
      return {
        ...{ feature, cosine: cosines[feature]! },
        ...{ density: row?.density ?? null, max: row?.max ?? null, examples: examples ?? null },
      };
    });
    const byChance = randomLargestCosine(config.dSae, outputOf(config).width);
    return { value: { layer, neuron, sae, dSae: config.dSae, byChance, nearest } };
  },

  "study.neuronCorrelations": async ({ layer, neuron, sae, features }, { signal }) => {
    const opened = await openSae(sae);
    const model = fittingModel(opened);
    const value = await neuronCorrelations(model, { layer, neuron }, opened, features, signal);
    return { value: { layer, neuron, sae, features, ...value } };
  },
};

/** @param sign 1: the largest, −1: the smallest */
function most(model: LoadedModel, effects: Float32Array, sign: 1 | -1): TokenEffect[] {
  const order = largest(sign === 1 ? effects : effects.map((v) => -v), TOKENS_SHOWN);
  const strings = model.tokenizer.strings(order);
  return order.map((id, i) => ({ id, string: strings[i]!, effect: effects[id]! }));
}
