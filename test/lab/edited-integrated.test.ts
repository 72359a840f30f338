/** Integrated gradients through edits, in both bases. */
import { afterAll, describe, expect, it } from "vitest";
import type { Edit } from "../../src/core/edits.ts";
import { integratedGradients } from "../../src/lab/integrated-gradients.ts";
import { engine, model, ids, signal, sources, at, metric, ask } from "./edited-model.ts";

afterAll(() => engine.release());

describe("integrated gradients", () => {
  const from = { prompt: [22, 1, 2, 4, 8] };
  const run = (names: string[], edits: Edit[], basis: "raw" | "tl", path: object, of = metric) =>
    integratedGradients(
      model,
      {
        prompt: { ids },
        metric: of,
        names,
        edits,
        basis,
        sae: null,
        sources,
        path: { steps: 200, ...path },
      },
      { signal, progress: () => {} },
    );
  const splice: Edit[] = [
    { ...at("plain"), op: "splice" },
    { hook: "blocks.2.attn.hook_z", op: "scale", value: 0.5, row: 0 },
  ];
  it.each([["raw"], ["tl"]] as const)(
    "add up to the metric's change, %s, through an SAE",
    async (basis) => {
      const names = [
        "blocks.0.hook_mlp_out",
        "blocks.0.attn.hook_z",
        "blocks.1.ln1.hook_normalized",
      ];
      const { attributions, changes } = await run(names, splice, basis, { from });
      for (const [i, [name, { data }]] of attributions.entries()) {
        const sum = data.reduce((a, b) => a + b, 0);
        const change = changes[i]![1];
        expect(Math.abs(sum - change), name).toBeLessThan(0.02 * Math.abs(change) + 2e-3);
      }
    },
  );

  it("refuse a LayerNorm's scale of zero", async () => {
    const scale = ["blocks.1.ln1.hook_scale"];
    await expect(run(scale, [], "raw", {})).rejects.toThrow(
      /ln1.hook_scale is what LayerNorm divides/,
    );
    expect((await run(scale, [], "raw", { from, steps: 2 })).changes).toHaveLength(1);
  });

  it("from zero, of a z: in TransformerLens's basis that is its bias", async () => {
    const hook = "blocks.2.attn.hook_z";
    const [raw, tl] = [
      await run([hook], [], "raw", { steps: 2 }),
      await run([hook], [], "tl", { steps: 2 }),
    ];
    const zeroed = async (basis: "raw" | "tl") =>
      (await ask([hook], [{ hook, op: "zero" }], basis)).value;
    expect(raw.changes[0]![1]).toBeCloseTo(raw.value - (await zeroed("raw")), 4);
    expect(tl.changes[0]![1]).toBeCloseTo(tl.value - (await zeroed("tl")), 4);
    expect(tl.changes[0]![1]).not.toBeCloseTo(raw.changes[0]![1], 3);
  });
});
