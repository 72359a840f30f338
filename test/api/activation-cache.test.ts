/** The helpers of `ActivationCache` over runs of the float64 reference, in both bases: the sums that they promise. */
import { describe, expect, it } from "vitest";
import type { ActivationCache } from "../../src/api/activation-cache.ts";
import type { ResidualStack } from "../../src/api/cache-types.ts";
import { runWithCache, type RunOptions } from "../../src/api/run.ts";
import type { Basis } from "../../src/core/basis.ts";
import { hookNames } from "../../src/core/hooks.ts";
import { LabError } from "../../src/core/lab-error.ts";
import { readParameter } from "../../src/lab/basis-parameters.ts";
import { runWithCache as runInWorker } from "../../src/lab/run-with-cache.ts";
import { tokenDirections } from "../../src/lab/token-directions.ts";
import type { LabClient } from "../../src/rpc/client.ts";
import type { LabApi } from "../../src/rpc/contract.ts";
import { referenceAsModel } from "../lab/reference-model.ts";
import { largestDifference } from "../model/node-engine.ts";
import { madeUpModel, ODD } from "../reference/models.ts";

const reference = madeUpModel({ ...ODD, n_layer: 2 }, 8, false);
const { config } = reference;
const { n_layer: L, n_head: H, n_embd: D, n_inner: m, vocab_size: V } = config;
const model = referenceAsModel(reference);
const { signal } = new AbortController();

/** The worker's own code behind a client, without the worker. */
const client = {
  call: async (method: string, input: unknown) => {
    if (method === "model.runWithCache") {
      return runInWorker(model, input as LabApi["model.runWithCache"]["input"], signal);
    }
    if (method === "model.weight") {
      const { name, basis } = input as LabApi["model.weight"]["input"];
      return readParameter(model, name, basis);
    }
    return tokenDirections(model, input as LabApi["model.unembedding"]["input"]);
  },
} as unknown as LabClient;
const tokenId = (text: string): number => {
  if (/^\d+$/.test(text)) return Number(text);
  throw new LabError("bad-input", `"${text}" is 2 tokens`);
};
const info = { ...model.info, hooks: hookNames(config) };
const run = async (prompts: number[][], options: RunOptions = {}) => {
  const { logits, ...rest } = await runWithCache(client, info, tokenId, prompts, options);
  return { ...rest, logits: logits! };
};

/** Σ over components: [C, …] → […]. */
function total({ data, dims }: { data: Float32Array; dims: number[] }): Float64Array {
  const size = dims.slice(1).reduce((a, b) => a * b, 1);
  const sum = new Float64Array(size);
  data.forEach((v, i) => (sum[i % size] = sum[i % size]! + v));
  return sum;
}
const expectSum = (stack: ResidualStack, x: ArrayLike<number>) =>
  expect(largestDifference(total(stack), x)).toBeLessThan(3e-5);

const prompts = [
  [210, 3, 14, 159],
  [210, 9, 77, 5],
];
const [B, T] = [2, 4];

describe.each<Basis>(["raw", "tl"])("in basis %s", (basis) => {
  const whole = run(prompts, { basis });

  it("is a Map that also takes shorthand", async () => {
    const { cache } = await whole;
    expect(cache).toBeInstanceOf(Map);
    expect(cache.basis).toBe(basis);
    expect([...cache.keys()]).toEqual(
      hookNames(config).filter((name) => !name.endsWith("hook_result")),
    );
    const z = cache.get("blocks.1.attn.hook_z")!;
    expect(z.dims).toEqual([B, T, H, D / H]);
    for (const found of [
      cache.get("z1"),
      cache.get("z", 1),
      cache.get("z", -1),
      cache.need("z", 1),
    ]) {
      expect(found).toBe(z);
    }
    expect(cache.get("embed")).toBe(cache.get("hook_embed"));
    expect(cache.get("scale", 0, "ln2")).toBe(cache.get("blocks.0.ln2.hook_scale"));
    expect(cache.get("z")).toBeUndefined();
    expect(cache.get("nothing")).toBeUndefined();
    expect(() => cache.get("z", 2)).toThrow(/2 layers/);
    expect(() => cache.need("result", 0)).toThrow(/did not keep blocks.0.attn.hook_result/);
  });

  it("decomposes the stream into parts that sum to it", async () => {
    const { cache } = await whole;
    const full = await cache.decomposeResid();
    expect(full.dims).toEqual([2 + 2 * L, B, T, D]);
    expect(full).toMatchObject({ basis, positions: null, norm: null });
    expect(full.labels.join()).toBe("embed,pos_embed,0_attn_out,0_mlp_out,1_attn_out,1_mlp_out");
    expectSum(full, cache.need("resid_post", 1).data);
    expectSum(await cache.decomposeResid(1), cache.need("resid_pre", 1).data);
    expectSum(await cache.decomposeResid(1, { mlpInput: true }), cache.need("resid_mid", 1).data);
  });

  it("stacks the stream itself, and reads it as the logit lens does", async () => {
    const { cache, logits } = await whole;
    const stack = await cache.accumulatedResid(-1, { inclMid: true });
    expect(stack.labels.join()).toBe("0_pre,0_mid,1_pre,1_mid,final_post");
    expect(stack.data.subarray(B * T * D, 2 * B * T * D)).toEqual(cache.need("resid_mid", 0).data);
    // Read with its own scale, the last of them gives the model's logits.
    const lens = await cache.accumulatedResid(null, { applyLn: true, pos: -1 });
    expect(lens.dims).toEqual([L + 1, B, D]);
    const W_U = (await readParameter(model, "unembed.W_U", basis)).data;
    const b_U = (await readParameter(model, "unembed.b_U", basis)).data;
    for (let b = 0; b < B; b++) {
      const y = lens.data.subarray((L * B + b) * D, (L * B + b + 1) * D);
      const found = Float64Array.from(b_U, (bias, v) =>
        y.reduce((sum, x, d) => sum + x * W_U[d * V + v]!, bias),
      );
      const expected = logits.data.subarray(((b + 1) * T - 1) * V, (b + 1) * T * V);
      expect(largestDifference(found, expected)).toBeLessThan(3e-5);
    }
    // So do the lens's attributions, at each layer what W_U reads, and of all positions.
    const all = await cache.accumulatedResid(-1, { applyLn: true });
    for (const [token, against] of [[17], [3, 100]] as const) {
      const found = await cache.logitAttrs(all, token, against ?? null);
      const last = found.data.subarray(L * B * T);
      last.forEach((x, r) => {
        const logit = (v: number) => logits.data[r * V + v]!;
        const expected = logit(token) - (against === undefined ? 0 : logit(against));
        expect(Math.abs(x + found.bias.data[r]! - expected)).toBeLessThan(3e-5);
      });
      const y = all.data.subarray(D, 2 * D); // 0_pre at the second position
      const read = (v: number) => y.reduce((sum, x, d) => sum + x * W_U[d * V + v]!, b_U[v]!);
      const expected = read(token) - (against === undefined ? 0 : read(against));
      expect(Math.abs(found.data[1]! + found.bias.data[1]! - expected)).toBeLessThan(3e-5);
    }
    expect(all.affine).toBe(basis === "raw");
    // At a layer below the last, all are divided by that layer's own scale.
    const at1 = await cache.accumulatedResid(1, { applyLn: true });
    expect(at1.norm).toBe("blocks.1.ln1");
  });

  it("normalises parts so that they sum to what the LayerNorm gives", async () => {
    const { cache } = await whole;
    const tl = (await run(prompts, { basis: "tl", names: ["normalized"] })).cache;
    expectSum(await cache.decomposeResid(null, { applyLn: true }), tl.need("normalized").data);
    const mlp = await cache.decomposeResid(1, { applyLn: true, mlpInput: true });
    const { cache: ln2 } = await run(prompts, { basis: "tl", names: [["normalized", 1, "ln2"]] });
    expectSum(mlp, ln2.need("normalized", 1, "ln2").data);
    await expect(cache.applyLnToStack(mlp)).rejects.toThrow(/scale of blocks.1.ln2 already/);
  });

  it("takes a scale that was not kept from the stream", async () => {
    const { cache } = await whole;
    const few = await run(prompts, { basis, names: ["resid_post"] });
    const stack = await cache.decomposeResid();
    const here = await cache.applyLnToStack(stack);
    const there = await few.cache.applyLnToStack(stack);
    expect(largestDifference(here.data, there.data)).toBeLessThan(1e-5);
    const none = (await run(prompts, { basis, names: ["embed"] })).cache;
    await expect(none.applyLnToStack(stack)).rejects.toThrow(/did not keep ln_final.hook_scale/);
    await expect(none.decomposeResid()).rejects.toThrow(
      /hook_pos_embed, blocks.0.hook_attn_out, blocks.0.hook_mlp_out and 2 more/,
    );
  });

  it("heads and the rest sum to the stream, from z as from hook_result", async () => {
    const { cache } = await whole;
    const heads = await cache.stackHeadResults(-1, { inclRemainder: true });
    expect(heads.labels).toHaveLength(L * H + 1);
    expect([heads.labels[0], heads.labels[H + 2], heads.labels.at(-1)]).toEqual([
      "L0H0",
      "L1H2",
      "remainder",
    ]);
    expectSum(heads, cache.need("resid_post", 1).data);
    const { cache: asked } = await run(prompts, { basis, names: ["result"] });
    const own = await asked.stackHeadResults();
    expect(own.dims).toEqual([L * H, B, T, D]);
    expect(largestDifference(own.data, heads.data.subarray(0, own.data.length))).toBeLessThan(1e-5);
    // A layer's heads and b_O are its attn_out.
    const b_O = (await readParameter(model, "blocks.0.attn.b_O", basis)).data;
    const first = await cache.stackHeadResults(1);
    const sum = total(first).map((v, i) => v + b_O[i % D]!);
    expect(largestDifference(sum, cache.need("attn_out", 0).data)).toBeLessThan(1e-5);
    expect((await cache.stackHeadResults(0, { inclRemainder: true })).labels).toEqual([
      "remainder",
    ]);
    expect((await cache.stackHeadResults(0)).dims).toEqual([0, B, T, D]);
  });

  it("neurons and the rest sum to the stream, also along a direction", async () => {
    const { cache } = await whole;
    const neurons = await cache.stackNeuronResults(2, { inclRemainder: true, pos: -1 });
    expect(neurons.dims).toEqual([L * m + 1, B, D]);
    expect(neurons.labels[m + 3]).toBe("L1N3");
    const last = await cache.accumulatedResid(null, { pos: -1 });
    expectSum(neurons, last.data.subarray(L * B * D));
    const direction = Float32Array.from({ length: D }, (_, d) => Math.sin(d));
    const along = (stack: ResidualStack) =>
      Float64Array.from({ length: stack.data.length / D }, (_, i) =>
        direction.reduce((sum, u, d) => sum + u * stack.data[i * D + d]!, 0),
      );
    for (const applyLn of [false, true]) {
      const options = { inclRemainder: true, pos: 1, neurons: [52, 0, 7], applyLn };
      const plain = await cache.stackNeuronResults(1, options);
      const projected = await cache.stackNeuronResults(1, { ...options, projectOnto: direction });
      expect(projected.dims).toEqual([4, B]);
      expect(projected.norm).toBe(applyLn ? "blocks.1.ln1" : null);
      expect(largestDifference(projected.data, along(plain))).toBeLessThan(2e-5);
      const full = await cache.fullResidDecomposition(1, { pos: 1, applyLn });
      const flat = await cache.fullResidDecomposition(1, {
        pos: 1,
        applyLn,
        projectOnto: direction,
      });
      expect(flat.dims).toEqual([H + m + 3, B]);
      expect(largestDifference(flat.data, along(full))).toBeLessThan(2e-5);
    }
    await expect(cache.stackNeuronResults(1, { projectOnto: new Float32Array(3) })).rejects.toThrow(
      /a direction of 35 numbers, got 3/,
    );
  });

  it("decomposes the whole stream, down to the biases", async () => {
    const { cache } = await whole;
    for (const expandNeurons of [true, false]) {
      const full = await cache.fullResidDecomposition(null, { expandNeurons });
      expect(full.dims).toEqual([L * H + L * (expandNeurons ? m : 1) + 3, B, T, D]);
      expect(full.labels.slice(-3)).toEqual(["embed", "pos_embed", "bias"]);
      expectSum(full, cache.need("resid_post", 1).data);
      const mlp = await cache.fullResidDecomposition(1, { expandNeurons, mlpInput: true });
      expectSum(mlp, cache.need("resid_mid", 1).data);
      const start = await cache.fullResidDecomposition(0, { expandNeurons });
      expectSum(start, cache.need("resid_pre", 0).data);
    }
  });

  it("attributes logits: all parts and the bias sum to the logit, and to its differences", async () => {
    const { cache, logits } = await whole;
    const at = (b: number, t: number, v: number) => logits.data[(b * T + t) * V + v]!;
    const parts = await cache.decomposeResid();
    const all = await cache.logitAttrs(parts, 17);
    expect(all.dims).toEqual([6, B, T]);
    expect(all.bias.dims).toEqual([B, T]);
    total(all).forEach((sum, r) => {
      const expected = at(Math.floor(r / T), r % T, 17);
      expect(Math.abs(sum + all.bias.data[r]! - expected)).toBeLessThan(3e-5);
    });
    // One position, a token for each prompt, against another token; id 0 counts as a token.
    const last = await cache.fullResidDecomposition(null, { pos: -1, applyLn: true });
    const difference = await cache.logitAttrs(last, [3, "100"], [0, 44]);
    expect(difference).toMatchObject({ dims: [L * H + L * m + 3, B], basis });
    const expected = [at(0, 3, 3) - at(0, 3, 0), at(1, 3, 100) - at(1, 3, 44)];
    total(difference).forEach((sum, b) => {
      expect(Math.abs(sum + difference.bias.data[b]! - expected[b]!)).toBeLessThan(3e-5);
    });
    // A token for each position.
    const next = [
      [3, 14, 159, 1],
      [9, 77, 5, 2],
    ];
    const each = await cache.logitAttrs(parts, next);
    total(each).forEach((sum, r) => {
      const [b, t] = [Math.floor(r / T), r % T];
      expect(Math.abs(sum + each.bias.data[r]! - at(b, t, next[b]![t]!))).toBeLessThan(3e-5);
    });
  });
});

describe("what cannot be is refused, with what to do", () => {
  const stackOf = async (cache: ActivationCache) => cache.decomposeResid(null, { pos: -1 });
  it.each([
    ["a layer", (c: ActivationCache) => c.decomposeResid(3), /layer 3 is not among 0 … 2/],
    [
      "the unembedding's MLP",
      (c: ActivationCache) => c.decomposeResid(-1, { mlpInput: true }),
      /the unembedding has no MLP/,
    ],
    [
      "a position",
      (c: ActivationCache) => c.decomposeResid(1, { pos: 4 }),
      /position 4 is none of the 4 tokens of prompt 0/,
    ],
    [
      "a stack of one position made by hand",
      async (c: ActivationCache) => {
        const { data, dims } = await stackOf(c);
        return c.logitAttrs({ data, dims }, 3);
      },
      /expected a stack of \[components, 2, 4, 35\].*needs "pos"/,
    ],
    [
      "a stack of another basis",
      async (c: ActivationCache) => c.logitAttrs({ ...(await stackOf(c)), basis: "tl" }, 3),
      /the stack is in basis "tl", the cache in "raw"/,
    ],
    [
      "a stack after another LayerNorm",
      async (c: ActivationCache) => c.logitAttrs(await c.decomposeResid(1, { applyLn: true }), 3),
      /scale of blocks.1.ln1, but logits are read after ln_final/,
    ],
    [
      "a token",
      async (c: ActivationCache) => c.logitAttrs(await stackOf(c), 211),
      /211 is no token id/,
    ],
    [
      "two tokens",
      async (c: ActivationCache) => c.logitAttrs(await stackOf(c), "a b"),
      /is 2 tokens/,
    ],
    [
      "too few tokens",
      async (c: ActivationCache) => c.logitAttrs(await stackOf(c), [1]),
      /one for each of 2 prompts, got 1/,
    ],
    [
      "a row",
      (c: ActivationCache) => Promise.resolve().then(() => c.row(2)),
      /no row 2; the run had 2/,
    ],
    [
      "a parameter folded away",
      () => readParameter(model, "ln_final.w", "tl"),
      /folded into other weights/,
    ],
    [
      "the checkpoint's name in another basis",
      () => readParameter(model, "ln_f.weight", "tl"),
      /the checkpoint's own name/,
    ],
  ])("%s", async (_, act, said) => {
    const { cache } = await run(prompts);
    await expect(act(cache)).rejects.toThrow(said);
  });
  it("a basis", async () => {
    await expect(run(prompts, { basis: "TL" as Basis })).rejects.toThrow(/no basis "TL"/);
  });
  it("more than memory", async () => {
    const { cache } = await run(prompts);
    const large = Array.from({ length: 1e6 }, () => 0);
    await expect(cache.stackNeuronResults(2, { neurons: large })).rejects.toMatchObject({
      code: "out-of-memory",
      message: /projectOnto/,
    });
  });
});

describe("prompts of unequal length", () => {
  const uneven = [
    [210, 3, 14, 159, 26],
    [210, 9],
  ];
  it.each<Basis>(["raw", "tl"])("are rows, each as alone, in basis %s", async (basis) => {
    const { cache, logits } = await run(uneven, { basis });
    expect(cache.lengths).toEqual([5, 2]);
    for (const [i, ids] of uneven.entries()) {
      const { cache: alone } = await run([ids], { basis });
      const row = cache.row(i - 2);
      expect(row.lengths).toEqual([ids.length]);
      for (const [name, { data, dims }] of row) {
        expect(dims, name).toEqual(alone.get(name)!.dims);
        expect(largestDifference(data, alone.get(name)!.data), name).toBeLessThan(1e-6);
      }
    }
    // The last position is each prompt's own.
    const stack = await cache.decomposeResid(null, { pos: -1 });
    expect(stack.positions).toEqual([4, 1]);
    const attribution = await cache.logitAttrs(stack, [9, 3]);
    const found = total(attribution).map((v, b) => v + attribution.bias.data[b]!);
    expect(Math.abs(found[1]! - logits.data[(5 + 1) * V + 3]!)).toBeLessThan(3e-5);
    // Over all positions, the padding stays marked.
    const all = await cache.logitAttrs(await cache.decomposeResid(), [
      [1, 2, 3, 4, 5],
      [6, 7],
    ]);
    expect(all.dims).toEqual([6, 2, 5]);
    expect([...all.data.subarray(5, 10)].map(Number.isNaN)).toEqual([
      false,
      false,
      true,
      true,
      true,
    ]);
    await expect(cache.decomposeResid(0, { pos: 2 })).rejects.toThrow(/2 tokens of prompt 1/);
  });
});
