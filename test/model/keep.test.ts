/** Activations that stay where they were computed: the same values, read as often as wanted, gone once they are let go. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { hookNames } from "../../src/core/hooks.ts";
import type { DirectEdit } from "../../src/core/edits.ts";
import { nodeEngine, type NodeEngine } from "./node-engine.ts";
import { tinyCheckpoint } from "./tiny-checkpoint.ts";

const sizes = {
  n_layer: 3,
  n_head: 2,
  n_embd: 10,
  n_positions: 9,
  vocab_size: 23,
  bos_token_id: 22,
};
const ids = [
  [22, 3, 14, 15],
  [22, 3, 14, 15],
];

let engine: NodeEngine;
beforeAll(async () => {
  const { config, weights } = tinyCheckpoint(sizes);
  engine = await nodeEngine(config, weights);
});
afterAll(() => engine.release());

it("are those of a run", async () => {
  const names = hookNames(engine.config);
  const edits: DirectEdit[] = [{ hook: "blocks.1.attn.hook_z", op: "zero", head: 1, row: 1 }];
  const kept = await engine.runner.keep({ ids, names, edits });
  const { cache } = await engine.runner.run({ ids, names, edits, logits: "none" });
  for (const [name, value] of cache) {
    expect(kept.dims.get(name), name).toEqual(value.dims);
    const first = await kept.read(name);
    expect(first, name).toEqual(value);
    first.data.fill(0); // the reader's own copy
    expect(await kept.read(name), name).toEqual(value);
  }
  kept.dispose();
});

it("are refused where they were not asked for", async () => {
  const kept = await engine.runner.keep({ ids, names: ["hook_embed"], edits: [] });
  await expect(kept.read("hook_pos_embed")).rejects.toThrow(/not kept; kept are hook_embed/);
  kept.dispose();
  await expect(engine.runner.keep({ ids, names: [], edits: [] })).rejects.toThrow(/no hook point/);
});
