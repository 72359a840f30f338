import { expect, it } from "vitest";
import {
  activationWords,
  exampleName,
  exampleSpan,
  exampleText,
} from "../../src/charts/example.ts";

const example = (length: number, peak: number) => ({
  tokens: Array.from({ length }, (_, i) => ` w${i}`),
  activations: Float32Array.from({ length }, (_, i) => (i === peak ? 3.14159 : 0)),
  peak,
});

it("shows the peak with its surroundings, and a whole window at either end", () => {
  expect(exampleSpan(example(40, 20), 8, 4)).toEqual({ start: 12, end: 25 });
  expect(exampleSpan(example(40, 2), 8, 4)).toEqual({ start: 0, end: 13 });
  expect(exampleSpan(example(40, 39), 8, 4)).toEqual({ start: 27, end: 40 });
  expect(exampleSpan(example(5, 4), 8, 4)).toEqual({ start: 0, end: 5 });
});
it("is text again", () => {
  expect(exampleText(example(40, 20), { start: 3, end: 5 })).toBe(" w3 w4");
});
it("says the peak and its strength in its name", () => {
  expect(exampleName(example(4, 1), { start: 0, end: 3 })).toBe(
    "w0 w1 w2 — strongest on “·w1”, 3.14",
  );
  const off = { ...example(2, 0), activations: new Float32Array(2) };
  expect(exampleName(off, { start: 0, end: 2 })).toBe("w0 w1 — off throughout");
});
it("says off, not zero", () => {
  expect([0, 0.01234, 12.3456, 1234.6].map((a) => activationWords(a))).toEqual([
    ...["off", "0.0123", "12.3", "1235"],
  ]);
});
