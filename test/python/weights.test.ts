import { describe, expect, it } from "vitest";
import { COMPOSITIONS } from "../../src/core/weights.ts";
import { circuitPython, compositionPython, spectraPython } from "../../src/python/weights.ts";
import { expectPython } from "./check.ts";
import { FACTS, GPT2 } from "./facts.ts";

const HEAD = { layer: 2, head: 5 };

describe("the weights in Python", () => {
  it.each(["ov", "qk"] as const)("circuit %s, as singular values and as eigenvalues", (circuit) => {
    for (const facts of [FACTS, { ...FACTS, model: GPT2, basis: "tl" as const }]) {
      const config = { n_layer: facts.model.config.n_layer };
      const pairs = circuitPython(facts, HEAD, circuit, { pairs: 10, tokens: 8 });
      expectPython(pairs, config);
      expect(pairs).toContain("layer, head = 2, 5\n");
      expect(pairs).toContain("torch.topk(products, 8)");
      expect(pairs).not.toContain("to_tokens"); // no prompt is run
      const spectra = spectraPython(facts, HEAD, circuit);
      expectPython(spectra, config);
      expect(spectra).toContain("print(eigenvalues(2, 5))");
    }
  });

  it.each(COMPOSITIONS)("%s-composition", (kind) => {
    const code = compositionPython(FACTS, kind);
    expectPython(code);
    expect(code).toContain(`# ${kind}-composition`);
  });
});
