/** Sentences of the worked example say what the numbers say, and nothing where there are none. */
import { describe, expect, it } from "vitest";
import {
  baselineSentence,
  circuitSentence,
  placeSentence,
  rolesCircuit,
  rolesSentence,
  strongestSentence,
} from "../../src/charts/guide-sentences.ts";
import type { PatchCells } from "../../src/charts/patch-grid.ts";
import type { RoleRow } from "../../src/charts/role-rows.ts";
import type { PairBaseline } from "../../src/core/task.ts";

const pair = (clean: number, corrupted: number) =>
  ({
    clean: { values: { logitDiff: clean }, top: [] },
    corrupted: { values: { logitDiff: corrupted }, top: [] },
  }) as unknown as PairBaseline;
const cells = (means: readonly (number | null)[]): PatchCells => ({
  stats: means.map((mean) => (mean === null ? null : { n: 1, mean, error: null })),
  means: new Float32Array(0),
  scale: { low: -1, high: 1 },
});

it("the baseline counts the right ones and takes both means", () => {
  expect(baselineSentence([pair(3, -1), null, pair(-1, -3)])).toBe(
    "The answer is above the wrong name in 1 of 2 clean prompts. The difference is 1.00 logits on average, and −2.00 in the corrupted ones.",
  );
  expect(baselineSentence([null])).toBeNull();
});

it("places: where it is first, where last, and from which layer on", () => {
  const found = cells([0.9, 0.1, 0.6, 0.3, 0.2, 0.8]);
  expect(placeSentence(found, ["L0", "L1", "L2"], ["S2", "END"])).toBe(
    "Before L0 the stream at “S2” brings back 0.90 of the metric, before L2 the one at “END” 0.80: from L2 on it is there.",
  );
  expect(placeSentence(cells([0.9, 0.1]), ["L0"], ["S2", "END"])).toMatch(/in the last layer too/);
  expect(placeSentence(cells([null, null]), ["L0"], ["S2", "END"])).toBeNull();
});

it("the strongest by size, and roles as a sentence and as a circuit", () => {
  const name = (cell: number) => `0.${cell}`;
  expect(strongestSentence(cells([0.1, -2, null, 1]), 0, name, "Most is in")).toBe(
    "Most is in 0.1 (−2.00), 0.3 (1.00) and 0.0 (0.10).",
  );
  expect(strongestSentence(cells([0.00123, -0.0004]), 0, name, "Most is in")).toBe(
    "Most is in 0.0 (0.0012) and 0.1 (−0.00040).",
  );
  expect(strongestSentence(cells([null]), 0, name, "Most is in")).toBeNull();
  const row = (head: number, roles: string[]) =>
    ({
      evidence: { layer: 2, head },
      roles: roles.map((role) => ({ role })),
    }) as unknown as RoleRow;
  const rows = [row(0, ["previous", "mover"]), row(1, []), row(2, ["mover"])];
  const label = (role: string) => (role === "mover" ? "name mover" : role);
  expect(rolesSentence(rows, label)).toBe("Proposed: previous 2.0; name mover 2.0, 2.2.");
  expect(rolesCircuit(rows, label)).toBe("name mover: 2.0 2.2");
  expect(rolesSentence([rows[1]!], label)).toMatch(/No head meets/);
});

describe("a circuit of edges", () => {
  it("is told by its size, its strongest edges, and what of the paper's is in it", () => {
    const own = { edges: 40, nodes: 12, strongest: ["m0->a1.h2<q>", "a1.h2->logits"] };
    expect(circuitSentence(own, null)).toBe(
      "40 edges between 12 heads and MLPs are left; the strongest are m0->a1.h2<q> and a1.h2->logits.",
    );
    expect(circuitSentence(own, { found: 15, all: 26 })).toMatch(
      /Of the paper’s 26 heads 15 are among them\.$/,
    );
    expect(circuitSentence({ ...own, edges: 0 }, null)).toMatch(/^No edge/);
  });
});
