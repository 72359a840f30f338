import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { arcHeight, arcPath, arcsOf, layoutTokens } from "../../src/charts/arcs.ts";
import {
  patternSide,
  shorten,
  textColumns,
  visibleLabels,
} from "../../src/charts/attention-axis.ts";

describe("tokens on a line", () => {
  it("are set side by side by their width", () => {
    const { centres, width } = layoutTokens(["ab", "abcd"], { column: 10, gap: 6, room: 0 });
    expect(centres).toEqual([13, 49]); // 20 + 6, then 40 + 6
    expect(width).toBe(72);
  });

  it("spread over spare room, but not without limit", () => {
    const { centres, width } = layoutTokens(["a", "b"], { column: 10, gap: 10, room: 1000 });
    expect(width).toBe(1000);
    expect(centres).toEqual([25, 75]); // the gap may grow fourfold
  });

  it("never overlap and stay in order", () => {
    const labels = fc.array(fc.string({ maxLength: 12 }), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(labels, fc.integer({ min: 0, max: 2000 }), (words, room) => {
        const { centres, width } = layoutTokens(words, { column: 8, gap: 4, room });
        expect(width).toBeGreaterThanOrEqual(room);
        words.forEach((word, i) => {
          const half = (Math.max(1, textColumns(word)) * 8) / 2;
          const start = i === 0 ? 0 : centres[i - 1]!;
          expect(centres[i]! - half).toBeGreaterThan(start);
        });
      }),
    );
  });
});

describe("arcs", () => {
  const pattern_QK = Float32Array.of(1, 0, 0, 0.9, 0.1, 0, 0.2, 0.5, 0.3);

  it("leave weak weights out and put the strongest on top", () => {
    expect(arcsOf(pattern_QK, 3, [2, 1], 0.25).map(({ q, k }) => [q, k])).toEqual([
      [2, 2],
      [2, 1],
      [1, 0],
    ]);
  });

  it("rise with their span, never out of the picture", () => {
    expect(arcHeight(100, 100, 80)).toBe(80);
    expect(arcHeight(25, 100, 80)).toBe(40);
    expect(arcHeight(1, 1000, 80)).toBe(10);
    expect(arcHeight(0, 0, 80)).toBe(0);
  });

  it("start and end on the tokens, or loop on one", () => {
    expect(arcPath(10, 50, 90, 60)).toBe("M10,90C10,10 50,10 50,90");
    expect(arcPath(10, 10, 90, 60)).toMatch(/^M7,90C.* 13,90$/);
  });
});

describe("a pattern's size", () => {
  const side = (tokens: number, width: number, height: number | null) =>
    patternSide({ tokens, rem: 16, width, height });

  it("fits the window, and the width", () => {
    expect(side(16, 900, 390)).toBe(390);
    expect(side(16, 300, 390)).toBe(300);
    expect(side(16, 5000, 5000)).toBe(44 * 16);
  });

  it("keeps cells that can be pointed at, where that needs scrolling", () => {
    expect(side(256, 900, 100)).toBe(24 * 16);
    expect(side(4, 900, 100)).toBe(12 * 16);
  });

  it("does not blow a few tokens up, and takes the width where the page scrolls", () => {
    expect(side(2, 900, 600)).toBe(2 * 4 * 16);
    expect(side(16, 300, null)).toBe(300);
  });
});

describe("axis labels", () => {
  it("are all there when there is room, and evenly thinned when not", () => {
    expect(visibleLabels(4, 20, 14)).toEqual([0, 1, 2, 3]);
    expect(visibleLabels(7, 5, 14)).toEqual([0, 3, 6]);
  });

  it("always show the pinned, and keep others clear of them", () => {
    expect(visibleLabels(7, 5, 14, [4])).toEqual([0, 4]);
    expect(visibleLabels(7, 5, 14, [9])).toEqual([0, 3, 6]);
  });

  it("never come closer than the room they need, unless both are pinned", () => {
    const n = fc.integer({ min: 1, max: 256 });
    const cell = fc.double({ min: 0.5, max: 40, noNaN: true });
    fc.assert(
      fc.property(n, cell, fc.nat(255), (tokens, size, pin) => {
        const labels = visibleLabels(tokens, size, 14, [pin]);
        if (pin < tokens) expect(labels).toContain(pin);
        for (let i = 1; i < labels.length; i++) {
          expect((labels[i]! - labels[i - 1]!) * size).toBeGreaterThanOrEqual(14 - 1e-9);
        }
      }),
    );
  });

  it("are measured and cut in columns, wide letters counting two", () => {
    expect(textColumns("·cat")).toBe(4);
    expect(textColumns("日本")).toBe(4);
    expect(textColumns("😀")).toBe(2);
    expect(shorten("·breakfast", 6)).toBe("·brea…");
    expect(shorten("short", 5)).toBe("short");
    expect(shorten("日本語", 4)).toBe("日…");
  });
});
