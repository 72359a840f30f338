/** The snippet of a feature circuit: hooks that there are, its places and thresholds. */
import { describe, expect, it } from "vitest";
import { type CircuitFacts, featureCircuitPython } from "../../src/python/feature-circuit.ts";
import { expectPython } from "./check.ts";
import { BENCHES, FACTS, SAE, Z_SAE } from "./facts.ts";

const question: CircuitFacts = {
  ...{ ids: [8191, 3, 4], target: { kind: "top", mass: 0.95, most: 10 }, heads: "nodes" },
  ...{ skipFirst: true, nodeShare: 0.8, edgeShare: 0.98 },
};
const transcoder = {
  ...{ ...SAE, id: "t", hook: "blocks.2.ln2.hook_normalized", hookOut: "blocks.2.hook_mlp_out" },
};

describe.each(BENCHES)("on %s", (_, facts) => {
  it("can be run: without SAEs, with several, with a transcoder, of every sort of target", () => {
    const difference = { kind: "difference", token: 4, against: 9 } as const;
    for (const saes of [[], [SAE], [SAE, Z_SAE, transcoder]]) {
      for (const target of [question.target, difference]) {
        for (const heads of ["nodes", "through"] as const) {
          expectPython(featureCircuitPython(facts, saes, { ...question, target, heads }), {
            n_layer: facts.model.config.n_layer,
          });
        }
      }
    }
  });
});

it("has what is read and rebuilt, no MLP where a transcoder stands, and the thresholds", () => {
  const code = featureCircuitPython(FACTS, [SAE, transcoder], question);
  expect(code).toContain('(sae, "blocks.1.hook_resid_post", "blocks.1.hook_resid_post"),');
  expect(code).toContain('(sae_2, "blocks.2.ln2.hook_normalized", "blocks.2.hook_mlp_out"),');
  expect(code).toContain('mlp.hook_post", part) for l in [0, 1, 3]]');
  expect(code).toContain('attn.hook_z", part)');
  expect(code).toContain("tokens = torch.tensor([[8191, 3, 4]]");
  expect(code).toContain("first = 1 ");
  expect(code).toContain("cut_at(whole, 0.8)");
  expect(code).toContain("cut_at(scores, 0.98)");
  const through = featureCircuitPython(FACTS, [], { ...question, heads: "through" });
  expect(through).not.toContain("hook_z");
});
