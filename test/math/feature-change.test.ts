/** Hand values: d_in 3, two features; feature 0 reads x₀ + x₁, feature 1 reads x₂ − 1. */
import { expect, it } from "vitest";
import {
  changeDelta,
  changedReconstruction,
  type Sae,
  sumOfDirections,
} from "../../src/math/feature-change.ts";
import { encode } from "../../src/math/sae.ts";

const sae: Sae = {
  config: {
    ...{ variant: "standard", dIn: 3, dSae: 2, k: null, hook: "blocks.0.hook_resid_post" },
    ...{ modelId: "hand", applyBDecToInput: false, prependBos: true, contextSize: 8 },
  },
  weights: {
    W_enc: Float32Array.of(1, 0, 1, 0, 0, 1),
    W_dec: Float32Array.of(2, 0, 1, 0, 1, -1),
    b_enc: Float32Array.of(0, -1),
    b_dec: Float32Array.of(0.5, 0, 0),
  },
};
const x = Float32Array.of(1, 2, 5, -4, 1, 0.5); // f = (3, 4), (0, 0)
const f = encode(x, sae.weights, sae.config);

it("a sum of directions", () => {
  const changes = [
    { feature: 0, coefficient: 2 },
    { feature: 1, coefficient: -3 },
  ];
  expect([...sumOfDirections(changes, sae)]).toEqual([4, -3, 5]);
});

it("clamp moves by c − f, add by c, in each row", () => {
  expect([...f]).toEqual([3, 4, 0, 0]);
  const clamped = changeDelta(x, f, [{ feature: 0, mode: "clamp", coefficient: 5 }], sae);
  expect([...clamped]).toEqual([4, 0, 2, 10, 0, 5]);
  const both = changeDelta(
    x,
    f,
    [
      { feature: 1, mode: "clamp", coefficient: 0 },
      { feature: 1, mode: "add", coefficient: 1 },
    ],
    sae,
  );
  expect([...both]).toEqual([0, -3, 3, 0, 1, -1].map((v) => v + 0));
});

it("spliced in: f'·W_dec + b_dec", () => {
  expect([...changedReconstruction(x, f, [], sae)]).toEqual([6.5, 4, -1, 0.5, 0, 0]);
  const clamped = changedReconstruction(x, f, [{ feature: 0, mode: "clamp", coefficient: 1 }], sae);
  expect([...clamped]).toEqual([2.5, 4, -3, 2.5, 0, 1]);
  const added = changedReconstruction(x, f, [{ feature: 1, mode: "add", coefficient: 2 }], sae);
  expect([...added]).toEqual([6.5, 6, -3, 0.5, 2, -2]);
});

it("with the error kept, splicing and adding the difference are one: x̂' + (x − x̂) = x + Δ", () => {
  const changes = [
    { feature: 0, mode: "clamp", coefficient: 1.5 },
    { feature: 1, mode: "add", coefficient: -0.25 },
  ] as const;
  const plain = changedReconstruction(x, f, [], sae);
  const spliced = changedReconstruction(x, f, changes, sae);
  const delta = changeDelta(x, f, changes, sae);
  delta.forEach((d, i) => expect(spliced[i]! - plain[i]!).toBeCloseTo(d, 6));
});

it("of an SAE that reads normalised activations, the same in its units, scaled back", () => {
  const normed: Sae = { ...sae, config: { ...sae.config, normalize: "layer_norm" } };
  const y = Float32Array.of(1, 2, 6); // mean 3, deviation √7 by D − 1
  const own = encode(y, normed.weights, normed.config);
  const z = [-2, -1, 3].map((v) => v / (Math.sqrt(7) + 1e-5));
  const wanted = [Math.max(0, z[0]! + z[1]!), Math.max(0, z[2]! - 1)];
  own.forEach((v, i) => expect(v).toBeCloseTo(wanted[i]!, 6));
  const changes = [{ feature: 1, mode: "clamp", coefficient: 2 }] as const;
  const delta = changeDelta(y, own, changes, normed);
  [0, 1, -1].forEach((w, d) =>
    expect(delta[d]).toBeCloseTo(Math.sqrt(7) * (2 - wanted[1]!) * w, 5),
  );
  const plain = changedReconstruction(y, own, [], normed);
  changedReconstruction(y, own, changes, normed).forEach((v, d) =>
    expect(v - plain[d]!).toBeCloseTo(delta[d]!, 5),
  );
});
