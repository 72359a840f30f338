import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { keyedRandom } from "../../src/math/keyed-random.ts";
import { candidates, penalised, sample } from "../../src/math/sampling.ts";

const all = { temperature: 1, topK: 0, topP: 1 };
/** p = 0.1 0.4 0.2 0.3 */
const logits = Float32Array.of(0.1, 0.4, 0.2, 0.3).map(Math.log);
const rounded = (values: number[]) => values.map((v) => Math.round(v * 1e5) / 1e5);

describe("candidates", () => {
  it.each<[string, Partial<typeof all>, number[], number[]]>([
    ["all, likeliest first", {}, [1, 3, 2, 0], [0.4, 0.3, 0.2, 0.1]],
    ["top-k renormalised", { topK: 2 }, [1, 3], [0.57143, 0.42857]],
    ["top-k larger than the vocabulary", { topK: 9 }, [1, 3, 2, 0], [0.4, 0.3, 0.2, 0.1]],
    ["top-p: the smallest set that reaches p", { topP: 0.65 }, [1, 3], [0.57143, 0.42857]],
    ["top-p below the likeliest keeps it", { topP: 0.01 }, [1], [1]],
    ["top-p of what top-k left", { topK: 3, topP: 0.75 }, [1, 3], [0.57143, 0.42857]],
    ["greedy", { temperature: 0 }, [1], [1]],
    [
      "a low temperature sharpens",
      { temperature: 0.5 },
      [1, 3, 2, 0],
      [0.53333, 0.3, 0.13333, 0.03333],
    ],
  ])("%s", (_, rule, ids, probabilities) => {
    const given = candidates(logits, { ...all, ...rule });
    expect(given.ids).toEqual(ids);
    expect(rounded(given.probabilities)).toEqual(probabilities);
  });
  it("refuses logits that are no numbers, even greedily", () => {
    expect(() => candidates(Float32Array.of(1, NaN), { ...all, temperature: 0 })).toThrow(/NaN/);
  });
});

describe("penalised", () => {
  const z = Float32Array.of(2, -1, 0, 4, -3);
  it("divides positive logits, multiplies negative ones, of what has been there, once", () => {
    expect([...penalised(z, [3, 1, 3, 3, 2], 2)]).toEqual([2, -2, 0, 2, -3]);
    expect([...penalised(z, [0, 4], 0.5)]).toEqual([4, -1, 0, 4, -1.5]);
  });
  it("leaves all of them alone at 1, and what has not been there always", () => {
    expect(penalised(z, [0, 1, 2, 3, 4], 1)).toBe(z);
    expect(penalised(z, [], 3)).toEqual(z);
  });
});

describe("sample", () => {
  it("lays the candidates side by side on [0, 1)", () => {
    const at = (u: number) => sample(logits, all, u);
    expect([0, 0.39, 0.41, 0.69, 0.71, 0.89, 0.91, 1 - 2 ** -32].map(at)).toEqual([
      1, 1, 3, 3, 2, 2, 0, 0,
    ]);
  });
  it("draws each token as often as it is likely (χ², 3 degrees of freedom, p > 0.001)", () => {
    const random = keyedRandom(5);
    const counts = [0, 0, 0, 0];
    const n = 20_000;
    for (let i = 0; i < n; i++) counts[sample(logits, all, random())]!++;
    const chi2 = [0.1, 0.4, 0.2, 0.3].reduce(
      (sum, p, i) => sum + (counts[i]! - n * p) ** 2 / (n * p),
      0,
    );
    expect(chi2).toBeLessThan(16.27);
  });
  it("draws only what the rule leaves, for any u", () => {
    const anyLogits = fc.array(fc.float({ min: -30, max: 30, noNaN: true }), {
      minLength: 1,
      maxLength: 30,
    });
    const rule = fc.record({
      temperature: fc.constantFrom(0, 0.2, 1, 3),
      topK: fc.integer({ min: 0, max: 8 }),
      topP: fc.constantFrom(0.1, 0.5, 0.9, 1),
    });
    const u = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    fc.assert(
      fc.property(anyLogits, rule, u, (values, r, luck) => {
        const z = Float32Array.from(values);
        const { ids, probabilities } = candidates(z, r);
        expect(ids).toContain(sample(z, r, luck));
        expect(probabilities.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 6);
        if (r.topK > 0) expect(ids.length).toBeLessThanOrEqual(r.topK);
      }),
    );
  });
});
