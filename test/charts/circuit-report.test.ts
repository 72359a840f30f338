/** A circuit's numbers out of what was found, and what is said of them: each condition on both of its sides. */
import { describe, expect, it } from "vitest";
import { circuitReport, judge, nullHistogram } from "../../src/charts/circuit-report.ts";
import { verdict, type VerdictFacts } from "../../src/charts/circuit-verdict.ts";
import type { UnitSet, VerifyFinding } from "../../src/core/verify.ts";

const by = (...values: number[]) => Float64Array.from(values);
// F(M) = 4, F(∅) = −1: a span of 5
const ends = (circuit: Float64Array): VerifyFinding => ({
  ...{ kind: "ends", full: by(3, 5, 4), circuit, empty: by(-2, 0, -1), leastReferences: 12 },
});
const set = (kind: UnitSet["kind"], name: string, units: number[]): UnitSet => ({
  ...{ kind, name, units },
});
const subset = (name: string, circuit: number, model: number, units = [0]): VerifyFinding => ({
  ...{ kind: "subset", set: set("class", name, units) },
  ...{ circuit: by(circuit), model: by(model) },
});
const needed = (unit: number, before: number, after: number): VerifyFinding => ({
  ...{ kind: "needed", unit, set: set("none", "nothing", []) },
  ...{ before: by(before), after: by(after) },
});
const random = (...values: number[]): VerifyFinding[] =>
  values.map((value) => ({ kind: "random", values: by(value) }));
const reportOf = (...found: VerifyFinding[]) => circuitReport(found)!;

describe("the report", () => {
  it("of unequal numbers by hand", () => {
    const report = reportOf(
      ...[ends(by(1, 4, 4)), subset("a", 1, 2.5), subset("b", 3, 1)],
      ...[needed(0, 2, 2.2), needed(1, 2, 0.5), ...random(3, 0, 4)],
    );
    expect(report.full).toMatchObject({ mean: 4, n: 3 });
    expect(report.full.error).toBeCloseTo(1 / Math.sqrt(3), 12);
    expect(report.gap).toBeCloseTo(1, 12);
    expect(report.ratio).toBeCloseTo(0.75, 12);
    expect(report.share!.mean).toBeCloseTo(0.8, 12);
    // (1+2, 4, 4+1)/5 = 0.6, 0.8, 1: s = 0.2
    expect(report.share!.error).toBeCloseTo(0.2 / Math.sqrt(3), 12);
    [0.8, 0.2, 1].forEach((value, i) => expect(report.random[i]).toBeCloseTo(value, 12));
    expect([report.asGood, report.p]).toEqual([2, 3 / 4]);
    expect(report.subsets.map(({ gap }) => gap)).toEqual([1.5, 2]);
    expect(report.subsets[1]!.share).toBeCloseTo(0.4, 12);
    expect(report.needed.map(({ unit }) => unit)).toEqual([1, 0]);
    expect(report.needed[0]!.share).toBeCloseTo(0.3, 12);
  });
  it("is not there before the ends, and has no share where they are equal", () => {
    expect(circuitReport(random(1))).toBeNull();
    const flat = reportOf(
      { ...ends(by(1, 1)), full: by(1, 2), empty: by(2, 1) } as VerifyFinding,
      ...[...random(1), subset("a", 1, 0), needed(0, 1, 1)],
    );
    expect(flat).toMatchObject({ share: null, p: null, random: [], error: { code: "degenerate" } });
    expect(judge(flat)).toMatchObject({ faithful: null, special: null, complete: null, idle: [] });
  });
});

describe("the judgement", () => {
  it.each([
    [-1.1, "little"],
    [-0.51, "little"],
    [-0.49, "part"],
    [1.49, "part"],
    [1.51, "most"],
    [3.49, "most"],
    [3.51, "close"],
    [4.49, "close"],
    [4.51, "beyond"],
  ] as const)("F(C) = %f is %s", (circuit, faithful) => {
    expect(judge(reportOf(ends(by(circuit, circuit, circuit)))).faithful).toBe(faithful);
  });
  it("a share of one pair, or of pairs that differ much, is vague", () => {
    const vague = (...values: number[]) => judge(reportOf(ends(by(...values)))).vague;
    expect(vague(2, 4, 3)).toBe(false); // (2 + 2, 4, 3 + 1)/5: all 0.8
    expect(vague(1, 4, 4)).toBe(true);
  });
  it("is of a span that could be nothing where it is below two of its standard errors", () => {
    // full − empty by pair: mean 2, s = 3: 3/√3 = 1.73; then mean 4
    const faint = (...full: number[]) =>
      judge(
        reportOf({ ...ends(by(1, 1, 1)), full: by(...full), empty: by(0, 0, 0) } as VerifyFinding),
      );
    expect(faint(-1, 2, 5).faint).toBe(true);
    expect(faint(1, 4, 7).faint).toBe(false);
    expect(
      judge(reportOf({ ...ends(by(1)), full: by(2), empty: by(0) } as VerifyFinding)).faint,
    ).toBe(false);
  });
  it("of random circuits: seldom as good, too often, or too few to tell", () => {
    const circuit = ends(by(3, 3, 3));
    const lower = (n: number) => random(...new Array<number>(n).fill(0));
    expect(judge(reportOf(circuit)).special).toBeNull();
    expect(judge(reportOf(circuit, ...lower(18))).special).toBe("few");
    expect(judge(reportOf(circuit, ...lower(19))).special).toBe("yes");
    expect(judge(reportOf(circuit, ...lower(37), ...random(3))).special).toBe("no");
    expect(judge(reportOf(circuit, ...lower(38), ...random(3))).special).toBe("yes");
  });
  it("of K: the widest gap, K = ∅ not among them", () => {
    const of = (...found: VerifyFinding[]) => judge(reportOf(ends(by(3, 3, 3)), ...found));
    expect(of(subset("nothing", 3, 0, []))).toMatchObject({ complete: null, worst: null });
    expect(of(subset("a", 1, 1.49))).toMatchObject({ complete: "yes" });
    expect(of(subset("a", 1, 1.49), subset("b", 1.51, 1))).toMatchObject({
      ...{ complete: "no", worst: { set: { name: "b" } } },
    });
  });
  it("of nodes: those below 1 % of the span", () => {
    const found = [needed(0, 1, 1.051), needed(1, 1, 1.049), needed(2, 1, 0)];
    expect(judge(reportOf(ends(by(3, 3, 3)), ...found)).idle).toEqual([1]);
  });
  it("of nodes by the paper's measure: those below 1 % of F(M), where that is not 0", () => {
    const report = reportOf(ends(by(2, 4, 3)), needed(0, 1, 1.045), needed(1, 1, 1.03));
    expect(report.needed.map(({ share }) => share)).toEqual([
      expect.closeTo(0.045 / 5, 12),
      expect.closeTo(0.03 / 5, 12),
    ]);
    expect(report.needed.map(({ ofModel }) => ofModel)).toEqual([
      expect.closeTo(0.045 / 4, 12),
      expect.closeTo(0.03 / 4, 12),
    ]);
    expect(judge(report)).toMatchObject({ idle: [0, 1], idleOfModel: [1] });
    const none = reportOf(
      { ...ends(by(3, 3, 3)), full: by(-1, 1, 0) } as VerifyFinding,
      needed(0, 1, 2),
    );
    expect(none.needed[0]!.ofModel).toBeNull();
    expect(judge(none).idleOfModel).toBeNull();
  });
});

describe("the verdict", () => {
  const facts: VerdictFacts = {
    ...{ metric: "logit difference", ablation: "mean", of: "nodes", withMlps: false, by: "layer" },
    ...{ names: ["9.6", "0.1"], prompts: { task: "Indirect object", seed: 1 } },
  };
  const text = (found: VerifyFinding[], patch: Partial<VerdictFacts> = {}) =>
    verdict(reportOf(...found), { ...facts, ...patch }, (v) => v.toFixed(2)).join(" ");
  const circuit = ends(by(2, 4, 3));

  it("says numbers, how many pairs, which ablation and which prompts, and is never certain", () => {
    const words = text([circuit]);
    expect(words).toContain("On 3 pairs of “Indirect object”, drawn anew (seed 1)");
    expect(words).toContain("every other head replaced by the mean over corrupted prompts");
    expect(words).toContain("F(M) = 4.00, F(C) = 3.00 ± 0.58, F(∅) = -1.00");
    expect(words).toContain("goes 80.0 % ±");
    expect(words).toContain("may say otherwise");
    expect(words).not.toMatch(/prove|certain|random circuit|nodes change/);
    expect(text([circuit], { prompts: { task: "x", seed: null } })).toContain(
      "on which the circuit may have been found",
    );
    expect(text([circuit], { withMlps: true, ablation: "zero" })).toContain(
      "every other head and MLP set to 0",
    );
  });
  it("says of a span that could be nothing that shares of it say little", () => {
    const found = { ...ends(by(1, 1, 1)), full: by(-1, 2, 5), empty: by(0, 0, 0) } as VerifyFinding;
    const words = text([found]);
    expect(words).toContain("F(M) − F(∅) = 2.00 ± 1.73, which could be nothing");
    expect(words).not.toContain("whole model does here");
    expect(words).not.toContain("random circuit");
    const more = text([found, ...random(0, 3, 1), needed(0, 3, 1), subset("mover", 1, 3)]);
    expect(more).toContain("random circuits and of removed parts is measured by the same way");
    expect(more).not.toMatch(/as well|So few|removed from both|nodes? change/);
  });
  it("says what of the tests was made, in the words of its outcome", () => {
    const words = text([
      ...[circuit, subset("mover", 1, 3), needed(0, 3, 1), needed(1, 3, 3)],
      ...random(0, 3, 1),
    ]);
    expect(words).toContain(
      "Of 3 random circuits with as many nodes in each layer, 1 does as well",
    );
    expect(words).toContain("So few cannot show");
    expect(words).toContain(
      "With K = mover removed from both, circuit and model differ: 1.00 against 3.00, 40.0 %",
    );
    expect(words).toContain("1 of 2 nodes change");
    expect(words).toContain("nothing here shows that 0.1 is needed");
  });
  it("says where a mean is of few prompts, and where nothing can be said", () => {
    expect(text([{ ...circuit, leastReferences: 2 } as VerifyFinding])).toContain(
      "as few as 2 prompts",
    );
    const flat = { ...circuit, full: by(1, 1, 1), empty: by(1, 1, 1) } as VerifyFinding;
    expect(text([flat])).toContain("cannot be said");
  });
});

it("the histogram of random circuits reaches to the circuit, and does not count it", () => {
  const { from, binWidth, counts } = nullHistogram([0.1, 0.12, 0.4], 0.9)!;
  expect(counts.reduce((a, b) => a + b, 0)).toBe(3);
  expect((from + counts.length) * binWidth).toBeGreaterThan(0.9);
  expect(nullHistogram([0.5], 0.5)!.counts).toEqual([1]);
});
