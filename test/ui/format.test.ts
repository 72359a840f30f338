import { describe, expect, it } from "vitest";
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatPercent,
  formatSigned,
} from "../../src/ui/format.ts";

describe("numbers as people read them", () => {
  it.each([
    [0, "0 B"],
    [999, "999 B"],
    [6_803_712, "6.8 MB"],
    [548_105_171, "548 MB"],
    [999_600, "1.0 MB"],
    [1.2e9, "1.2 GB"],
  ])("%d bytes: %s", (bytes, text) => expect(formatBytes(bytes)).toBe(text));
  it.each([
    [192, "192"],
    [8192, "8192"],
    [50_257, "50.3k"],
    [3_401_856, "3.4M"],
    [124_439_808, "124M"],
    [1_557_611_200, "1.6B"],
  ])("%d: %s", (count, text) => expect(formatCount(count)).toBe(text));
  it.each([
    [0.4, "0 s"],
    [42, "42 s"],
    [59.6, "1 min 0 s"],
    [7500, "2 h 5 min"],
  ])("%d seconds: %s", (seconds, text) => expect(formatDuration(seconds)).toBe(text));
  it.each([
    [0.68048, "68.05 %"],
    [0.0001, "0.01 %"],
    [0.00002, "0.0020 %"],
    [1e-9, "< 0.0001 %"],
    [0, "0 %"],
    [-0.05, "−5.00 %"],
    [-2.5, "−250.00 %"],
    [-1e-7, "> −0.0001 %"],
  ])("a share of %d: %s", (share, text) => expect(formatPercent(share)).toBe(text));
  it("always writes a sign where it matters", () => {
    expect([formatSigned(1.5), formatSigned(-0.25, 1)]).toEqual(["+1.50", "−0.3"]);
  });
});
