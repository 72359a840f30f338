import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { NEURON_MEASURES } from "../../src/core/neurons.ts";
import { topNeurons } from "../../src/math/top-neurons.ts";

describe("the strongest neurons of each token", () => {
  // Two tokens, layer 1 with three neurons, layer 4 with two.
  const layers = [
    {
      layer: 1,
      post_Tm: Float32Array.of(1, -5, 2, 0, 3, -1),
      writeNorm_m: Float32Array.of(1, 1, 4),
    },
    { layer: 4, post_Tm: Float32Array.of(2, 9, -7, 3), writeNorm_m: Float32Array.of(2, 0.5) },
  ];
  const named = (measure: (typeof NEURON_MEASURES)[number], n: number) => {
    const found = topNeurons(layers, 2, measure, n);
    return [0, 1].map((t) =>
      Array.from(
        { length: found.n },
        (_, i) =>
          `${found.layers[t * found.n + i]}.${found.neurons[t * found.n + i]}=${found.activations[t * found.n + i]}`,
      ).join(" "),
    );
  };
  it("by activation, by size, by what they write", () => {
    expect(named("activation", 3)).toEqual(["4.1=9 1.2=2 4.0=2", "1.1=3 4.1=3 1.0=0"]);
    expect(named("size", 3)).toEqual(["4.1=9 1.1=-5 1.2=2", "4.0=-7 1.1=3 4.1=3"]);
    expect(named("write", 3)).toEqual(["1.2=2 1.1=-5 4.1=9", "4.0=-7 1.2=-1 1.1=3"]);
  });
  it("gives no more than there are, and refuses what is no count", () => {
    expect(topNeurons(layers, 2, "size", 99).n).toBe(5);
    expect(() => topNeurons(layers, 2, "size", 0)).toThrow(/whole number from 1/);
    expect(() => topNeurons(layers, 4, "size", 2)).toThrow(/do not fit/);
  });
  it("agrees with sorting all of them", () => {
    const number = fc.double({ min: -4, max: 4, noNaN: true }).map((x) => Math.round(x * 2) / 2);
    const input = fc.record({
      T: fc.integer({ min: 1, max: 3 }),
      m: fc.integer({ min: 1, max: 5 }),
      n: fc.integer({ min: 1, max: 7 }),
      measure: fc.constantFrom(...NEURON_MEASURES),
      numbers: fc.array(number, { minLength: 60, maxLength: 60 }),
    });
    fc.assert(
      fc.property(input, ({ T, m, n, measure, numbers }) => {
        const given = [0, 1].map((layer) => ({
          layer,
          post_Tm: Float32Array.from(numbers.slice(layer * 20, layer * 20 + T * m)),
          writeNorm_m: Float32Array.from(numbers.slice(40, 40 + m), Math.abs),
        }));
        const found = topNeurons(given, T, measure, n);
        for (let t = 0; t < T; t++) {
          const all = given.flatMap(({ layer, post_Tm, writeNorm_m }) =>
            Array.from({ length: m }, (_, i) => {
              const a = post_Tm[t * m + i]!;
              const score =
                measure === "activation"
                  ? a
                  : Math.abs(a) * (measure === "write" ? writeNorm_m[i]! : 1);
              return { layer, neuron: i, a, score };
            }),
          );
          all.sort((x, y) => y.score - x.score || x.layer - y.layer || x.neuron - y.neuron);
          all.slice(0, n).forEach((entry, i) => {
            const at = t * found.n + i;
            expect([found.layers[at], found.neurons[at]]).toEqual([entry.layer, entry.neuron]);
            expect([found.activations[at], found.scores[at]]).toEqual([entry.a, entry.score]);
          });
        }
      }),
    );
  });
});
