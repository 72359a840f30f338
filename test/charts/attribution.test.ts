/** What the attribution figures show at one position: hand values with unequal sizes. */
import { expect, it } from "vitest";
import {
  besideAttention,
  columnAt,
  headGrid,
  restOf,
  sameTarget,
  strongest,
  sumOf,
  targetText,
} from "../../src/charts/attribution.ts";
import type { Attribution, Target } from "../../src/core/attribution.ts";

// L 2, H 3, T 2: a head's value is its number, and 100 more at the second position.
const heads = {
  data: Float32Array.from({ length: 12 }, (_, i) => Math.floor(i / 2) + 100 * (i % 2)),
  dims: [2, 3, 2],
};
const attnRest = { data: Float32Array.of(7, 107, 8, 108), dims: [2, 2] };
const components = ["embed", "0_attn_out", "0_mlp_out", "stream edits"];
const written = { data: Float32Array.of(1, 2, 10, 20, 100, 200, 1000, 2000), dims: [4, 2] };
const facts = { heads, attnRest, components, written } as unknown as Attribution;

it("takes one position out of all", () => {
  expect([...columnAt(written, 1)]).toEqual([2, 20, 200, 2000]);
  expect([...headGrid(facts, 1)]).toEqual([100, 101, 102, 107, 103, 104, 105, 108]);
  expect(besideAttention(facts, 0)).toBe(1101);
});

it("lists the strongest of both signs, and what is left over", () => {
  const values = Float32Array.of(0, -3, 5, 0.5, -4, 2);
  expect(strongest(values, 2)).toEqual({ positive: [2, 5], negative: [4, 1] });
  expect(strongest(values, 9)).toEqual({ positive: [2, 5, 3], negative: [4, 1] });
  expect(sumOf(values)).toBe(0.5);
  expect(restOf({ written: { data: values, dims: [2, 3] } }, [2, 4])).toBe(-0.5);
});

it("names targets and tells them apart", () => {
  const target = (id: number, against: number | null): Target => ({
    token: { id, string: ` t${id}` },
    against: against === null ? null : { id: against, string: `t${against}` },
  });
  expect(targetText(target(1, null))).toBe("·t1");
  expect(targetText(target(1, 2))).toBe("·t1 − t2");
  expect(sameTarget(target(1, 2), target(1, 2))).toBe(true);
  expect(sameTarget(target(1, 2), target(1, null))).toBe(false);
  expect(sameTarget(target(1, 2), target(2, 1))).toBe(false);
  expect(sameTarget(null, null)).toBe(false);
});
