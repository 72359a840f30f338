/** Colours of a map's dots: by density, by layer in the order of the forward pass, by label and list of each autoencoder. */
import { expect, it } from "vitest";
import {
  type FeatureNote,
  NO_NOTE,
  NO_NOTES,
  type SaeNotes,
} from "../../src/core/feature-notes.ts";
import type { FeatureMap } from "../../src/core/feature-map.ts";
import { hooksOf, mapPaint } from "../../src/panels/features/map-colours.ts";

const at = "2026-01-02T03:04:05.000Z";
const sae = (id: string, hook: string) => ({ id, name: id, hook });
const map: FeatureMap = {
  saes: [sae("a", "blocks.10.hook_resid_post"), sae("b", "blocks.2.hook_mlp_out")],
  recipe: { most: null, seed: 1, with: ["b"] },
  features: Uint32Array.of(3, 7, 3),
  of: Uint8Array.of(0, 0, 1),
  densities: Float32Array.of(0.1, 1e-5, NaN),
  points: new Float32Array(6),
};
const labelled: FeatureNote = {
  ...NO_NOTE,
  label: { text: "x", source: { by: "user" }, scores: [], at },
};
const notes: Record<string, SaeNotes> = {
  a: { features: new Map(), lists: [{ id: "l", name: "l", features: [3], at }] },
  b: { features: new Map([[3, labelled]]), lists: [] },
};

it("tells density by its logarithm, and nothing where it was not measured", () => {
  expect([...mapPaint(map, "density", {}, null).colour]).toEqual([4, 0, 0]);
});

it("tells layers from the first to the last, by number and not by name", () => {
  const { colour, colours, legend } = mapPaint(map, "layer", {}, null);
  expect([...colour]).toEqual([1, 1, 0]);
  expect(colours).toHaveLength(2);
  expect(new Set(colours).size).toBe(2);
  expect(legend!.steps.map(({ words }) => words)).toEqual([
    "MLP output of block 2",
    "Residual stream after block 10",
  ]);
  const sites = ["resid_post", "mlp_out", "resid_mid", "attn_out", "resid_pre"];
  const saes = sites.map((site) => sae(site, `blocks.1.hook_${site}`));
  expect(hooksOf({ saes })).toEqual(sites.toReversed().map((site) => `blocks.1.hook_${site}`));
});

it("tells a label, and a list, of the feature's own autoencoder alone", () => {
  expect([...mapPaint(map, "label", notes, null).colour]).toEqual([0, 0, 1]);
  expect([...mapPaint(map, "list", notes, "l").colour]).toEqual([1, 0, 0]);
  expect([...mapPaint(map, "list", { a: NO_NOTES }, "l").colour]).toEqual([0, 0, 0]);
});
