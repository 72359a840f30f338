/**
 * How well rules of tokens tell when their features are active, on text: for all features in one pass. A case is a token, the
 * first of each context (BOS) left out; positive where f > 0. A context that shows one of a feature's own examples, from which
 * its rule was made, is not counted for that feature.
 */
import type { Confusion } from "../core/feature-notes.ts";
import { type IdRule, ruleApplies } from "../math/label-rule.ts";
import type { StoredExample } from "./stored-dashboards.ts";

/** Tokens up to and with its peak by which an example is known again. */
const KNOWN_BY = 5;

export class RuleScores {
  readonly #rules: ReadonlyMap<number, IdRule>;
  readonly #counts = new Map<number, Confusion>();
  /** Features by a token that a rule of theirs names. */
  readonly #byToken = new Map<number, number[]>();
  readonly #known: ReadonlySet<string>;
  tokens = 0;

  constructor(
    rules: ReadonlyMap<number, IdRule>,
    examples: (feature: number) => readonly StoredExample[],
  ) {
    this.#rules = rules;
    const known = new Set<string>();
    for (const [feature, rule] of rules) {
      for (const id of rule.ids) {
        this.#byToken.set(id, [...(this.#byToken.get(id) ?? []), feature]);
      }
      for (const { ids, peak } of examples(feature)) known.add(nameOf(feature, ids, peak));
      this.#counts.set(feature, { hits: 0, misses: 0, falseAlarms: 0, rejections: 0 });
    }
    this.#known = known;
  }

  /** @param ids [T], BOS first; `f_BF` of the T − 1 tokens after it, [T − 1, F] */
  add(ids: Int32Array, f_BF: Float32Array, dSae: number): void {
    const own = ids.subarray(1);
    const active = new Map<number, Set<number>>();
    const seen = new Set<number>();
    for (let t = 0; t < own.length; t++) {
      for (let f = 0; f < dSae; f++) {
        if (f_BF[t * dSae + f]! <= 0 || !this.#rules.has(f)) continue;
        const at = active.get(f) ?? new Set();
        active.set(f, at.add(t));
        if (this.#known.has(nameOf(f, own, t))) seen.add(f);
      }
    }
    this.tokens += own.length;
    const named = new Set([...own].flatMap((id) => this.#byToken.get(id) ?? []));
    const touched = new Set([...named, ...active.keys()]);
    for (const [feature, counts] of this.#counts) {
      if (seen.has(feature)) continue;
      if (!touched.has(feature)) {
        counts.rejections += own.length;
        continue;
      }
      const at = active.get(feature);
      ruleApplies(own, this.#rules.get(feature)!).forEach((told, t) => {
        const is = at?.has(t) ?? false;
        counts[is ? (told ? "hits" : "misses") : told ? "falseAlarms" : "rejections"] += 1;
      });
    }
  }

  counts(feature: number): Confusion | null {
    return this.#counts.get(feature) ?? null;
  }
}

export const nameOf = (feature: number, ids: ArrayLike<number>, peak: number): string => {
  const from = Math.max(0, peak + 1 - KNOWN_BY);
  return `${feature}:${Array.prototype.slice.call(ids, from, peak + 1).join()}`;
};
