import { expect, it } from "vitest";
import { hookLabel } from "../../src/ui/hook-label.ts";
import { scrollToRow, visibleRows } from "../../src/ui/virtual-rows.ts";

const view = { scrollTop: 2800, height: 300, rowHeight: 28, count: 24576 };

it("draws what is seen and a little more, however long the list", () => {
  expect(visibleRows(view)).toEqual({ start: 94, end: 117 });
  expect(visibleRows({ ...view, scrollTop: 0 })).toEqual({ start: 0, end: 17 });
  expect(visibleRows({ ...view, scrollTop: 24576 * 28 - 300 }).end).toBe(24576);
  expect(visibleRows({ ...view, count: 3, scrollTop: 0 })).toEqual({ start: 0, end: 3 });
  expect(visibleRows({ ...view, count: 0 })).toEqual({ start: 0, end: 0 });
});
it("scrolls only when the row is not wholly seen", () => {
  expect(scrollToRow(100, view)).toBe(2800);
  expect(scrollToRow(99, view)).toBe(99 * 28 - 136);
  expect(scrollToRow(0, view)).toBe(0);
  expect(scrollToRow(24575, view)).toBe(24576 * 28 - 300);
});
it("names hook points in words, and leaves unknown ones alone", () => {
  expect(hookLabel("blocks.11.hook_resid_post")).toBe("Residual stream after block 11");
  expect(hookLabel("blocks.0.mlp.hook_post")).toBe("MLP neurons of block 0");
  expect(hookLabel("hook_embed")).toBe("hook_embed");
  expect(hookLabel("blocks.1.constructor")).toBe("blocks.1.constructor");
});
