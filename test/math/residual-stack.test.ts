import { describe, expect, it } from "vitest";
import {
  headResults,
  headsFirst,
  neuronResults,
  neuronsAlong,
  projected,
} from "../../src/math/component-results.ts";
import { attributeLogits } from "../../src/math/logit-attribution.ts";
import { cutRow, markPadding } from "../../src/math/padding.ts";
import {
  accumulatedParts,
  atPositions,
  decomposedParts,
  joined,
  remainderOf,
  streamAt,
} from "../../src/math/residual-stack.ts";

const labels = (parts: { label: string }[]) => parts.map(({ label }) => label).join(" ");

describe("which hook points make a stack", () => {
  // As TransformerLens's docstrings say, for 2 layers.
  it("accumulated", () => {
    expect(labels(accumulatedParts(2, 2))).toBe("0_pre 1_pre final_post");
    expect(labels(accumulatedParts(1, 2))).toBe("0_pre 1_pre");
    expect(labels(accumulatedParts(2, 2, { inclMid: true }))).toBe(
      "0_pre 0_mid 1_pre 1_mid final_post",
    );
    expect(labels(accumulatedParts(1, 2, { mlpInput: true }))).toBe("0_pre 1_pre 1_mid");
    expect(accumulatedParts(2, 2)[2]!.hook).toBe("blocks.1.hook_resid_post");
  });
  it("decomposed", () => {
    expect(labels(decomposedParts(0))).toBe("embed pos_embed");
    expect(labels(decomposedParts(2))).toBe(
      "embed pos_embed 0_attn_out 0_mlp_out 1_attn_out 1_mlp_out",
    );
    expect(labels(decomposedParts(2, { mode: "mlp", inclEmbeds: false }))).toBe(
      "0_mlp_out 1_mlp_out",
    );
    expect(labels(decomposedParts(1, { mode: "attn", mlpInput: true }))).toBe(
      "embed pos_embed 0_attn_out 1_attn_out",
    );
    expect(labels(decomposedParts(1, { mode: "mlp", mlpInput: true }))).toBe(
      "embed pos_embed 0_mlp_out",
    );
  });
  it("the stream itself", () => {
    expect(streamAt(1, 3)).toBe("blocks.1.hook_resid_pre");
    expect(streamAt(1, 3, true)).toBe("blocks.1.hook_resid_mid");
    expect(streamAt(3, 3)).toBe("blocks.2.hook_resid_post");
  });
});

describe("stacks", () => {
  it("join, and leave a remainder", () => {
    const stack = joined([Float32Array.of(1, 2), Float32Array.of(10, 20)]);
    expect([...stack]).toEqual([1, 2, 10, 20]);
    expect([...remainderOf(Float32Array.of(12, 20), stack)]).toEqual([1, -2]);
    expect([...remainderOf(Float32Array.of(12, 20), new Float32Array(0))]).toEqual([12, 20]);
    expect(() => joined([new Float32Array(2), new Float32Array(3)])).toThrow(/component 1 has 3/);
  });
  it("take one position a prompt", () => {
    const x = Float32Array.from({ length: 2 * 3 * 2 }, (_, i) => i); // [2, 3, 2]
    expect([...atPositions(x, 3, [2, 0])]).toEqual([4, 5, 6, 7]);
  });
});

describe("heads", () => {
  // 2 heads of 1, d_model 2; W_O[0] = [3, 4], W_O[1] = [−1, 10]; z of two rows
  const z = Float32Array.of(2, 1, 0, -1);
  const W_O = Float32Array.of(3, 4, -1, 10);
  it("write z·W_O", () => {
    expect([...headResults(z, W_O, 2)]).toEqual([6, 8, 0, 0, -1, 10, 1, -10]);
  });
  it("come first, also out of hook_result", () => {
    const result = Float32Array.of(6, 8, -1, 10, 0, 0, 1, -10); // [2 rows, 2 heads, 2]
    expect([...headsFirst(result, 2, 2)]).toEqual([6, 8, 0, 0, -1, 10, 1, -10]);
  });
});

describe("neurons", () => {
  const post = Float32Array.of(1, 2, 3, 0, -1, 5); // [2 rows, 3 neurons]
  const W_out = Float32Array.of(1, 0, 0, 2, 4, 4); // [3, 2]
  it("write post·W_out", () => {
    expect([...neuronResults(post, W_out, 2, [2, 0])]).toEqual([12, 12, 20, 20, 1, 0, 0, 0]);
  });
  it("along a direction are the same, projected", () => {
    const u = Float32Array.of(1, -3);
    expect([...neuronsAlong(post, W_out, u, [0, 1, 2])]).toEqual([
      ...projected(neuronResults(post, W_out, 2, [0, 1, 2]), u),
    ]);
    expect([...neuronsAlong(post, W_out, u, [1])]).toEqual([-12, 6]);
  });
  it("must be there", () => {
    expect(() => neuronResults(post, W_out, 2, [3])).toThrow(/no neuron 3; a layer has 0 … 2/);
  });
});

describe("logit attribution", () => {
  const y = Float32Array.of(1, 2, 3, 4, 0, 1, -1, 0); // 2 components, 2 rows, d_model 2
  it("is a product with each row's direction", () => {
    expect([...attributeLogits(y, Float32Array.of(1, 10, 2, 0), 2, 2)]).toEqual([21, 6, 10, -2]);
  });
  it("or with one for all", () => {
    expect([...attributeLogits(y, Float32Array.of(1, 10), 2, 2)]).toEqual([21, 43, 10, -1]);
  });
  it("refuses a number of directions that does not fit", () => {
    expect(() => attributeLogits(y, new Float32Array(6), 2, 2)).toThrow(/1 direction or 2, got 3/);
    expect(() => attributeLogits(y, new Float32Array(6), 3, 2)).toThrow(/\[C, 3, 2\], got 8/);
  });
});

describe("padding", () => {
  it("is marked, and cut off with one prompt", () => {
    const x = { data: Float32Array.from({ length: 12 }, (_, i) => i), dims: [2, 3, 2] };
    markPadding(x, 1, [3, 1]);
    expect([...x.data]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, NaN, NaN, NaN, NaN]);
    expect(cutRow(x, 1, 1, 1)).toEqual({ data: Float32Array.of(6, 7), dims: [1, 1, 2] });
  });
  it("of attention: queries are marked, keys stay 0, both are cut", () => {
    // 2 prompts of 2 and 1 tokens, 2 heads
    const x = {
      data: Float32Array.of(1, 0, 0.5, 0.5, 1, 0, 0.25, 0.75, 1, 0, 0.1, 0.9, 1, 0, 0.2, 0.8),
      dims: [2, 2, 2, 2],
    };
    markPadding(x, 2, [2, 1]);
    expect([...x.data.subarray(8)]).toEqual([1, 0, NaN, NaN, 1, 0, NaN, NaN]);
    expect(cutRow(x, 2, 1, 1)).toEqual({ data: Float32Array.of(1, 1), dims: [1, 2, 1, 1] });
    expect(cutRow(x, 2, 0, 2).data).toEqual(x.data.slice(0, 8));
  });
});
