/** The definitions by hand, on means over unequal numbers; random circuits keep what they are said to keep. */
import { describe, expect, it } from "vitest";
import type { CircuitUnit } from "../../src/core/verify.ts";
import {
  empiricalP,
  faithfulnessEnds,
  faithfulnessGap,
  faithfulnessRatio,
  incompleteness,
  minimality,
  normalisedFaithfulness,
  randomCircuit,
  randomSubset,
} from "../../src/math/circuit-tests.ts";
import { keyedRandom } from "../../src/math/keyed-random.ts";

describe("definitions", () => {
  // F(M) = 4, F(C) = 3, F(∅) = −1
  const [full, circuit, empty] = [
    [3, 5, 4],
    [1, 4, 4],
    [-2, 0, -1],
  ];
  it("faithfulness", () => {
    expect(faithfulnessGap(full, circuit)).toBeCloseTo(1, 12);
    expect(faithfulnessRatio(full, circuit)).toBeCloseTo(0.75, 12);
    const ends = faithfulnessEnds(full, empty);
    expect(normalisedFaithfulness(circuit, ends)).toBeCloseTo(0.8, 12);
    expect(normalisedFaithfulness(full, ends)).toBe(1);
    expect(normalisedFaithfulness(empty, ends)).toBe(0);
  });
  it("where a metric falls as the model does better, too", () => {
    const ends = faithfulnessEnds([0, 0], [2, 4]);
    expect(normalisedFaithfulness([1, 0.2], ends)).toBeCloseTo(0.8, 12);
    expect(faithfulnessRatio([0, 0], [1, 2])).toBeNull();
  });
  it("completeness and minimality, of either sign", () => {
    expect(incompleteness([1, 2], [4, 5])).toBe(3);
    expect(incompleteness([4, 5], [1, 2])).toBe(3);
    expect(minimality([2, 2, 2], [1, 2, 0])).toBe(1);
  });
  it("p counts the circuit itself, and ties against it", () => {
    expect(empiricalP(0.8, [0.1, 0.8, 0.9, 0.2])).toBeCloseTo(3 / 5, 12);
    expect(empiricalP(0.8, [])).toBe(1);
    expect(empiricalP(2, new Array<number>(99).fill(0))).toBeCloseTo(0.01, 12);
  });
  it("cannot be said where the empty circuit does as the model, or without pairs", () => {
    expect(() => faithfulnessEnds([1, 2], [2, 1])).toThrow(/every node of the graph left out/);
    expect(() => faithfulnessGap([], [])).toThrow(/no pair/);
  });
});

describe("random circuits", () => {
  const sizes = { n_layer: 5, n_head: 3 };
  const unit = (layer: number, head: number | null, places: number[] | null): CircuitUnit => ({
    ...{ layer, head, places },
  });
  const units = [unit(0, 1, [2]), unit(0, 2, null), unit(4, 0, [0, 1]), unit(4, 0, [3])];
  const withMlps = [...units, unit(1, null, null), unit(2, null, null)];

  it("by layer keep the number of heads of each, by any that of all; positions stay with the node", () => {
    const seen = new Set<string>();
    for (let seed = 0; seed < 40; seed++) {
      for (const by of ["layer", "any"] as const) {
        const found = randomCircuit(withMlps, sizes, by, keyedRandom(seed));
        expect(found.map(({ places }) => places)).toEqual(withMlps.map(({ places }) => places));
        const names = found.map(({ layer, head }) => `${layer}.${head}`);
        // The head that is there twice, for two places, is one head again.
        expect(names[2]).toBe(names[3]);
        expect(new Set(names).size).toBe(5);
        if (by === "layer")
          expect(found.map(({ layer }) => layer).slice(0, 4)).toEqual([0, 0, 4, 4]);
        expect(found.every(({ layer, head }) => layer < 5 && (head === null || head < 3))).toBe(
          true,
        );
        seen.add(`${by} ${names.join()}`);
      }
    }
    expect(seen.size).toBeGreaterThan(60);
    const again = () => randomCircuit(units, sizes, "any", keyedRandom(7));
    expect(again()).toEqual(again());
  });

  it("random parts have about half of the nodes", () => {
    const counts = Array.from({ length: 200 }, (_, i) => randomSubset(9, keyedRandom(i)).length);
    const mean = counts.reduce((a, b) => a + b, 0) / counts.length;
    expect(mean).toBeGreaterThan(4.1);
    expect(mean).toBeLessThan(4.9);
  });
});
