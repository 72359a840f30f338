/** `lab.sae.labels`: labels made without a language model, texts to score them on, and a feature on texts of one's own. */
import type { AutomaticLabels, LabelCases, LabelProgress } from "../core/label-work.ts";
import type { FeatureExample } from "../core/sae.ts";
import type { LabClient } from "../rpc/client.ts";

interface Long<P> {
  signal?: AbortSignal | undefined;
  onProgress?: ((progress: P) => void) | undefined;
}
export interface LabelMaker {
  /**
   * From tokens of the strongest examples, or from promoted tokens; rules scored on held-out text. `features`: which.
   * @default all
   */
  automatic(
    saeId: string,
    options?: Long<LabelProgress> & { features?: readonly number[] | null },
  ): Promise<AutomaticLabels>;
  /** Pieces of the corpus to judge a label by. @default 10 of each kind, from at most 60,000 tokens, seed 0 */
  cases(
    saeId: string,
    feature: number,
    options?: Long<{ share: number }> & { count?: number; tokens?: number; seed?: number },
  ): Promise<LabelCases>;
  /** The feature on each of the texts: tokens without BOS, and its activation on each. */
  onTexts(
    saeId: string,
    feature: number,
    texts: readonly string[],
    options?: { signal?: AbortSignal | undefined },
  ): Promise<FeatureExample[]>;
}

export const createLabels = (client: LabClient): LabelMaker => ({
  automatic: (saeId, { features = null, ...options } = {}) =>
    client.call("labels.automatic", { saeId, features }, options),
  cases: (saeId, feature, { count = 10, tokens = 60_000, seed = 0, ...options } = {}) =>
    client.call("labels.cases", { saeId, feature, count, tokens, seed }, options),
  onTexts: (saeId, feature, texts, options = {}) =>
    client.call("labels.onTexts", { saeId, feature, texts }, options),
});
