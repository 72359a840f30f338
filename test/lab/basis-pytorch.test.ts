/** Both bases on the embedded model, engine and all, against PyTorch; fixture by test/fixtures/make_gradients.py. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hookNames } from "../../src/core/hooks.ts";
import type { ModelInfo } from "../../src/core/model-info.ts";
import { runWithCache } from "../../src/lab/run-with-cache.ts";
import type { LoadedModel } from "../../src/model/loaded-model.ts";
import { embeddedEngine, type NodeEngine } from "../model/node-engine.ts";
import { pytorch, relativeDifference } from "../reference/fixture.ts";

let engine: NodeEngine;
let model: Pick<LoadedModel, "run" | "weight" | "info" | "tokenizer">;
beforeAll(async () => {
  engine = await embeddedEngine();
  model = {
    info: { config: engine.config } as ModelInfo,
    tokenizer: {
      encode: () => ({ ids: [], warnings: [] }),
      strings: (ids) => ids.map(String),
      decode: String,
    },
    run: engine.runner.run,
    weight: (name) => Promise.resolve({ data: engine.weight(name), dims: [] }),
  };
});
afterAll(() => engine.release());

describe.each(["raw", "tl"] as const)("in basis %s", (basis) => {
  it("every hook and the logits are PyTorch's, to 2e-4 of their root mean square", async () => {
    const { cache, logits } = await runWithCache(
      model,
      { prompts: [{ ids: pytorch.ids }], names: hookNames(engine.config), edits: [], basis },
      new AbortController().signal,
    );
    const found = new Map([...cache, ["logits", logits] as const]);
    const expected = Object.entries(pytorch[basis]);
    expect(expected.length).toBeGreaterThan(70);
    for (const [name, summary] of expected) {
      const { data, dims } = found.get(name)!;
      expect(dims.slice(1), name).toEqual(summary.dims);
      expect(relativeDifference(data, summary), name).toBeLessThan(2e-4);
    }
  });
});
