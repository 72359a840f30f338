/** The snippets of attribution and the residual stream name only what there is, on every kind of bench. */
import { describe, expect, it } from "vitest";
import type { TargetChoice } from "../../src/core/attribution.ts";
import { attributionPython } from "../../src/python/attribution.ts";
import { residualPython } from "../../src/python/residual.ts";
import { expectPython } from "./check.ts";
import { BENCHES, FACTS } from "./facts.ts";

const TARGETS: TargetChoice[] = (["likeliest", "next", { text: ' "Mary' }] as const).flatMap(
  (target) =>
    (["nothing", "runnerUp", { text: "\nJohn" }] as const).map((against) => ({ target, against })),
);

describe.each(BENCHES)("%s", (_, facts) => {
  it.each(["component", "layer", "head", "neuron"] as const)("attribution by %s", (by) => {
    for (const target of TARGETS) {
      const code = attributionPython(facts, { ...target, by, at: { a: 3, b: null } });
      expectPython(code, facts.model.config);
    }
  });
  it.each(["length", "turn", "between", "mean", "added", "along", "share"] as const)(
    "the stream: %s",
    (figure) => expectPython(residualPython(facts, figure), facts.model.config),
  );
});

it("reads logits with the final LayerNorm's own weight and bias in the raw basis alone", () => {
  const asked = {
    target: "likeliest",
    against: "nothing",
    by: "component",
    at: { a: 3, b: null },
  } as const;
  expect(attributionPython(FACTS, asked)).toContain("u = model.ln_final.w * W.T");
  const tl = attributionPython({ ...FACTS, basis: "tl" }, asked);
  expect(tl).not.toContain("ln_final.w");
  expect(tl).toContain("bias = model.b_U[target]");
});
