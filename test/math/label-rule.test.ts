/** Rules of tokens from examples: hand values, planted rules found again, and what is too little for a rule. */
import { describe, expect, it } from "vitest";
import { keyedRandom } from "../../src/math/keyed-random.ts";
import {
  promotedText,
  ruleApplies,
  ruleGain,
  ruleText,
  ruleWords,
  tokenRule,
} from "../../src/math/label-rule.ts";

const rare = () => 0.001;

describe("a rule of tokens", () => {
  it("holds the share of activation of its tokens, and their share of the corpus", () => {
    // Activation 2 + 3 + 1 = 6 on token 7, 2 on token 8 (in two examples), 2 on token 9 (in one alone).
    const examples = [
      { ids: [1, 7, 8], activations: [0, 2, 1] },
      { ids: [7, 2, 9], activations: [3, 0, 2] },
      { ids: [3, 8, 7], activations: [0, 1, 1] },
    ];
    const base = (id: number) => (id === 7 ? 0.02 : 0.005);
    const rule = tokenRule(examples, base)!;
    expect(rule).toMatchObject({ place: "on", ids: [7, 8] });
    expect(rule.coverage).toBeCloseTo(8 / 10, 12);
    expect(rule.base).toBeCloseTo(0.025, 12);
    // 0.8 log2(0.8/0.025) + 0.2 log2(0.2/0.975)
    expect(ruleGain(rule)).toBeCloseTo(0.8 * 5 + 0.2 * Math.log2(0.2 / 0.975), 12);
  });
  it("says nothing where its tokens are as frequent as in any text, and less than nothing where they are rarer", () => {
    expect(ruleGain({ coverage: 0.3, base: 0.3 })).toBeCloseTo(0, 12);
    expect(ruleGain({ coverage: 0.6, base: 0.9 })).toBeLessThan(0);
    expect(ruleGain({ coverage: 1, base: 0.25 })).toBeCloseTo(2, 12);
  });

  const random = keyedRandom(3);
  const noise = () => 100 + Math.floor(random() * 5000);
  /** Twelve texts of 20 tokens in which token `named` stands at places of its own, the feature at `offset` from there. */
  const planted = (offset: number) =>
    Array.from({ length: 12 }, (_, e) => {
      const ids = Array.from({ length: 20 }, noise);
      const at = 5 + (e % 7);
      ids[at - offset] = 42 + (e % 2);
      const activations = ids.map((_, t) => (t === at ? 3 + e : 0));
      return { ids, activations };
    });
  it.each([
    ["on", 0],
    ["after", 1],
    ["before", -1],
  ] as const)("is found again where it was planted: %s", (place, offset) => {
    const rule = tokenRule(planted(offset), rare)!;
    expect(rule.place).toBe(place);
    expect([...rule.ids].sort()).toEqual([42, 43]);
    expect(rule.coverage).toBe(1);
  });
  it("is none where nothing is met twice, or what is covers less than half", () => {
    const once = Array.from({ length: 6 }, (_, e) => ({ ids: [e, 50 + e], activations: [1, 0] }));
    expect(tokenRule(once, rare)).toBeNull();
    const little = [
      { ids: [7, 1, 2], activations: [1, 2, 3] },
      { ids: [7, 3, 4], activations: [1, 2, 3] },
    ];
    expect(tokenRule(little, rare)).toBeNull();
    expect(tokenRule([], rare)).toBeNull();
  });
  it("applies where its token stands, stood, or will stand", () => {
    const ids = [5, 1, 5, 2];
    const applies = (place: "on" | "after" | "before") =>
      ruleApplies(ids, { place, ids: [5], coverage: 1, base: 0.1 }).map(Number);
    expect(applies("on")).toEqual([1, 0, 1, 0]);
    expect(applies("after")).toEqual([0, 1, 0, 1]);
    expect(applies("before")).toEqual([0, 1, 0, 0]);
  });
});

describe("a rule in words", () => {
  it("tells a word once, whatever its case and space, and marks what cannot be seen", () => {
    expect(ruleWords([" the", "The", " THE", "\n", "  ", " a"])).toEqual(["the", "↵", "··", "a"]);
    expect(ruleText({ place: "on", tokens: [" Paris", "Paris", " Rome"] })).toBe(
      "on “Paris”, “Rome”",
    );
    expect(ruleText({ place: "after", tokens: [" in"] })).toBe("after “in”");
  });
  it("tells words that begin or end alike by that", () => {
    expect(ruleText({ place: "on", tokens: [" run", " running", "Runs"] })).toBe(
      "on words like “run…”",
    );
    expect(ruleText({ place: "on", tokens: [" going", " doing", " being"] })).toBe(
      "on words like “…ing”",
    );
    expect(ruleText({ place: "on", tokens: ["ab", "cd", "ef", "gh", "ij", "kl"] })).toBe(
      "on “ab”, “cd”, “ef”, “gh”, “ij”, …",
    );
  });
  it("names what is promoted", () =>
    expect(promotedText([" Paris", "Paris", " France", "!", " Lyon", " Nice"])).toBe(
      "promotes “Paris”, “France”, “!”, “Lyon”",
    ));
});
