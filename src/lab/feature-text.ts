/** One feature on a text of the user's. */
import type { FeatureOnText, FeatureRef } from "../core/feature-studies.ts";
import type { LoadedModel } from "../model/loaded-model.ts";
import { featureActivations, type OpenedSae } from "./feature-reader.ts";
import { tokenize } from "./read-prompt.ts";

/** f on each token of the text after BOS. */
export async function featureOnText(
  model: LoadedModel,
  opened: OpenedSae,
  { sae, feature, text }: FeatureRef & { text: string },
): Promise<FeatureOnText> {
  const { ids, strings, truncatedFrom } = tokenize(model, { text, prependBos: true });
  if (ids.length < 2) {
    return { sae, feature, tokens: [], activations: new Float32Array(0), truncatedFrom: null };
  }
  const [rows] = (await model.harvest(Int32Array.from(ids), 1, [opened.config.hook], null))!;
  const after = rows!.subarray(opened.config.dIn);
  return {
    ...{ sae, feature, tokens: strings.slice(1) },
    activations: featureActivations(after, opened, feature),
    truncatedFrom: truncatedFrom === null ? null : truncatedFrom - 1,
  };
}
