/** The curves of a run: those of each variant, and what they read. */
import { expect, it } from "vitest";
import { LOSS_PARTS, TRAIN_VARIANTS } from "../../src/core/sae-recipe.ts";
import { curvesOf } from "../../src/panels/train/curve-list.ts";
import { point } from "../state/saes.ts";

it.each(TRAIN_VARIANTS)("of %s are its own parts of the loss, and what all have", (variant) => {
  const curves = curvesOf(variant);
  expect(new Set(curves.map(({ key }) => key)).size).toBe(curves.length);
  const parts = LOSS_PARTS[variant].map((part) => `loss-${part}`);
  expect(curves.map(({ key }) => key).slice(1, 1 + parts.length)).toEqual(parts);
  const given = { ...point(4), lossParts: parts.map((_, i) => 7 + i), dead: 3, dense: 2 };
  parts.forEach((_, i) => expect(curves[1 + i]!.at(given)).toBe(7 + i));
  const value = (key: string) => curves.find((curve) => curve.key === key)!.at(given);
  expect([value("dead-features"), value("dense-features")]).toEqual([3, 2]);
});

it("a part that an older run does not tell is no number", () => {
  expect(curvesOf("gated")[2]!.at({ ...point(1), lossParts: [1] })).toBeNaN();
});

it.each(TRAIN_VARIANTS)("of %s transcoders say y, and nowhere x̂", (variant) => {
  const words = curvesOf(variant, true).flatMap(({ about, formula }) => [about, formula ?? ""]);
  expect(words.join("\n")).toContain("1 − Σ‖y − ŷ‖² / Σ‖y − ȳ‖²");
  expect(words.join("\n")).not.toMatch(/x̂|x̄|the input/);
});
