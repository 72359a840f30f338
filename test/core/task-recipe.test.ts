/** Recipes as typed, cases that a model gets wrong, roles marked by hand. */
import { describe, expect, it } from "vitest";
import { casePair, matchCases, readCases } from "../../src/core/task-cases.ts";
import { LIBRARY, LIBRARY_IDS } from "../../src/core/task-library.ts";
import { readRecipe, writeRecipe } from "../../src/core/task-recipe.ts";
import { tokenSpan, withRole } from "../../src/core/task-roles.ts";
import type { TaskPair } from "../../src/core/task.ts";

describe("a typed recipe", () => {
  const typed = {
    ...{ clean: "{A} and {B}", corrupted: "{B} and {A}", answers: "{A} | Tom", wrong: '"{B}"' },
    lists: "A, B = Mary/she John/he\n\nC = New_York, Rome",
  };
  it("has its slots, its rows, and answers with the space of a word", () => {
    expect(readRecipe(typed)).toEqual({
      name: "My templates",
      templates: [
        {
          ...{ clean: "{A} and {B}", corrupted: "{B} and {A}" },
          ...{ answers: [" {A}", " Tom"], wrong: [" {B}"] },
        },
      ],
      slots: { A: "A, B", B: "A, B", C: "C" },
      lists: {
        "A, B": [
          ["Mary", "she"],
          ["John", "he"],
        ],
        C: [["New York"], ["Rome"]],
      },
    });
  });
  it("says which line is none", () => {
    const lists = (text: string) => () => readRecipe({ ...typed, lists: text });
    expect(lists("A = x\nwords")).toThrow(/line 2 of the words: "words" is no list/);
    expect(lists("A = x\nA = y")).toThrow(/A has a list already/);
    expect(lists("A = x/y z")).toThrow(/"z" has another number of words than "x\/y"/);
    expect(lists("A b = x")).toThrow(/no list/);
  });
  it.each(LIBRARY_IDS)("%s can be shown in the fields and read back", (id) => {
    const { recipe } = LIBRARY[id];
    const back = readRecipe(writeRecipe(recipe));
    const { templates } = recipe;
    expect(back.templates).toEqual(templates.slice(0, 1));
    if (recipe.vocabulary === undefined)
      expect(Object.keys(back.slots)).toEqual(Object.keys(recipe.slots));
  });
});

describe("cases", () => {
  it("are read one a line", () => {
    expect(readCases("The capital of France is\tParis\nx\ty\tz", "right")).toEqual([
      { prompt: "The capital of France is", answers: [" Paris"], instead: [] },
      { prompt: "x", answers: [" y"], instead: [" z"] },
    ]);
    expect(() => readCases("a\tb\nc", "wrong")).toThrow(/wrong cases, line 2/);
    expect(() => readCases(" ", "wrong")).toThrow(/no wrong cases/);
  });
  it("a wrong one goes with the right one of its length that has its answer, then with the most like it", () => {
    const right = [
      { ids: [1, 2, 3], answers: [" a"] },
      { ids: [1, 2, 9], answers: [" b"] },
      { ids: [7, 7, 7], answers: [" c"] },
      { ids: [1, 2], answers: [" c"] },
    ];
    const wrong = [
      { ids: [1, 2, 4], answers: [" c"] },
      { ids: [1, 5, 9], answers: [" x"] },
      { ids: [1], answers: [" a"] },
      { ids: [1, 2, 3], answers: [" x"] }, // not itself
    ];
    expect(matchCases(right, wrong)).toEqual([2, 1, null, 1]);
  });
  it("their pair tells the right answer from what the model says", () => {
    const right = { prompt: "r", answers: [" Rome"], instead: [] };
    const wrong = { prompt: "w", answers: [" Oslo"], instead: [] };
    expect(casePair(right, wrong, [" Lima"])).toMatchObject({
      ...{ clean: "r", corrupted: "w", answers: [" Rome"], wrong: [" Lima"] },
    });
    expect(casePair(right, { ...wrong, instead: [" Bonn"] }, [" Lima"]).wrong).toEqual([" Bonn"]);
    expect(casePair(right, wrong, [" Rome"]).wrong).toEqual([]);
  });
});

describe("a role marked by hand", () => {
  const strings = ["<|endoftext|>", "When", " Mary", " and", " Z", "oë"];
  const pair: TaskPair = {
    ...{ clean: "When Mary and Zoë", corrupted: "x", answers: [], wrong: [], roles: [] },
  };
  it("is at the characters of the token, without its space", () => {
    expect(tokenSpan(strings, true, 2)).toEqual({ start: 5, end: 9 });
    expect(tokenSpan(strings, true, 5)).toEqual({ start: 15, end: 17 });
    expect(tokenSpan(strings, true, 0)).toBeNull();
    expect(tokenSpan(strings.slice(1), false, 0)).toEqual({ start: 0, end: 4 });
  });
  it("takes the place of the token's own, and goes with an empty name", () => {
    const io = withRole(pair, strings, true, 2, " IO ");
    expect(io.roles).toEqual([{ role: "IO", start: 5, end: 9 }]);
    const both = withRole(io, strings, true, 3, "next");
    expect(withRole(both, strings, true, 2, "S").roles.map(({ role }) => role)).toEqual([
      ...["next", "S"],
    ]);
    expect(withRole(both, strings, true, 2, "").roles).toHaveLength(1);
    expect(withRole(pair, strings, true, 0, "IO")).toBe(pair);
  });
});
