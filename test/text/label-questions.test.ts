/** What a language model is asked about a feature, and its answers: good ones, odd ones, garbage. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  detectionQuestion,
  fuzzingQuestion,
  labelQuestion,
  markedPositions,
  markedText,
  readActivations,
  readChoices,
  readLabel,
  simulationQuestion,
  tenths,
} from "../../src/text/label-questions.ts";

const text = (tokens: string[], activations: number[]) => ({
  tokens,
  activations: Float32Array.from(activations),
});
const paris = text(["in", " Paris", " and", " Lyon", "\n"], [0, 10, 2, 4, 0]);

describe("a question", () => {
  it("marks the tokens above 30 % of the text’s largest activation, runs together", () => {
    expect(markedPositions(paris)).toEqual([1, 3]);
    expect(markedText(paris.tokens, [1, 3])).toBe("in<< Paris>> and<< Lyon>>\\n");
    expect(markedText(paris.tokens, [1, 2])).toBe("in<< Paris and>> Lyon\\n");
    expect(markedPositions(text(["a"], [0]))).toEqual([]);
  });
  it("tells activations as whole numbers of 0 to 10, of the largest among the examples", () => {
    expect([tenths(10, 10), tenths(2.4, 10), tenths(2.6, 10), tenths(-1, 10)]).toEqual([
      ...[10, 2, 3, 0],
    ]);
    const { messages } = labelQuestion([paris, text([" x"], [5])], [" France"]);
    expect(messages[1]!.content).toBe(
      'Example 1: in<< Paris>> and<< Lyon>>\\n\nActivations: " Paris" 10, " Lyon" 4\n\n' +
        'Example 2: << x>>\nActivations: " x" 5\n\n' +
        'Tokens that it makes likelier to come next: " France"',
    );
  });
  it("of detection shows texts without marks, of fuzzing with those given", () => {
    const detection = detectionQuestion("capitals", [paris, paris]).messages;
    expect(detection[1]!.content).toContain("active on: capitals\n\nText 1: in Paris and Lyon\\n");
    expect(detection[0]!.content).toContain("2 numbers");
    const fuzzing = fuzzingQuestion("capitals", [{ tokens: paris.tokens, marked: [0] }]).messages;
    expect(fuzzing[1]!.content).toContain("Text 1: <<in>> Paris");
  });
  it("of simulation names every token, so that the list can be as long", () => {
    const { messages } = simulationQuestion("capitals", paris);
    expect(messages[0]!.content).toContain("5 numbers");
    expect(messages[1]!.content).toContain('["in", " Paris", " and", " Lyon", "\\n"]');
  });
});

describe("an answer", () => {
  it.each([
    ["I think so.\nLABEL: names of capitals.", "names of capitals"],
    ["**LABEL:** “French cities”", "French cities"],
    ["label: one\nLABEL: two", "two"],
    ["<think>LABEL: no</think>\nFrench cities", "French cities"],
    ["- cities", "cities"],
  ])("for a label: %j", (answer, label) => expect(readLabel(answer)).toBe(label));
  it.each(["", " \n ", "LABEL: “”", "<think>never closed"])("without words: %j", (answer) =>
    expect(readLabel(answer)).toBeNull(),
  );
  it.each<[string, (boolean | null)[]]>([
    ["[1, 0, 1]", [true, false, true]],
    ["Text 1 … so: [true,false,True]", [true, false, true]],
    ["[0,0,0] no, wait: [1,0,1]", [true, false, true]],
    ["```json\n[1,\n0,\n1]\n```", [true, false, true]],
    ["[1, 0]", [null, null, null]],
    ["[1, 0, 2]", [null, null, null]],
    ["[1, 0, ]", [null, null, null]],
    ["1 0 1", [null, null, null]],
    ["", [null, null, null]],
  ])("with choices: %j", (answer, expected) => expect(readChoices(answer, 3)).toEqual(expected));
  it("with activations is read where it has as many as there are tokens, of 0 to 10", () => {
    expect(readActivations("[0, 10, 3.5]", 3)).toEqual([0, 10, 3.5]);
    for (const bad of ["[0, 11, 3]", "[0, -1, 3]", "[0, 1]", "[0, x, 1]", "[0, NaN, 1]"]) {
      expect(readActivations(bad, 3), bad).toBeNull();
    }
  });
  it("never does more than be read or not, whatever it is", () => {
    const part = fc.oneof(
      fc.string(),
      fc.constantFrom(
        "[",
        "]",
        "1",
        "0",
        ",",
        "LABEL:",
        "<think>",
        "</think>",
        "\n",
        "true",
        "1e9",
      ),
    );
    const answer = fc.array(part, { maxLength: 30 }).map((parts) => parts.join(""));
    fc.assert(
      fc.property(answer, fc.integer({ min: 1, max: 6 }), (said, n) => {
        expect(readChoices(said, n)).toHaveLength(n);
        const activations = readActivations(said, n);
        expect(activations?.every((v) => v >= 0 && v <= 10) ?? true).toBe(true);
        const label = readLabel(said);
        expect(label === null || (label.trim() !== "" && label.length <= 200)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});
