import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  bytesOfText,
  escapedByte,
  isPlain,
  joinTokens,
  readable,
  textOfBytes,
} from "../../src/core/token-bytes.ts";

const bytes = (...values: number[]) => Uint8Array.from(values);

describe("bytes as a string", () => {
  it("is the text where the bytes are UTF-8", () => {
    expect(textOfBytes(new TextEncoder().encode(" Zoë 語😀"))).toBe(" Zoë 語😀");
    expect(textOfBytes(bytes(0xef, 0xbb, 0xbf))).toBe("\ufeff"); // no mark of byte order is dropped
  });

  it("keeps each byte that is no text alone, and the characters around it", () => {
    expect(textOfBytes(bytes(0x20, 0xf0, 0x9f))).toBe(" \udcf0\udc9f");
    expect(textOfBytes(bytes(0x9e, 0xc3, 0xa9, 0xe8))).toBe("\udc9eé\udce8");
    expect(escapedByte("\udcf0")).toBe(0xf0);
    expect(escapedByte("é")).toBeNull();
  });

  it("loses nothing, whatever the bytes are", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 24 }), (some) => {
        expect(bytesOfText(textOfBytes(some))).toEqual(Uint8Array.from(some));
      }),
    );
  });

  it("reads as any decoder reads it", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 24 }), (some) => {
        const decoded = new TextDecoder("utf-8", { ignoreBOM: true }).decode(some);
        expect(readable(textOfBytes(some))).toBe(decoded);
        expect(isPlain(decoded)).toBe(true);
      }),
    );
  });
});

it("joins tokens to the text that they were cut from, wherever the cuts are", () => {
  const cut = fc.tuple(fc.string({ unit: "grapheme", maxLength: 6 }), fc.array(fc.nat(30)));
  fc.assert(
    fc.property(cut, ([text, cuts]) => {
      const all = new TextEncoder().encode(text);
      const ends = [...cuts.filter((at) => at < all.length).sort((a, b) => a - b), all.length];
      const tokens = ends.map((end, i) => textOfBytes(all.subarray(ends[i - 1] ?? 0, end)));
      expect(joinTokens(tokens)).toBe(text);
    }),
  );
  expect(joinTokens(["a", "\udcf0\udc9f", "b"])).toBe("a\udcf0\udc9fb");
});
