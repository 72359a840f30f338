/** An SAE in a few words: what its numbers are of is said where it is not what it was trained on. */
import { expect, it } from "vitest";
import { metricsWords } from "../../src/ui/sae-words.ts";

const metrics = { explainedVariance: 0.831, l0: 31.24, aliveShare: 1, tokens: 100 };
const novel = { id: "n", name: "novel.txt" };
const request = {
  ...{ hook: "blocks.0.hook_resid_post", dSae: 8, variant: "topk", k: 2, tokens: 10, seed: 0 },
} as const;
const said = "explains 83.10 % of the variance, 31.2 features active a token";

it("says what it was measured on where that is another text", () => {
  const words = (patch: object) => metricsWords({ metrics, request: null, ...patch });
  expect(words({})).toBe(said);
  expect(words({ texts: [] })).toBe(said);
  expect(words({ texts: [novel] })).toBe(`${said} of novel.txt`);
  expect(words({ request: { ...request, texts: [novel] }, texts: [novel] })).toBe(said);
  expect(words({ request: { ...request, texts: [novel] }, texts: [] })).toBe(
    `${said} of the lab’s corpus`,
  );
  expect(words({ metrics: null })).toBeNull();
});
