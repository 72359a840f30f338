import { describe, expect, it } from "vitest";
import { continueText, predictionRows, totalProbability } from "../../src/charts/prediction.ts";

const prediction = {
  ids: [5, 9, 2],
  strings: [" a", " the", "."],
  logits: [3, 2, 1],
  probabilities: [0.5, 0.25, 0.125],
};

describe("next-token rows", () => {
  it("carry probability, logit and surprisal, and mark how the text goes on", () => {
    const rows = predictionRows(prediction, 9);
    expect(rows.map(({ surprisal }) => surprisal)).toEqual([1, 2, 3]);
    expect(rows.map(({ actual }) => actual)).toEqual([false, true, false]);
    expect(totalProbability(rows)).toBe(0.875);
    expect(predictionRows(prediction, null).some(({ actual }) => actual)).toBe(false);
  });
});

describe("continuing the prompt with a token", () => {
  const strings = ["<|endoftext|>", "The", " cat", " sat"];

  it("cuts it after the position; BOS is no text", () => {
    expect(continueText("The cat sat", strings, 3, " on")).toBe("The cat sat on");
    expect(continueText("The cat sat", strings, 1, " dog")).toBe("The dog");
    expect(continueText("The cat sat", strings, 0, "A")).toBe("A");
    expect(continueText("The cat sat", strings.slice(1), 1, " ran")).toBe("The cat ran");
  });

  it("refuses what cannot be written: half a character, a special token, a cut inside one", () => {
    expect(continueText("The cat sat", strings, 3, "\udcc3")).toBeNull();
    expect(continueText("The cat sat", strings, 3, "<|endoftext|>")).toBeNull();
    expect(continueText("é", ["<|endoftext|>", "\udcc3", "\udca9"], 1, "x")).toBeNull();
  });
  it("completes a character that the cut has begun", () => {
    expect(continueText("aé", ["a", "\udcc3", "\udca9"], 1, "\udca8")).toBe("aè");
    expect(continueText("aé", ["a", "\udcc3", "\udca9"], 2, "!")).toBe("aé!");
  });
});
