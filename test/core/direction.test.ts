import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseVector, phrasesOf } from "../../src/core/direction.ts";
import { readNeurons, writeNeurons } from "../../src/core/neurons.ts";

describe("a pasted vector", () => {
  it("is a list of numbers, or a list of one such list", () => {
    expect([...parseVector("[1, -2.5, 1e-3]", 3)]).toEqual([1, -2.5, Math.fround(1e-3)]);
    expect([...parseVector(" [[1,2]]\n", 2)]).toEqual([1, 2]);
    expect([...parseVector("[7]", 1)]).toEqual([7]);
    expect([...parseVector("1.0e+00 -2.5\n+3,4e-1\n", 4)]).toEqual([1, -2.5, 3, Math.fround(0.4)]);
  });
  it.each([
    ["", /nothing was given/],
    ["[1, 2", /no JSON/],
    ["{}", /this is an object/],
    ["3", /this is number 3/],
    ["null", /this is null/],
    ["[1]", /this has 1 entries/],
    ["[1,2,3]", /this has 3 entries/],
    ['[1,"2"]', /entry 1 is string "2"/],
    ["[1,null]", /entry 1 is null/],
    ["[1,[2]]", /entry 1 is a list/],
    ["[1e300,1]", /entry 0, 1e\+300, is too large/],
    ["[0,0]", /points nowhere/],
    ["[NaN,1]", /no JSON/],
  ])("%j is refused", (text, message) => {
    expect(() => parseVector(text, 2)).toThrow(
      expect.objectContaining({
        code: "bad-input",
        message: expect.stringMatching(message) as string,
      }),
    );
  });
  it("whatever is pasted, there is a finite vector of the right length or a LabError", () => {
    const anything = fc.oneof(fc.string(), fc.json(), fc.array(fc.double()).map(JSON.stringify));
    fc.assert(
      fc.property(anything, fc.integer({ min: 1, max: 4 }), (text, d) => {
        try {
          const vector = parseVector(text, d);
          expect(vector).toHaveLength(d);
          expect(vector.every(Number.isFinite)).toBe(true);
        } catch (e) {
          expect(e).toMatchObject({ name: "LabError", code: "bad-input" });
        }
      }),
    );
  });
  it("comes back as it was written", () => {
    const numbers = fc.array(fc.float({ noNaN: true, noDefaultInfinity: true }), { minLength: 1 });
    fc.assert(
      fc.property(numbers, (list) => {
        fc.pre(list.some((x) => x !== 0));
        const back = parseVector(JSON.stringify(list), list.length);
        back.forEach((x, i) => expect(x).toBeCloseTo(list[i]!, 30));
      }),
    );
  });
});

it("phrases: one a line, with the space that belongs to the word", () => {
  expect(phrasesOf(" king\r\nold man\n\n   \rqueen ")).toEqual([" king", "old man", "queen "]);
  expect(phrasesOf("")).toEqual([]);
});
it("neurons by name: both ways of writing, each once, nonsense left out", () => {
  expect(readNeurons("2.40, L1N7;2.40 x.3 1.2.3 99999.1 l0n5")).toEqual([
    { layer: 2, neuron: 40 },
    { layer: 1, neuron: 7 },
    { layer: 0, neuron: 5 },
  ]);
  expect(readNeurons(writeNeurons([{ layer: 3, neuron: 0 }]))).toEqual([{ layer: 3, neuron: 0 }]);
});
