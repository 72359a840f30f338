/** The snippets of a circuit's tests name only what there is, for every ablation and test. */
import { describe, expect, it } from "vitest";
import {
  CIRCUIT_ABLATIONS,
  RANDOM_BY,
  RANDOM_EDGES_BY,
  type VerifyQuestion,
} from "../../src/core/verify.ts";
import { verifyEdgesPython } from "../../src/python/verify-edges.ts";
import { verifyPython } from "../../src/python/verify.ts";
import { expectPython } from "./check.ts";
import { BENCHES, FACTS } from "./facts.ts";

const question: VerifyQuestion = {
  pairs: [
    { clean: [3, 4, 5], corrupted: [3, 6, 5], answers: [7], wrong: [8, 9], places: [[1], []] },
    { clean: [3, 2, 5], corrupted: [3, 6, 5], answers: [7], wrong: [8], places: [[1], []] },
  ],
  references: [{ ids: [3, 1, 5], places: [[1], []] }],
  ...{ metric: "logitDiff", ablation: "mean", withMlps: true, edges: null },
  units: [
    { layer: 0, head: 1, places: [0, 1] },
    { layer: 1, head: null, places: null },
  ],
  classes: [{ name: 'a "mover"', units: [0] }],
  ...{ random: { count: 5, by: "layer" }, subsets: 0, greedy: false, seed: 0 },
};

describe.each(BENCHES)("%s", (_, facts) => {
  it("every ablation and every test", () => {
    for (const ablation of CIRCUIT_ABLATIONS) {
      for (const by of RANDOM_BY) {
        for (const test of ["faithfulness", "completeness", "minimality"] as const) {
          const code = verifyPython(
            facts,
            { ...question, ablation, random: { count: 5, by } },
            test,
          );
          expectPython(code, facts.model.config);
        }
      }
    }
  });
});

describe.each(BENCHES)("edges, %s", (_, facts) => {
  it("every ablation and every test", () => {
    for (const ablation of CIRCUIT_ABLATIONS) {
      for (const by of RANDOM_EDGES_BY) {
        for (const test of ["faithfulness", "completeness", "minimality"] as const) {
          const code = verifyEdgesPython(
            facts,
            { ...question, edges: [0, 3, 7], units: [], ablation, random: { count: 5, by } },
            test,
          );
          expectPython(code, facts.model.config);
          expect(code).toContain('("input", "a0.h0<q>"),');
        }
      }
    }
  });
});

it("takes means over each prompt once, of its own template", () => {
  const code = verifyPython(FACTS, question, "faithfulness");
  expect(code.match(/^ {4}\(\[3, 6, 5\], \[\[1\], \[\]\]\),$/gm)).toHaveLength(1);
  expect(code).toContain("([3, 1, 5], [[1], []]),");
  expect(code).toContain("(1, None, None),");
  expect(verifyPython(FACTS, { ...question, withMlps: false }, "faithfulness")).toContain(
    "MLPs stay as they are",
  );
});
