/** Every hook point of the embedded model against PyTorch's activations on the same weights. */
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hookNames } from "../../src/core/hooks.ts";
import { parseSafetensors, readArray, readFloats } from "../../src/formats/safetensors.ts";
import { FIXTURES, embeddedEngine, largestDifference, type NodeEngine } from "./node-engine.ts";

const reference = new Uint8Array(readFileSync(new URL("reference.safetensors", FIXTURES)));
const header = parseSafetensors(reference);
const floats = (name: string) => readFloats(reference, header.tensors.get(name)!);

let engine: NodeEngine;
beforeAll(async () => {
  engine = await embeddedEngine();
});
afterAll(() => engine.release());

describe.each(["p0", "p1"])("prompt %s", (prompt) => {
  const ids = [...readArray(reference, header.tensors.get(`${prompt}.input_ids`)!, "I32")];
  it("has PyTorch's value at every hook, to 5e-4", async () => {
    const names = hookNames(engine.config);
    const { cache, logits } = await engine.runner.run({
      ids: [ids],
      names,
      edits: [],
      logits: "all",
    });
    const differences: Record<string, number> = {};
    for (const name of names) {
      const { data, dims } = cache.get(name)!;
      expect(dims[0]).toBe(1);
      const entry = header.tensors.get(`${prompt}.${name}`);
      // The reference has no attention scores; they are tested by their softmax below.
      if (!entry) {
        expect(name).toMatch(/(hook_attn_scores|hook_scale|hook_result)$/);
        continue;
      }
      expect(dims.slice(1)).toEqual(entry.shape);
      differences[name] = largestDifference(data, floats(`${prompt}.${name}`));
    }
    differences["logits"] = largestDifference(logits!.data, floats(`${prompt}.logits`));
    expect(logits!.dims).toEqual([1, ids.length, engine.config.vocab_size]);
    const worst = Object.entries(differences).sort((a, b) => b[1] - a[1])[0]!;
    expect(worst[1], worst[0]).toBeLessThanOrEqual(5e-4);
    expect(Object.keys(differences)).toHaveLength(header.tensors.size / 2 - 1);
  });

  it("has scores whose softmax is the pattern, and −∞ where a query cannot see", async () => {
    const [s, p] = ["blocks.2.attn.hook_attn_scores", "blocks.2.attn.hook_pattern"] as const;
    const { cache } = await engine.runner.run({
      ids: [ids],
      names: [s, p],
      edits: [],
      logits: "none",
    });
    const { data: scores, dims } = cache.get(s)!;
    const T = ids.length;
    expect(dims).toEqual([1, engine.config.n_head, T, T]);
    const pattern = cache.get(p)!.data;
    for (let row = 0; row < engine.config.n_head * T; row++) {
      const line = scores.subarray(row * T, (row + 1) * T);
      const query = row % T;
      const sum = line.reduce((n, v) => n + Math.exp(v), 0);
      line.forEach((v, key) => {
        if (key > query) expect(v).toBe(-Infinity);
        expect(Math.exp(v) / sum).toBeCloseTo(pattern[row * T + key]!, 5);
      });
    }
  });
});

it("returns logits only where they are asked for", async () => {
  const ids = [
    [5, 6, 7],
    [8, 9, 10],
  ];
  const all = await engine.runner.run({ ids, names: [], edits: [], logits: "all" });
  const last = await engine.runner.run({ ids, names: [], edits: [], logits: "last" });
  const none = await engine.runner.run({ ids, names: [], edits: [], logits: "none" });
  const V = engine.config.vocab_size;
  expect(last.logits!.dims).toEqual([2, 1, V]);
  expect(none.logits).toBeNull();
  for (const row of [0, 1]) {
    const of = all.logits!.data.subarray((row * 3 + 2) * V, (row * 3 + 3) * V);
    expect(largestDifference(last.logits!.data.subarray(row * V, (row + 1) * V), of)).toBeLessThan(
      1e-4,
    );
  }
});
