import { describe, expect, it } from "vitest";
import { ChunkSize } from "../../src/lab/chunk-size.ts";
import { rowBudget, rowBytes } from "../../src/lab/row-bytes.ts";
import { parseHook } from "../../src/core/hooks.ts";
import type { ModelInfo } from "../../src/core/model-info.ts";
import { ODD } from "../reference/models.ts";

describe("how many rows at once", () => {
  it("starts small, and grows to what takes two seconds, at most fourfold a step", () => {
    const chunk = new ChunkSize(1000);
    expect([chunk.size, chunk.msPerRow]).toEqual([8, null]);
    chunk.took(8, 80); // 10 ms a row
    expect([chunk.size, chunk.msPerRow]).toEqual([32, 10]);
    chunk.took(32, 320);
    expect(chunk.size).toBe(128);
    chunk.took(128, 1280);
    expect(chunk.size).toBe(200);
  });
  it("shrinks where rows are slow, to one at least, and never outgrows the memory", () => {
    const slow = new ChunkSize(1000);
    slow.took(8, 5600); // 700 ms a row
    expect(slow.size).toBe(2);
    slow.took(2, 8000);
    expect(slow.size).toBe(1);
    const tight = new ChunkSize(5.9);
    expect(tight.size).toBe(5);
    tight.took(5, 1);
    expect(tight.size).toBe(5);
    expect(new ChunkSize(0.2).size).toBe(1);
  });
  it("halves what did not fit, for good, and gives up at one", () => {
    const chunk = new ChunkSize(100);
    expect(chunk.tooLarge(8)).toBe(true);
    expect(chunk.size).toBe(4);
    chunk.took(4, 1);
    expect(chunk.size).toBe(4);
    expect(chunk.tooLarge(1)).toBe(false);
  });
});

describe("what a row takes", () => {
  it("by hand: 3 tokens, one hook out, one edited, the last logits", () => {
    const names = [parseHook("blocks.0.hook_resid_post", ODD)]; // 3 · 35
    const edited = [parseHook("blocks.1.attn.hook_pattern", ODD)]; // 5 · 3 · 3
    const block = 3 * (6 * 35 + 3 * 53) + 3 * 5 * 9;
    const expected = 4 * (2 * (105 + 211) + 2 * 45 + block);
    expect(rowBytes(ODD, { T: 3, names, edited, logits: 1 })).toBe(expected);
  });
  it("of what GPT-2 leaves a quarter, and something always", () => {
    const info = (parameters: number, device: "wasm" | "webgpu" = "wasm") =>
      rowBudget({ device, parameters, config: ODD } as ModelInfo);
    expect(info(124e6) / 2 ** 20).toBeCloseTo(
      (4096 - (4 * (124e6 + 211 * 35) + 150e6) / 2 ** 20) / 4,
    );
    expect(info(1.2e9)).toBe(2 ** 26);
    expect(info(1.2e9, "webgpu")).toBe(2 ** 29);
  });
});
