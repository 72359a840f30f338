/**
 * Weights processed as TransformerLens does it: nothing that is predicted changes, and every activation is the function
 * of the raw one that the "tl" basis is defined by.
 */
import { describe, expect, it } from "vitest";
import { referenceRun } from "./forward.ts";
import { ODD, madeUpModel } from "./models.ts";
import { processed } from "./tl-weights.ts";
import { largestDifference } from "../model/node-engine.ts";

const rows = [
  [210, 3, 14, 159, 26, 5],
  [210, 9, 9, 1, 77, 140],
];

/** Each run of `size` values minus its mean. */
function centred(x: Float64Array, size: number): Float64Array {
  return x.map((v, i) => {
    const from = i - (i % size);
    return v - x.subarray(from, from + size).reduce((a, b) => a + b) / size;
  });
}

describe.each([
  ["a tied head", true],
  ["a head of its own", false],
])("with %s", (_, tied) => {
  const config = { ...ODD, scale_attn_by_inverse_layer_idx: !tied };
  const model = madeUpModel(config, 12, tied);
  const raw = referenceRun(model, rows);
  const tl = referenceRun(processed(model), rows);
  const [D, V] = [config.n_embd, config.vocab_size];

  it("the logits differ by each row's mean alone", () => {
    expect(
      largestDifference(tl.get("logits").value, centred(raw.get("logits").value, V)),
    ).toBeLessThan(1e-9);
  });

  it("every hook is the raw one in the other basis", () => {
    for (const name of raw.names.slice(0, -1)) {
      const difference = largestDifference(tl.get(name).value, inTlBasis(name));
      expect(difference, name).toBeLessThan(1e-10);
    }
  });

  /** The values' bias with LayerNorm's own taken in: b_V + b_LN·W_V, one for each layer. */
  const b_V = model.blocks.map(({ qkv, ln1 }) =>
    Float64Array.from({ length: D }, (_, o) =>
      ln1.b.reduce((sum, b, i) => sum + b * qkv.W[i * 3 * D + 2 * D + o]!, qkv.b[2 * D + o]!),
    ),
  );

  function inTlBasis(name: string): Float64Array {
    const { value, dims } = raw.get(name);
    const layer = /blocks\.(\d+)/.exec(name)?.[1];
    const block = model.blocks[Number(layer)]!;
    if (/attn\.hook_(q|k|attn_scores|pattern)$|hook_scale$|mlp\.hook_(pre|post)$/.test(name))
      return value;
    if (/attn\.hook_(v|z)$/.test(name)) return value.map((v, i) => v - b_V[Number(layer)]![i % D]!);
    if (name.endsWith("hook_normalized")) {
      const at = name.replace("hook_normalized", "hook_scale");
      const before = name.startsWith("ln_final")
        ? `blocks.${config.n_layer - 1}.hook_resid_post`
        : `blocks.${layer}.${name.includes("ln1") ? "hook_resid_pre" : "hook_resid_mid"}`;
      const scale = raw.get(at).value;
      return centred(raw.get(before).value, D).map((v, i) => v / scale[Math.floor(i / D)]!);
    }
    if (name.endsWith("hook_result")) {
      const [, , H] = dims as [number, number, number, number];
      const bias = Float64Array.from({ length: H * D }, (_, i) => {
        const [h, d] = [Math.floor(i / D), i % D];
        let sum = 0;
        for (let j = h * (D / H); j < (h + 1) * (D / H); j++)
          sum += b_V[Number(layer)]![j]! * block.out.W[j * D + d]!;
        return sum;
      });
      return centred(
        value.map((v, i) => v - bias[i % (H * D)]!),
        D,
      );
    }
    return centred(value, D);
  }
});
