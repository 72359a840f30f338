/** Python of the prediction figures and of the logit lens: it parses and names only what there is. */
import { describe, expect, it } from "vitest";
import { lensPython, surprisePython, trackedPython } from "../../src/python/prediction.ts";
import { nextTokenPython } from "../../src/python/next-token.ts";
import { expectPython, pythonStrings } from "./check.ts";
import { BENCHES, FACTS } from "./facts.ts";

const texts = [" Mary", 'a "quoted" one'];

describe.each(BENCHES)("of %s", (_, facts) => {
  const { n_layer } = facts.model.config;
  it.each([
    ["losses", surprisePython(facts)],
    ["next tokens", nextTokenPython(facts, { a: 3, b: 2 }, 7, 0.5)],
    ["a position that one side lacks", nextTokenPython(facts, { a: 3, b: null }, 7)],
    ["tracked tokens", trackedPython(facts, { texts, temperature: 2 })],
    ["the lens", lensPython(facts, { texts, mid: true })],
    ["the lens without tokens", lensPython(facts, { texts: [], mid: false })],
  ])("%s can be run", (_, code) => {
    expectPython(code, { n_layer });
  });
});

it("has the figure's own settings in it", () => {
  expect(pythonStrings(trackedPython(FACTS, { texts, temperature: 1 }))).toEqual(
    expect.arrayContaining(texts),
  );
  const next = nextTokenPython(FACTS, { a: 3, b: null }, 7, 0.5);
  expect(next).toContain("position = 3\n");
  expect(next).toContain("logits[0, position] / 0.5");
  expect(next).toContain(".topk(7)");
  expect(lensPython(FACTS, { texts, mid: false })).toContain("incl_mid=False");
});
