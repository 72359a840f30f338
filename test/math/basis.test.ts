/** The change of basis: hand values; whole runs are in test/lab/run-with-cache.test.ts. Gradients against processed weights. */
import { describe, expect, it } from "vitest";
import { axesOf, hookNames, parseHook } from "../../src/core/hooks.ts";
import {
  basisKind,
  foldedValueBias,
  gradientToTl,
  logitsToTl,
  normalizedToTl,
  resultBias,
  resultToTl,
  valueToTl,
} from "../../src/math/basis.ts";
import { editsToRaw } from "../../src/math/basis-edits.ts";
import { largestDifference } from "../model/node-engine.ts";
import { referenceRun } from "../reference/forward.ts";
import { logitDifference } from "../reference/metrics.ts";
import { madeUpModel, ODD } from "../reference/models.ts";
import { processed } from "../reference/tl-weights.ts";

describe("values", () => {
  // d_model 2, 2 heads of 1. c_attn's columns: q q k k v v; b_ln = [1, 2].
  const cAttn = Float32Array.of(9, 9, 9, 9, 1, -1, 9, 9, 9, 9, 3, 0.5);
  const bias = foldedValueBias(cAttn, Float32Array.of(7, 7, 7, 7, 10, 20), Float32Array.of(1, 2));
  it("b̂_V takes LayerNorm's bias in", () => {
    expect([...bias]).toEqual([10 + 1 + 6, 20 - 1 + 1]); // b_V + b_ln·W_V
  });
  it("v and z lose it, results what W_O makes of it, and their mean", () => {
    const heads = resultBias(Float32Array.of(17, 20), Float32Array.of(1, 2, 3, -1), 2);
    expect([...heads]).toEqual([17, 34, 60, -20]);
    expect([...valueToTl(Float32Array.of(17, 21, 0, 0), bias)]).toEqual([0, 1, -17, -20]);
    expect([...resultToTl(Float32Array.of(18, 34, 60, -10), heads, 2)]).toEqual([0.5, -0.5, -5, 5]);
  });
  it("logits lose their mean", () => {
    expect([...logitsToTl(Float32Array.of(1, 2, 6), 3)]).toEqual([-2, -1, 3]);
  });
  it("hook_normalized loses LayerNorm's weight and bias, unless that cannot be undone", () => {
    const w = Float32Array.of(2, -4);
    const y = Float32Array.of(5, 3, 1, 7);
    expect([...normalizedToTl(y, w, Float32Array.of(1, -1), "hook")]).toEqual([2, -1, 0, -2]);
    expect(() => normalizedToTl(y, Float32Array.of(1, 0), w, "ln_final.hook_normalized")).toThrow(
      /ln_final.hook_normalized was edited .* 0 at dimension 1/,
    );
  });
  it("every site has its kind", () => {
    const kinds = hookNames({ n_layer: 1 }).map((name) => {
      const { site } = parseHook(name, { n_layer: 1 });
      return [basisKind(site), axesOf(site).at(-1)];
    });
    // All that lies in the residual stream is centred, and it alone.
    expect(kinds.filter(([kind]) => kind === "centred")).toHaveLength(7);
    expect(kinds.filter(([kind]) => kind === "normalized")).toHaveLength(3);
    expect(kinds.every(([kind, last]) => kind !== "centred" || last === "d")).toBe(true);
  });
});

describe("edits that are wrong in themselves", () => {
  const parameters = {
    layer: () => ({ valueBias: new Float32Array(35), resultBias: new Float32Array(175) }),
    norm: () => ({ w: new Float32Array(35), b: new Float32Array(35) }),
  };
  it.each([
    { hook: "blocks.0.attn.hook_z", op: "add" },
    { hook: "blocks.0.attn.hook_z", op: "zero", value: 1 },
    { hook: "blocks.0.attn.hook_v", op: "scale", value: Float32Array.of(1) },
    { hook: "blocks.0.attn.hook_v", op: "replace", value: new Float32Array(36) },
    { hook: "ln_final.hook_normalized", op: "add", value: new Float32Array(36) },
    { hook: "ln_final.hook_normalized", op: "replace" },
  ] as const)("pass as they are: $hook $op", (edit) => {
    expect(editsToRaw([edit], ODD, parameters).edits).toEqual([edit]);
  });
  it("an unknown hook is refused", () => {
    expect(() =>
      editsToRaw([{ hook: "blocks.3.attn.hook_z", op: "zero" }], ODD, parameters),
    ).toThrow(/no hook point of this model/);
  });
});

it("gradients are those of the processed weights, at every hook", () => {
  const model = madeUpModel(ODD, 4, false);
  const rows = [
    [210, 3, 14, 159],
    [210, 8, 8, 1],
  ];
  const metric = logitDifference(17, 90, { pos: 3, row: 1 });
  const raw = referenceRun(model, rows).gradients(metric);
  const tl = referenceRun(processed(model), rows).gradients(metric);
  for (const name of hookNames(ODD)) {
    const { site, layer } = parseHook(name, ODD);
    const { ln1, ln2 } = model.blocks[layer ?? 0]!;
    const norm = site.startsWith("ln_final") ? model.lnFinal : site.startsWith("ln1") ? ln1 : ln2;
    if (site === "attn.hook_pattern") continue; // of a run of its own: `lab/gradients.test.ts`
    const w = basisKind(site) === "normalized" ? Float32Array.from(norm.w) : null;
    const found = gradientToTl(site, Float32Array.from(raw(name)), w, ODD.n_embd);
    expect(largestDifference(found, tl(name)), name).toBeLessThan(1e-5);
  }
});
