/**
 * Labels for features without any language model: a rule of tokens from the strongest examples (`math/label-rule.ts`), or,
 * where no rule covers half of their activation, the tokens whose logits the feature raises most. Rules are then scored on
 * held-out text (`rule-score.ts`); what is promoted says nothing of when a feature is active, and stays unverified.
 */
import { breathe } from "../core/breathe.ts";
import type { FeatureLabel } from "../core/feature-notes.ts";
import type { AutomaticLabels, LabelProgress } from "../core/label-work.ts";
import { LabError } from "../core/lab-error.ts";
import { type IdRule, promotedText, ruleText, tokenRule } from "../math/label-rule.ts";
import type { LoadedModel } from "../model/loaded-model.ts";
import { createEncoder } from "../train/encoder.ts";
import { textsOf } from "../core/kept-text.ts";
import type { Corpus } from "./corpus.ts";
import type { Dashboards } from "./stored-dashboards.ts";
import { largest, logitEffects } from "./direct-effects.ts";
import { RuleScores } from "./rule-score.ts";
import { contextsPerBatch } from "./sae-measure.ts";
import type { OpenSae } from "./sae-shelf.ts";
import { openWorkshop, type Workshop } from "./sae-workshop.ts";

/** Examples that a rule is made from. */
const EXAMPLES = 12;
const PROMOTED = 10;
/** Tokens of held-out text that rules are scored on, as far as there are so many. */
const SCORED_TOKENS = 16_000;
const REPORT_MS = 200;

export interface AutomaticInput {
  sae: OpenSae;
  dashboards: Dashboards;
  model: LoadedModel;
  /** null: every feature of the SAE. */
  features: readonly number[] | null;
  signal: AbortSignal;
  onProgress: (progress: LabelProgress) => void;
}

/** @throws LabError "cancelled", "network" */
export async function automaticLabels(input: AutomaticInput): Promise<AutomaticLabels> {
  const { sae, dashboards, model, signal, onProgress } = input;
  const { config } = sae;
  const wanted = input.features ?? Array.from({ length: config.dSae }, (_, f) => f);
  const alive = wanted.filter((feature) => dashboards.examples(feature, 1).length > 0);
  const shop = await openWorkshop(
    model,
    { hook: config.hook, dIn: config.dIn },
    textsOf(sae.summary),
  );
  try {
    const base = await tokenShares(shop.corpus, model.info.config.vocab_size, input);
    const rules = new Map<number, IdRule>();
    const rest: number[] = [];
    const pace = pacer(signal);
    for (const [done, feature] of alive.entries()) {
      const rule = tokenRule(dashboards.examples(feature, EXAMPLES), base);
      if (rule) rules.set(feature, rule);
      else rest.push(feature);
      await pace(() => onProgress({ what: "examples", done, total: alive.length }));
    }
    const at = new Date().toISOString();
    const labels = new Map<number, FeatureLabel>();
    for (const [done, feature] of rest.entries()) {
      const effects = await logitEffects(model, config, sae.weights, { feature, basis: "tl" });
      const tokens = model.tokenizer.strings(largest(effects, PROMOTED));
      labels.set(feature, {
        ...{ text: promotedText(tokens), source: { by: "logits" }, scores: [], at },
      });
      await pace(() => onProgress({ what: "promoted tokens", done, total: rest.length }));
    }
    const scores = await scoreRules(rules, shop, input);
    for (const [feature, rule] of rules) {
      const { place, coverage, base: share } = rule;
      const tokens = model.tokenizer.strings(rule.ids);
      const counts = scores.counts(feature)!;
      labels.set(feature, {
        text: ruleText({ place, tokens }),
        source: { by: "tokens", rule: { place, tokens, coverage, base: share } },
        // Never active on that text: then nothing is known of it.
        scores:
          counts.hits + counts.misses > 0
            ? [{ kind: "rule", judge: "rule", at, counts, unread: 0 }]
            : [],
        at,
      });
    }
    return {
      labels: [...labels].sort(([a], [b]) => a - b),
      tokens: scores.tokens,
      without: wanted.length - labels.size,
    };
  } finally {
    shop.dispose();
  }
}

/** Of each token in the corpus as far as it is trained on; one is added to each count, so that none is 0. */
async function tokenShares(
  corpus: Corpus,
  vocabulary: number,
  { signal, onProgress }: Pick<AutomaticInput, "signal" | "onProgress">,
): Promise<(id: number) => number> {
  const counts = new Float64Array(vocabulary).fill(1);
  let total = vocabulary;
  const pace = pacer(signal);
  for (let shard = 0; shard < corpus.heldOutFrom; shard++) {
    const ids = await corpus.contexts(shard);
    for (const id of ids) counts[id]! += 1;
    total += ids.length;
    await pace(() => onProgress({ what: "examples", done: shard, total: corpus.heldOutFrom }));
  }
  return (id) => counts[id]! / total;
}

async function scoreRules(
  rules: ReadonlyMap<number, IdRule>,
  shop: Workshop,
  { sae: { config, weights }, dashboards, signal, onProgress }: AutomaticInput,
): Promise<RuleScores> {
  const scores = new RuleScores(rules, (feature) => dashboards.examples(feature, Infinity));
  if (rules.size === 0) return scores;
  const { corpus, backend } = shop;
  const T = corpus.contextSize;
  const perShard = Math.ceil(SCORED_TOKENS / (T - 1) / (corpus.shards - corpus.heldOutFrom));
  const encoder = createEncoder(weights, config);
  const size = contextsPerBatch(T, config.dSae);
  const pace = pacer(signal);
  try {
    for (let shard = corpus.heldOutFrom; shard < corpus.shards; shard++) {
      const all = await corpus.contexts(shard);
      const ids = all.subarray(0, Math.min(all.length, perShard * T));
      for (let from = 0; from < ids.length; from += size * T) {
        const batch = ids.subarray(from, from + size * T);
        const rows = await shop.harvest(batch);
        const x = rows instanceof Float32Array ? backend.upload(rows, config.dIn) : rows;
        const f_BF = await encoder.encode(x).finally(() => x.dispose());
        const values = (T - 1) * config.dSae;
        for (let c = 0; c < batch.length / T; c++) {
          const own = batch.subarray(c * T, (c + 1) * T);
          scores.add(own, f_BF.subarray(c * values, (c + 1) * values), config.dSae);
        }
        await pace(() =>
          onProgress({ what: "scoring on text", done: scores.tokens, total: SCORED_TOKENS }),
        );
      }
    }
    return scores;
  } finally {
    encoder.dispose();
  }
}

/** Lets messages in, ends when given up, and tells how far it is, a few times a second. */
function pacer(signal: AbortSignal): (tell: () => void) => Promise<void> {
  let last = -Infinity;
  return async (tell) => {
    const now = performance.now();
    if (now - last < REPORT_MS) return;
    last = now;
    tell();
    await breathe();
    if (signal.aborted) throw new LabError("cancelled", "cancelled");
  };
}
