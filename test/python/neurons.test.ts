/** The snippets of neurons and of searches. */
import { describe, expect, it } from "vitest";
import type { Direction } from "../../src/core/direction.ts";
import { NEURON_MEASURES } from "../../src/core/neurons.ts";
import { searchPython } from "../../src/python/direction.ts";
import {
  neuronFeaturesPython,
  neuronValuesPython,
  neuronWeightsPython,
  topNeuronsPython,
} from "../../src/python/neurons.ts";
import { expectPython } from "./check.ts";
import { BENCHES, FACTS, SAE } from "./facts.ts";

const id = { layer: 2, neuron: 40 };

describe.each(BENCHES)("of %s", (_, facts) => {
  const { config } = facts.model;
  it("the strongest neurons, some of them, and one's weights", () => {
    for (const measure of NEURON_MEASURES) {
      for (const layer of [null, 1]) {
        expectPython(topNeuronsPython(facts, { measure, layer, n: 8 }), config);
      }
    }
    expectPython(neuronValuesPython(facts, [id, { layer: 0, neuron: 3 }]), config);
    expectPython(neuronWeightsPython(facts, id), config);
    expectPython(neuronFeaturesPython(facts, id, SAE, 8), config);
  });
  it.each<Direction>([
    { kind: "neuron", ...id },
    { kind: "head", layer: 1, head: 2, token: null },
    { kind: "head", layer: 1, head: 2, token: ' "Mary' },
    { kind: "head", layer: 1, head: 2, token: 12 },
    { kind: "feature", sae: SAE.id, feature: 7 },
    { kind: "difference", hook: "blocks.1.hook_resid_post", plus: [" a\t"], minus: ["“b”"] },
    { kind: "vector", hook: "blocks.0.hook_mlp_out", vector: Float32Array.of(1, -0.5, 1e-8) },
  ])("a search for %j", (direction) => {
    const sae = direction.kind === "feature" ? SAE : null;
    expectPython(searchPython(facts, { direction, source: { kind: "corpus" }, sae }), config);
    const file = new File([], 'my "text"\n.txt');
    const code = searchPython(facts, { direction, source: { kind: "file", file }, sae });
    expectPython(code, config);
    expect(code).toContain('open("my \\"text\\"\\n.txt"');
    const kept = { kind: "kept", text: { id: "1f", name: "kept.txt" } } as const;
    const ofKept = searchPython(facts, { direction, source: kept, sae });
    expectPython(ofKept, config);
    expect(ofKept).toContain('open("kept.txt"');
  });
});
it("a neuron's weights are those of the basis", () => {
  expect(neuronWeightsPython({ ...FACTS, basis: "tl" }, id)).toContain("center_unembed=True");
});
