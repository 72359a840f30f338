import { expect, it } from "vitest";
import { STRONGEST, StrongestTokens, tokenEntropy } from "../../src/math/token-entropy.ts";

it("entropy in bits: 0 for one token, log₂ n for n, by hand between", () => {
  expect(tokenEntropy([7, 7, 7])).toBe(0);
  expect(tokenEntropy([1, 2, 3, 4])).toBe(2);
  // p = ¾, ¼
  expect(tokenEntropy([5, 5, 5, 9])).toBeCloseTo(0.75 * Math.log2(4 / 3) + 0.25 * 2, 12);
});

it("counts the strongest only, each feature apart; one that fired less often is left out", () => {
  const strongest = new StrongestTokens(3);
  // Feature 0: the strongest twenty are all of token 1; weaker ones of many others come first, between and after.
  for (let i = 0; i < 60; i++) {
    strongest.add(0, i / 100, 100 + i);
    if (i % 3 === 0) strongest.add(0, 5 + i, 1);
  }
  // Feature 1: twenty of four tokens, five each. Feature 2: one too few.
  for (let i = 0; i < STRONGEST; i++) strongest.add(1, 1 + i, i % 4);
  for (let i = 0; i < STRONGEST - 1; i++) strongest.add(2, 1, i);
  expect(strongest.entropies()).toEqual([0, 2]);
});
