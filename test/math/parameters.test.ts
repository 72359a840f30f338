/** Parameters under TransformerLens's names: shapes, and in its basis those of weights that were really processed. */
import { describe, expect, it } from "vitest";
import { parameterRecipe, OUTPUT_HEAD } from "../../src/math/parameters.ts";
import { meanUnembedding, unembedding } from "../../src/math/unembedding.ts";
import { tensorOf } from "../lab/reference-model.ts";
import { largestDifference } from "../model/node-engine.ts";
import { madeUpModel, ODD } from "../reference/models.ts";
import { processed } from "../reference/tl-weights.ts";

const raw = madeUpModel(ODD, 3, false);
const tl = processed(raw);
const { n_head: H, n_embd: D, n_inner: m, vocab_size: V } = ODD;
const h = D / H;

const make = (name: string, basis: "raw" | "tl") =>
  parameterRecipe(name, basis, ODD).make((source) =>
    tensorOf(raw, source === OUTPUT_HEAD ? "lm_head.weight" : source),
  );
/** Columns of head `head` of part `part` of a [D, 3D] matrix: [D, h]. */
const headOf = (W: Float64Array, part: number, head: number) =>
  Float64Array.from(
    { length: D * h },
    (_, i) => W[Math.floor(i / h) * 3 * D + part * D + head * h + (i % h)]!,
  );

describe.each([
  ["raw", raw],
  ["tl", tl],
] as const)("in basis %s", (basis, model) => {
  const block = model.blocks[2]!;
  it.each([
    ["embed.W_E", [V, D], model.W_E],
    ["pos_embed.W_pos", [ODD.n_positions, D], model.W_pos],
    ["blocks.2.attn.W_O", [H, h, D], block.out.W],
    ["blocks.2.attn.b_O", [D], block.out.b],
    ["blocks.2.mlp.W_in", [D, m], block.mlpIn.W],
    ["blocks.2.mlp.b_in", [m], block.mlpIn.b],
    ["blocks.2.mlp.W_out", [m, D], block.mlpOut.W],
    ["blocks.2.mlp.b_out", [D], block.mlpOut.b],
    ["blocks.2.attn.b_Q", [H, h], block.qkv.b.slice(0, D)],
    ["blocks.2.attn.b_K", [H, h], block.qkv.b.slice(D, 2 * D)],
    ["blocks.2.attn.b_V", [H, h], block.qkv.b.slice(2 * D)],
    ["unembed.W_U", [D, V], model.unembed.W],
    ["unembed.b_U", [V], model.unembed.b],
  ] as [string, number[], Float64Array][])("%s", (name, dims, expected) => {
    const found = make(name, basis);
    expect(found.dims).toEqual(dims);
    expect(largestDifference(found.data, expected)).toBeLessThan(2e-6);
  });
  it.each(["Q", "K", "V"])("W_%s, head by head", (letter) => {
    const { data, dims } = make(`blocks.2.attn.W_${letter}`, basis);
    expect(dims).toEqual([H, D, h]);
    for (let head = 0; head < H; head++) {
      const expected = headOf(block.qkv.W, "QKV".indexOf(letter), head);
      const found = data.subarray(head * D * h, (head + 1) * D * h);
      expect(largestDifference(found, expected)).toBeLessThan(1e-6);
    }
  });
  it("directions of tokens are columns of W_U with LayerNorm folded in, biases b_U", () => {
    const tokens = [210, 0, 17, 17];
    const head = tensorOf(raw, "lm_head.weight");
    const { w, b } = raw.lnFinal;
    const mean = basis === "tl" ? meanUnembedding(head, D) : null;
    const given = [w, b].map((x) => Float32Array.from(x)) as [Float32Array, Float32Array];
    const { directions, bias } = unembedding(head, ...given, tokens, mean);
    tokens.forEach((token, n) => {
      const column = Float64Array.from({ length: D }, (_, d) => model.unembed.W[d * V + token]!);
      const folded = column.map((x, d) => (basis === "tl" ? x : x * w[d]!));
      const average = folded.reduce((a, x) => a + x) / D;
      const expected = folded.map((x) => x - average);
      expect(largestDifference(directions.subarray(n * D, (n + 1) * D), expected)).toBeLessThan(
        2e-6,
      );
      const beta =
        basis === "tl" ? tl.unembed.b[token]! : column.reduce((s, x, d) => s + x * b[d]!, 0);
      expect(Math.abs(bias[n]! - beta)).toBeLessThan(2e-6);
    });
  });
});

describe("LayerNorms", () => {
  it.each([
    ["blocks.1.ln1.w", raw.blocks[1]!.ln1.w],
    ["blocks.1.ln2.b", raw.blocks[1]!.ln2.b],
    ["ln_final.w", raw.lnFinal.w],
  ])("%s is there in the raw basis only", (name, expected) => {
    expect(largestDifference(make(name, "raw").data, expected)).toBeLessThan(1e-7);
    expect(() => make(name, "tl")).toThrow(/folded into other weights/);
  });
});

it.each(["blocks.3.attn.W_O", "blocks.0.attn.W_X", "unembed.W", "W_U", "wte.weight"])(
  "%s is no parameter",
  (name) => expect(() => make(name, "raw")).toThrow(/is no parameter of this model \(3 layers\)/),
);
