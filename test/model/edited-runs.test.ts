/** Runs with edits against hand computation and what must follow; `edits-pytorch.test.ts` has PyTorch's numbers. */
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, it } from "vitest";
import { hookNames } from "../../src/core/hooks.ts";
import type { DirectEdit } from "../../src/core/edits.ts";
import { FIXTURES, embeddedEngine, largestDifference, type NodeEngine } from "./node-engine.ts";

const { ids } = JSON.parse(readFileSync(new URL("edits.json", FIXTURES), "utf8")) as {
  ids: number[];
};
const T = ids.length;

let engine: NodeEngine;
beforeAll(async () => {
  engine = await embeddedEngine();
});
afterAll(() => engine.release());

const run = (edits: DirectEdit[], names: string[] = []) =>
  engine.runner.run({ ids: [ids], names, edits, logits: "all" });

it("a head zeroed at a position leaves attn_out = Σ over the other heads of z·W_O, plus the bias", async () => {
  const [layer, head, pos] = [1, 4, 5];
  const out = `blocks.${layer}.hook_attn_out`;
  const hookZ = `blocks.${layer}.attn.hook_z`;
  const plain = await run([], [hookZ, out]);
  const edited = await run([{ hook: hookZ, op: "zero", head, pos }], [hookZ, out]);
  const { n_embd: d, n_head: H } = engine.config;
  const h = d / H;
  const z = plain.cache.get(hookZ)!.data;
  const W_O = engine.weight(`h.${layer}.attn.c_proj.weight`); // [d, d], rows are head · h
  const expected = Float32Array.from(plain.cache.get(out)!.data);
  const bias = engine.weight(`h.${layer}.attn.c_proj.bias`);
  for (let o = 0; o < d; o++) {
    let sum = bias[o]!;
    for (let i = 0; i < d; i++) {
      if (Math.floor(i / h) !== head) sum += z[pos * d + i]! * W_O[i * d + o]!;
    }
    expected[pos * d + o] = sum;
  }
  expect(largestDifference(edited.cache.get(out)!.data, expected)).toBeLessThan(1e-4);
  const zeroed = edited.cache
    .get(hookZ)!
    .data.subarray(pos * d + head * h, pos * d + (head + 1) * h);
  expect([...zeroed]).toEqual(Array<number>(h).fill(0));
});

it("a residual replaced after one layer is the one that the next layer begins with", async () => {
  const { n_embd: d } = engine.config;
  const value = Float32Array.from({ length: T * d }, (_, i) => Math.sin(i));
  const names = ["blocks.2.hook_resid_pre", "blocks.3.hook_resid_post"];
  const after = await run([{ hook: "blocks.1.hook_resid_post", op: "replace", value }], names);
  const before = await run([{ hook: "blocks.2.hook_resid_pre", op: "replace", value }], names);
  expect(after.cache.get(names[0]!)!.data).toEqual(value);
  expect(after.cache.get(names[1]!)!.data).toEqual(before.cache.get(names[1]!)!.data);
  expect(after.logits!.data).toEqual(before.logits!.data);
});

it("nothing before an edit changes, and no position before it", async () => {
  const names = hookNames(engine.config).filter((name) => !name.includes("attn.hook_attn_scores"));
  const plain = await run([], names);
  const [layer, pos] = [2, 8];
  const edited = await run(
    [{ hook: `blocks.${layer}.hook_resid_mid`, op: "scale", value: -0.5, pos }],
    names,
  );
  const index = names.indexOf(`blocks.${layer}.hook_resid_mid`);
  names.forEach((name, i) => {
    const { data, dims } = edited.cache.get(name)!;
    const same = plain.cache.get(name)!.data;
    if (i < index) expect(data, name).toEqual(same);
    else if (!/attn.hook_(pattern|attn_scores)$/.test(name)) {
      const end = (pos * data.length) / dims[1]!;
      expect(data.subarray(0, end), name).toEqual(same.subarray(0, end));
      expect(data.subarray(end), name).not.toEqual(same.subarray(end));
    }
  });
});

it("an activation patched with its own value changes nothing", async () => {
  const hooks = ["blocks.0.attn.hook_q", "blocks.1.attn.hook_pattern", "blocks.3.mlp.hook_post"];
  const { cache, logits } = await run([], hooks);
  const own = await run(
    hooks.map((hook) => ({ hook, op: "replace", value: cache.get(hook)!.data })),
  );
  expect(largestDifference(own.logits!.data, logits!.data)).toBeLessThan(1e-5);
});
