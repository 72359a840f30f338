/** A feature on texts of the user's: each text by itself, after BOS as in training. */
import { LabError } from "../core/lab-error.ts";
import type { FeatureExample } from "../core/sae.ts";

import type { LoadedModel } from "../model/loaded-model.ts";
import { largest } from "./direct-effects.ts";
import { type OpenedSae, readFeature } from "./feature-reader.ts";
import { readPrompt } from "./read-prompt.ts";

const AT_ONCE = 8; // texts of a batch
const MOST = 1000;

/** @returns each text's tokens without BOS, and f on each of them; the peak is the first of the largest */
export async function featureOnTexts(
  model: LoadedModel,
  question: { saeId: string; feature: number; texts: readonly string[] },
  openSae: (id: string) => Promise<OpenedSae>,
  signal: AbortSignal,
): Promise<FeatureExample[]> {
  const { saeId, feature, texts } = question;
  if (texts.length > MOST) {
    throw new LabError("bad-input", `${texts.length} texts are too many at once; give ${MOST}`);
  }
  const { hook, read } = await readFeature({ sae: saeId, feature }, model.info.config, openSae);
  const prompts = texts.map((text) => readPrompt(model, { text, prependBos: true }));
  const found: FeatureExample[] = [];
  for (let from = 0; from < prompts.length; from += AT_ONCE) {
    const batch = prompts.slice(from, from + AT_ONCE);
    const ids = batch.map((prompt) => prompt.ids);
    const { cache } = await model.run({ ids, names: [hook], edits: [], logits: "none", signal });
    const { data, dims } = cache.get(hook)!;
    const T = dims[1]!;
    const width = data.length / (dims[0]! * T);
    batch.forEach(({ strings }, b) => {
      const rows = data.slice((b * T + 1) * width, (b * T + strings.length) * width);
      const activations = read(rows);
      found.push({ tokens: strings.slice(1), activations, peak: largest(activations, 1)[0] ?? 0 });
    });
  }
  return found;
}
