/** The snippet of a fine-tuning: the same parts of the same tensors, and the recipe's numbers. */
import { describe, expect, it } from "vitest";
import { allComponents, type WeightEdit } from "../../src/core/model-edit.ts";
import { TUNE_DEFAULTS, type TuneRecipe } from "../../src/core/tune.ts";
import { tunePython } from "../../src/python/tune.ts";
import { expectPython } from "./check.ts";
import { BENCHES, FACTS } from "./facts.ts";

const recipe = (more: Partial<TuneRecipe> = {}): TuneRecipe => ({
  ...{ ...TUNE_DEFAULTS, prependBos: true, pairs: [], components: [] },
  examples: [{ prompt: 'He said "Paris', wanted: " is\there" }],
  ...more,
});
const ablation: WeightEdit = {
  ...{ kind: "scale", target: { kind: "head", layer: 1, head: 1 }, factor: 0, on: true },
};

describe.each(BENCHES)("on %s", (_, facts) => {
  it("can be run, of every component, with and without edits", () => {
    const components = allComponents(facts.model.config);
    const pairs = [{ clean: [3, 4], corrupted: [3, 5], answers: [6], wrong: [7] }] as never;
    for (const edits of [[], [ablation]]) {
      expectPython(tunePython(facts, null, edits, recipe({ components, pairs })), {
        n_layer: facts.model.config.n_layer,
      });
    }
  });
});

it("has the parts of a head, the pairs as ids, and the recipe", () => {
  const pairs = [{ clean: [8191, 4], answers: [6, 7] }] as unknown as TuneRecipe["pairs"];
  const code = tunePython(
    FACTS,
    null,
    [ablation],
    recipe({ components: [{ kind: "head", layer: 2, head: 1 }], pairs, clip: 0, steps: 7 }),
  );
  expect(code).toContain(
    '("transformer.h.2.attn.c_attn.weight", slice(0, 192), slice(32, 64)),\n' +
      '    ("transformer.h.2.attn.c_attn.bias", slice(0, 1), slice(32, 64)),',
  );
  expect(code).toContain('("transformer.h.2.attn.c_attn.weight", slice(0, 192), slice(224, 256)),');
  expect(code).toContain('("transformer.h.2.attn.c_proj.weight", slice(32, 64), slice(0, 192)),');
  expect(code).toContain("    ([8191, 4, 6], 2),");
  expect(code).toContain("out.weight.data[32:64] *= 0");
  expect(code).toContain("lr=0.001, weight_decay=0.01");
  expect(code).toContain("for step in range(1, 8):");
  expect(code).not.toContain("clip_grad_norm_");
});
