/** Snippets of the attention figures and of head scores. */
import { describe, expect, it } from "vitest";
import { DIAGONAL_SCORES, PATTERN_SCORES } from "../../src/core/head-scores.ts";
import { attentionPython } from "../../src/python/attention.ts";
import { promptScorePython, repeatScorePython } from "../../src/python/head-scores.ts";
import { expectPython } from "./check.ts";
import { BENCHES, FACTS } from "./facts.ts";

const OPTIONS = {
  ...{ length: null, rows: 3, seed: 7, prependBos: false },
  ...{ excludeFirst: false, excludeCurrent: false },
};

describe.each(BENCHES)("on %s", (_, facts) => {
  const { n_layer } = facts.model.config;
  it.each(["pattern", "scores", "value", "output"] as const)("%s can be run", (shown) => {
    const sets = ["each", "layer", "index", "all"] as const;
    const units = [
      { layer: 1, head: 2 },
      { layer: 1, head: null },
      { layer: null, head: 2 },
    ];
    for (const of of [...sets, ...units]) {
      expectPython(attentionPython(facts, { shown, of }), { n_layer });
    }
  });
  it.each(PATTERN_SCORES)("%s can be run", (score) => {
    expectPython(promptScorePython(facts, score, OPTIONS), { n_layer });
    const exclude = { excludeFirst: true, excludeCurrent: true };
    expectPython(promptScorePython(facts, score, exclude), { n_layer });
  });
  it.each([...PATTERN_SCORES, ...DIAGONAL_SCORES])("%s on repeats can be run", (score) => {
    expectPython(repeatScorePython(facts, score, OPTIONS, 50), { n_layer });
  });
});

it("says of what, and how often", () => {
  const one = { shown: "output", of: { layer: 3, head: 4 } } as const;
  const code = attentionPython(FACTS, one);
  expect(code).toContain('torch.einsum("lkhd,lhdm->lkhm", values, model.W_O)');
  expect(code).toContain("drawn = drawn[3, 4]\n");
  const repeats = repeatScorePython(
    FACTS,
    "inductionDiagonal",
    { ...OPTIONS, prependBos: true },
    50,
  );
  expect(repeats).toContain("torch.randint(0, 8191, (3, 50)");
  expect(repeats).toContain("torch.full((3, 1), 8191");
  expect(repeats).toContain("diagonal(offset=-49, dim1=-2, dim2=-1)");
});
