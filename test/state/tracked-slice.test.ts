import { expect, it } from "vitest";
import { readTexts } from "../../src/state/tracked-slice.ts";
import { benchStore } from "./bench-store.ts";

it("tracked texts are read out of their option, none where it is no list of texts", () => {
  expect(readTexts('[" Mary","a"]')).toEqual([" Mary", "a"]);
  expect(readTexts('[" Mary",3,null]')).toEqual([" Mary"]);
  for (const bad of ["", "[", "{}", '"a"', "7"]) expect(readTexts(bad)).toEqual([]);
});

it("without a model no text is a token", () => {
  const { state } = benchStore();
  expect(() => state().tokenOf(" Mary")).toThrow(/no model/);
});
