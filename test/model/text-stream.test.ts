import { expect, it } from "vitest";
import { createTextStream } from "../../src/model/text-stream.ts";

/** One token a byte. */
const bytes = {
  decode: (ids: readonly number[]) => new TextDecoder().decode(Uint8Array.from(ids)),
};
const streamed = (text: Uint8Array) => {
  const stream = createTextStream(bytes);
  return [...text].map((_, i) => stream([...text.subarray(0, i + 1)], i === text.length - 1));
};

it("holds back a character until its last byte", () => {
  expect(streamed(new TextEncoder().encode("aé🙂b"))).toEqual([
    "a",
    "",
    "é",
    "",
    "",
    "",
    "🙂",
    "b",
  ]);
});

it("gives out what is no character when the next one begins, or at the end", () => {
  expect(streamed(Uint8Array.of(0x61, 0xff, 0x62))).toEqual(["a", "", "\uFFFDb"]);
  expect(streamed(Uint8Array.of(0x61, 0xc3))).toEqual(["a", "\uFFFD"]);
});
