/** Formulas are read as arithmetic is, told where they are wrong, and have the slopes that differences find. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  evaluateFormula,
  FORMULA_NAMES,
  formulaAsPython,
  type FormulaName,
  namesIn,
  parseFormula,
  unitOf,
} from "../../src/core/metric-formula.ts";

const AT: Record<FormulaName, number> = {
  ...{ logitDiff: 3, logProb: -0.5, prob: 0.6, probDiff: 0.25, rank: 2, kl: 0.125 },
};
const valueOf = (text: string) => evaluateFormula(parseFormula(text), (name) => AT[name]).value;

it.each([
  ["2 * logitDiff + 1", "logits"],
  ["-kl", "nats"],
  ["logProb - 0.5 * kl", "nats"],
  ["logitDiff - 0.5 * kl", null],
  ["logitDiff + prob", null],
  ["prob * (logProb - kl) / rank", "nats"],
  ["logitDiff * logitDiff / kl", "logits^2/nats"],
  ["kl * logitDiff", "logits·nats"],
  ["1 / kl", "1/nats"],
  ["logitDiff / logitDiff", ""],
  ["exp(logProb) + ln(prob)", ""],
  ["kl + (2 + 3 * 4)", "nats"],
  ["(kl + prob) * 2", null],
  ["exp(kl + prob)", null],
])("the unit of %s is %s", (text, unit) => expect(unitOf(parseFormula(text))).toBe(unit));

describe("a formula", () => {
  it.each([
    ["logitDiff", 3],
    ["logitDiff - 0.5 * kl", 3 - 0.0625],
    ["logitDiff − 2 × rank − 1", -2],
    ["8 / rank / 2", 2],
    ["8 / (rank / 2)", 8],
    ["-prob + 1e1", 9.4],
    ["2*-kl", -0.25],
    ["exp(ln(prob)) · 2", 1.2],
    ["((probDiff))", 0.25],
    ["3.5 - .5 - rank", 1],
  ])("%s is %d", (text, wanted) => expect(valueOf(text)).toBeCloseTo(wanted, 12));

  it.each([
    ["", /at its end \(character 1\)/],
    ["logitDiff +", /at its end/],
    ["logitDiff + loss", /at "loss" \(character 13\).*logitDiff, logProb, prob/],
    ["prob prob", /at "prob" \(character 6\)/],
    ["exp prob", /at "prob" \(character 5\)/],
    ["(prob", /at its end/],
    ["prob ^ 2", /at "\^" \(character 6\)/],
    ["1 + 2", /names no metric/],
    ["prob".padEnd(300), /300 characters, at most 200/],
  ])("that is wrong is told where: %s", (text, message) =>
    expect(() => parseFormula(text)).toThrow(message),
  );

  it("has the slopes that differences find", () => {
    const formula = parseFormula("exp(prob) * logitDiff / (1 + kl) - ln(rank) * prob + logProb");
    const { slopes } = evaluateFormula(formula, (name) => AT[name]);
    for (const name of namesIn(formula)) {
      const at = (step: number) =>
        evaluateFormula(formula, (n) => AT[n] + (n === name ? step : 0)).value;
      expect(slopes.get(name)).toBeCloseTo((at(1e-5) - at(-1e-5)) / 2e-5, 6);
    }
    expect([...slopes.keys()].sort()).toEqual(
      ["kl", "logProb", "logitDiff", "prob", "rank"].sort(),
    );
  });

  it("of sums and products is what JavaScript makes of it, and Python reads the same", () => {
    const part = fc.constantFrom(...FORMULA_NAMES, "2", "0.5");
    const pieces = fc.array(fc.tuple(fc.constantFrom("+", "-", "*", "/"), part), { maxLength: 6 });
    fc.assert(
      fc.property(pieces, (rest) => {
        const text = `prob ${rest.flat().join(" ")}`;
        const flat = text.replace(/[a-zA-Z]+/g, (name) => `(${AT[name as FormulaName]})`);
        expect(valueOf(text)).toBeCloseTo(byHand(flat.split(" ")), 9);
        expect(valueOf(formulaAsPython(parseFormula(text)))).toBeCloseTo(valueOf(text), 9);
      }),
      { numRuns: 50, seed: 7 },
    );
  });
});

/** Products first, then sums, from the left. */
function byHand([first, ...rest]: string[]): number {
  const number = (text: string) => Number(text.replace(/[()]/g, ""));
  const terms = [number(first!)];
  for (let i = 0; i + 1 < rest.length; i += 2) {
    const value = number(rest[i + 1]!);
    const last = terms.length - 1;
    if (rest[i] === "*") terms[last]! *= value;
    else if (rest[i] === "/") terms[last]! /= value;
    else terms.push(rest[i] === "+" ? value : -value);
  }
  return terms.reduce((a, b) => a + b, 0);
}
