import { describe, expect, it } from "vitest";
import type { LensFacts } from "../../src/core/prediction.ts";
import { newLens } from "../../src/lab/lens-figure.ts";
import { referenceInto } from "../../src/math/distribution.ts";
import {
  chanceScale,
  chanceText,
  chanceValues,
  rangeScale,
} from "../../src/panels/explore/chances.ts";
import {
  lensScale,
  lensText,
  lensValues,
  sayLens,
} from "../../src/panels/explore/lens/measures.ts";
import { lensTable } from "../../src/panels/explore/lens/table.ts";

const of = (...p: number[]) => Float32Array.from(p, (v) => Math.log(v));
/** Two states, two positions, three tokens; the first state's second cell is not computed. Token 1 follows. */
function facts(): LensFacts {
  const tokens = { ids: [0, 1], strings: ["a", " b"], truncatedFrom: null, warnings: [] };
  const words = (ids: readonly number[]) => ids.map((id) => ["a", " b", "c"][id]!);
  const { facts, read } = newLens(tokens, ["0_pre", "final_post"], { k: 2, tracked: [2], words });
  const final = of(1 / 4, 1 / 2, 1 / 4);
  const q = referenceInto(final, new Float32Array(3));
  read({ state: 1, position: 0 }, final, q);
  read({ state: 1, position: 1 }, final, q);
  read({ state: 0, position: 0 }, of(1 / 2, 1 / 4, 1 / 4), q);
  return facts;
}

describe("a cell of the lens", () => {
  it("by hand: what is likeliest, entropy, KL from the end, chances", () => {
    const lens = facts();
    expect([...lens.topIds]).toEqual([0, 1, -1, -1, 1, 0, 1, 0]);
    expect([...lensValues(lens, "entropy", null)].map((v) => Math.round(v * 1e4) / 1e4)).toEqual([
      1.5,
      NaN,
      1.5,
      1.5,
    ]);
    // Σ q log₂ (q/p) = ¼ log₂ ½ + ½ log₂ 2
    expect(lens.divergence[0]).toBeCloseTo(0.25, 6);
    expect(lens.divergence[2]).toBe(0);
    expect([...lens.next.rank]).toEqual([2, NaN, 1, NaN]);
    expect([...lens.tracked[0]!.rank]).toEqual([2, NaN, 2, 2]);
  });
  it("is said in words, as a text and as a colour; one that is not computed has none", () => {
    const lens = facts();
    expect(sayLens(lens, "top", null, 0)).toBe("a 50.00 %, entropy 1.50 bits, KL 0.25 bits");
    expect(sayLens(lens, "top", null, 1)).toBe("not computed yet");
    expect(sayLens(lens, "rank", 2, 3)).toBe("25.00 %, rank 2, logit -1.386; likeliest ·b 50.00 %");
    expect(sayLens(lens, "rank", 7, 3)).toBe("not computed yet"); // is not tracked here
    expect(lensText(lens, "top", null, 2)).toBe("·b");
    expect(lensText(lens, "kl", null, 0)).toBe("0.3");
    expect([...lensValues(lens, "top", null)].map((v) => Math.round(v * 10) / 10)).toEqual([
      0.5,
      NaN,
      0.5,
      0.5,
    ]);
    expect([...lensValues(lens, "probability", 7)]).toEqual([NaN, NaN, NaN, NaN]);
    const values = { a: lens.entropy, b: null };
    expect(lensScale("entropy", values, 8)).toEqual({ low: 0, high: 3 });
    expect(lensScale("top", values, 8)).toEqual({ low: 0, high: 1 });
  });
  it("is a row of the table; what there is not is null, and what is not computed is not there", () => {
    const { columns, rows } = lensTable({ a: facts(), b: null });
    expect(rows).toHaveLength(3);
    expect(rows.every((row) => row.length === columns.length)).toBe(true);
    expect(rows[0]!.slice(0, 5)).toEqual(["a", "0_pre", 0, "a", "a"]);
    const at = columns.indexOf("rank of next");
    expect(rows.map((row) => row[at])).toEqual([2, 1, null]);
    expect(columns.at(-3)).toBe("rank of c");
  });
});

describe("chances as colours", () => {
  const chances = {
    logit: Float32Array.of(-3, 2, NaN),
    probability: Float32Array.of(0.001, 0.5, NaN),
    rank: Float32Array.of(100, 1, NaN),
  };
  it("the likeliest rank is the darkest, the last of the vocabulary the palest", () => {
    const values = chanceValues("rank", chances);
    expect([...values]).toEqual([-2, -0, NaN]);
    expect(chanceScale("rank", { a: values, b: null }, 1000)).toEqual({ low: -3, high: 0 });
  });
  it("logits go from the smallest to the largest, probabilities from 0", () => {
    const { logit, probability } = chances;
    const wider = Float32Array.of(-7, 0, 1);
    expect(chanceScale("logit", { a: logit, b: wider }, 9)).toEqual({ low: -7, high: 2 });
    expect(chanceScale("probability", { a: probability, b: null }, 9)).toEqual({
      low: 0,
      high: 0.5,
    });
    expect(rangeScale(Float32Array.of(NaN))).toEqual({ low: 0, high: 1 });
    expect(rangeScale(Float32Array.of(4, 4))).toEqual({ low: 3, high: 4 });
  });
  it("have short texts", () => {
    expect([0, 1].map((i) => chanceText("probability", chances, i))).toEqual(["0.1 %", "50 %"]);
    expect(chanceText("rank", chances, 0)).toBe("100");
    expect(chanceText("logit", chances, 0)).toBe("-3.0");
  });
});
