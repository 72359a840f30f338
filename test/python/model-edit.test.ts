/** The snippet that makes the same edits with Hugging Face: it names only what there is, and has the edits' own numbers. */
import { describe, expect, it } from "vitest";
import type { WeightEdit } from "../../src/core/model-edit.ts";
import { driftPython } from "../../src/python/model-edit.ts";
import { expectPython } from "./check.ts";
import { BENCHES, FACTS } from "./facts.ts";

const on = true;
const of = { amount: 2, from: "x", on } as const;
const edits: WeightEdit[] = [
  { kind: "scale", target: { kind: "head", layer: 1, head: 1 }, factor: 0, on },
  { kind: "scale", target: { kind: "mlp", layer: 0 }, factor: -1.5, on },
  { kind: "mean", target: { kind: "neuron", layer: 0, neuron: 7 }, mean: [0.25], contexts: 32, on },
  { kind: "mean", target: { kind: "attn", layer: 1 }, mean: [1, -2], contexts: 32, on },
  { kind: "bias", hook: "blocks.1.hook_resid_pre", vector: [1, 2], amount: 3, from: "x", on },
  { kind: "bias", hook: "blocks.0.mlp.hook_post", vector: [4, 5], amount: 1, from: "x\ny", on },
  { kind: "scale", target: { kind: "neuron", layer: 1, neuron: 3 }, factor: 9, on: false },
  { ...{ kind: "bias", hook: "blocks.1.attn.hook_v", head: 1, vector: [6] }, ...of },
  { ...{ kind: "bias", hook: "blocks.1.attn.hook_z", head: 1, vector: [7] }, ...of },
  { ...{ kind: "bias", hook: "blocks.0.ln2.hook_normalized", vector: [8] }, ...of },
];
const base = { id: "owner/name", source: "hub", revision: "main", commit: "abc" } as const;
const tuned: WeightEdit = {
  ...{ kind: "tuned", id: "t", components: [{ kind: "finalNorm" }], parameters: 2, examples: 1 },
  ...{ step: 1, loss: [2, 1], heldOut: null, on },
};

describe.each(BENCHES)("%s", (_, facts) => {
  it("without edits, with every kind, and after fine-tuning", () => {
    for (const list of [[], edits, [...edits, tuned]]) {
      for (const of of [null, base]) {
        expectPython(driftPython(facts, of, list, 16), facts.model.config);
      }
    }
  });
});

it("has each edit at its place, and none that is switched off", () => {
  const code = driftPython(FACTS, base, edits, 16);
  const h = FACTS.model.config.n_embd / FACTS.model.config.n_head;
  expect(code).toContain(`out = blocks[1].attn.c_proj\nout.weight.data[${h}:${2 * h}] *= 0`);
  expect(code).toContain("out.bias.data *= -1.5");
  expect(code).toContain("out.bias.data += torch.tensor([0.25]) @ out.weight.data[7:8]");
  expect(code).toContain("out.bias.data[:] = torch.tensor([1, -2])");
  expect(code).toContain(
    "out = blocks[0].mlp.c_proj\nvector = torch.tensor([1, 2])\nout.bias.data += 3 * vector",
  );
  expect(code).toContain("out.bias.data += 1 * (vector @ out.weight.data)");
  expect(code).not.toContain("*= 9");
  const D = FACTS.model.config.n_embd;
  expect(code).toContain(
    `out = blocks[1].attn.c_attn\nvector = torch.tensor([6])\nout.bias.data[${2 * D + h}:${2 * D + 2 * h}] += 2 * vector`,
  );
  expect(code).toContain(`out.bias.data += 2 * (vector @ out.weight.data[${h}:${2 * h}])`);
  expect(code).toContain("out = blocks[0].ln_2\nvector = torch.tensor([8])\nout.bias.data += 2");
  expect(code).toContain('from_pretrained("owner/name", revision="abc")');
  expect(driftPython(FACTS, base, [tuned], 16)).toContain("the-exported-folder");
});
