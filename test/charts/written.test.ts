import { expect, it } from "vitest";
import { meanSurprisal, type Step, stepRows, surpriseShades } from "../../src/charts/written.ts";

const step = (id: number, probability: number): Step => ({
  ...{ id, string: `t${id}`, probability, rank: 1, chosen: false },
  alternatives: {
    ids: [5, 6],
    strings: ["t5", "t6"],
    logits: [3, 3 - Math.log(2)],
    probabilities: [0.5, 0.25],
  },
});

it("shades by surprisal, at most fully", () => {
  expect(surpriseShades([step(1, 1), step(2, 2 ** -5), step(3, 2 ** -10), step(4, 1e-9)])).toEqual([
    0, 0.5, 1, 1,
  ]);
});

it("tells mean surprisal and perplexity, and nothing of no tokens", () => {
  expect(meanSurprisal([step(1, 0.5), step(2, 0.125)])).toEqual({ bits: 2, perplexity: 4 });
  expect(meanSurprisal([])).toBeNull();
});

it("lists what could have come, with what came", () => {
  expect(stepRows(step(6, 0.25)).map(({ id, actual }) => [id, actual])).toEqual([
    [5, false],
    [6, true],
  ]);
  const [, , far] = stepRows(step(9, 0.125));
  expect(far).toMatchObject({ id: 9, token: "t9", actual: true, surprisal: 3 });
  expect(far!.logit).toBeCloseTo(3 - Math.log(4), 12); // a quarter of the likeliest's probability
});
