/** Both bases of `runWithCache`, with and without edits, against weights that were really processed. */
import { describe, expect, it } from "vitest";
import { hookNames, parseHook } from "../../src/core/hooks.ts";
import type { DirectEdit } from "../../src/core/edits.ts";
import { runWithCache } from "../../src/lab/run-with-cache.ts";
import { basisKind } from "../../src/math/basis.ts";
import { centred } from "../../src/math/rows.ts";
import { largestDifference } from "../model/node-engine.ts";
import { referenceEdit } from "../reference/edits.ts";
import { referenceRun } from "../reference/forward.ts";
import { madeUpModel, ODD, randomValues } from "../reference/models.ts";
import { processed } from "../reference/tl-weights.ts";
import { referenceAsModel } from "./reference-model.ts";

const reference = madeUpModel(ODD, 5, false);
const twin = processed(reference);
const model = referenceAsModel(reference);
const names = hookNames(ODD);
const { signal } = new AbortController();
const rows = [
  [210, 3, 14, 159],
  [210, 7, 77, 3],
];
const prompts = rows.map((ids) => ({ ids }));
const [T, H, D, V] = [4, ODD.n_head, ODD.n_embd, ODD.vocab_size];
const h = D / H;
const values = (length: number, key: number) => Float32Array.from(randomValues(length, key));

/** A run in TransformerLens's basis against one of the processed weights, with the edits as they stand. */
async function expectTwin(edits: DirectEdit[]): Promise<void> {
  const { cache, logits } = await runWithCache(
    model,
    { prompts, names, edits, basis: "tl" },
    signal,
  );
  const expected = referenceRun(
    twin,
    rows,
    edits.map((edit) => referenceEdit(edit, [T, T])),
  );
  for (const [name, { data, dims }] of cache) {
    const { value, dims: shape } = expected.get(name);
    expect(dims, name).toEqual([...shape]);
    // What an edit adds along (1, 1, …, 1) of d_model is lost: nothing that reads it can see that.
    const kind = basisKind(parseHook(name, ODD).site);
    const seen = kind !== "same" && kind !== "value" ? centred(Float32Array.from(value), D) : value;
    expect(largestDifference(data, seen), name).toBeLessThan(2e-5);
  }
  expect(largestDifference(logits.data, expected.get("logits").value)).toBeLessThan(2e-5);
}

describe("in TransformerLens's basis", () => {
  it("every hook and the logits are those of the processed weights", () => expectTwin([]));

  const at = (site: string) => `blocks.1.${site}`;
  const cases: [string, DirectEdit[]][] = [
    ["zero v", [{ hook: at("attn.hook_v"), op: "zero", pos: 1 }]],
    ["scale v of a head", [{ hook: at("attn.hook_v"), op: "scale", value: -0.5, head: 3 }]],
    ["replace v by a vector", [{ hook: at("attn.hook_v"), op: "replace", value: values(h, 1) }]],
    ["zero z of a head at the end", [{ hook: at("attn.hook_z"), op: "zero", head: 2, pos: -1 }]],
    ["zero one number of z", [{ hook: at("attn.hook_z"), op: "zero", head: 2, neuron: 4 }]],
    ["scale z in one row", [{ hook: at("attn.hook_z"), op: "scale", value: 3, row: 1 }]],
    ["add to z", [{ hook: at("attn.hook_z"), op: "add", value: values(h, 2), head: 0 }]],
    ["replace z by a number", [{ hook: at("attn.hook_z"), op: "replace", value: 0.7, pos: 0 }]],
    [
      "replace z by a tensor",
      [{ hook: at("attn.hook_z"), op: "replace", value: values(T * D, 3) }],
    ],
    ["zero a result", [{ hook: at("attn.hook_result"), op: "zero", head: 4 }]],
    ["scale a result", [{ hook: at("attn.hook_result"), op: "scale", value: 2, head: 1, pos: -2 }]],
    [
      "replace a result",
      [{ hook: at("attn.hook_result"), op: "replace", value: values(D, 4), head: 1 }],
    ],
    ["zero a pattern", [{ hook: at("attn.hook_pattern"), op: "zero", head: 1 }]],
    ["zero one key", [{ hook: at("attn.hook_pattern"), op: "zero", neuron: 0, row: 0 }]],
    [
      "a pattern, v and z at once",
      [
        { hook: at("attn.hook_z"), op: "scale", value: 0.5, head: 1 },
        { hook: at("attn.hook_v"), op: "zero", pos: 2 },
        { hook: at("attn.hook_pattern"), op: "scale", value: 1.7, pos: 3 },
        { hook: at("attn.hook_v"), op: "add", value: values(h, 5), head: 4 },
      ],
    ],
    [
      "add to scores",
      [{ hook: at("attn.hook_attn_scores"), op: "add", value: 1, head: 1, neuron: 0 }],
    ],
    ["zero ln1", [{ hook: at("ln1.hook_normalized"), op: "zero", pos: 1 }]],
    ["scale ln2", [{ hook: at("ln2.hook_normalized"), op: "scale", value: 0.3 }]],
    [
      "replace ln_final",
      [{ hook: "ln_final.hook_normalized", op: "replace", value: values(D, 6), pos: 0 }],
    ],
    ["add to ln2", [{ hook: at("ln2.hook_normalized"), op: "add", value: values(D, 7), row: 0 }]],
    [
      "add to a coordinate of ln1",
      [{ hook: at("ln1.hook_normalized"), op: "add", value: 4, neuron: 3 }],
    ],
    [
      "add a tensor to ln1",
      [{ hook: at("ln1.hook_normalized"), op: "add", value: values(T * D, 11), neuron: 7 }],
    ],
    [
      "replace ln2 by a number",
      [{ hook: at("ln2.hook_normalized"), op: "replace", value: 2, pos: 1 }],
    ],
    ["scale a scale", [{ hook: at("ln2.hook_scale"), op: "scale", value: 2 }]],
    ["add to the stream", [{ hook: at("hook_resid_mid"), op: "add", value: values(D, 8) }]],
    ["zero attn_out", [{ hook: at("hook_attn_out"), op: "zero", pos: -1 }]],
    ["zero mlp_out", [{ hook: at("hook_mlp_out"), op: "scale", value: -1 }]],
    ["replace the embedding", [{ hook: "hook_embed", op: "replace", value: values(D, 9), pos: 2 }]],
    ["zero a neuron", [{ hook: at("mlp.hook_post"), op: "zero", neuron: 52 }]],
    ["scale q", [{ hook: at("attn.hook_q"), op: "scale", value: 2, head: 0 }]],
  ];
  it.each(cases)("%s", (_, edits) => expectTwin(edits));

  it("refuses to replace one coordinate of hook_normalized, and says why", async () => {
    const edits: DirectEdit[] = [{ hook: at("ln1.hook_normalized"), op: "zero", neuron: 3 }];
    await expect(
      runWithCache(model, { prompts, names, edits, basis: "tl" }, signal),
    ).rejects.toMatchObject({ code: "unsupported", message: /moves the mean/ });
  });
  it("cannot tell an edited hook_normalized where LayerNorm's weight is 0", async () => {
    const broken = madeUpModel(ODD, 5, false);
    broken.blocks[1]!.ln2.w[34] = 0;
    const request = { prompts, names: [at("ln2.hook_normalized")], basis: "tl" as const };
    const edits: DirectEdit[] = [{ hook: at("ln2.hook_normalized"), op: "zero" }];
    await expect(
      runWithCache(referenceAsModel(broken), { ...request, edits }, signal),
    ).rejects.toMatchObject({ code: "degenerate", message: /weight is 0 at dimension 34/ });
    await expect(
      runWithCache(referenceAsModel(broken), { ...request, edits: [] }, signal),
    ).resolves.toBeTruthy();
  });
});

describe("in the raw basis", () => {
  it("values and edits are the engine's own", async () => {
    const edits: DirectEdit[] = [{ hook: "blocks.0.attn.hook_z", op: "zero", head: 2 }];
    const { cache, logits } = await runWithCache(
      model,
      { prompts, names, edits, basis: "raw" },
      signal,
    );
    const expected = referenceRun(
      reference,
      rows,
      edits.map((edit) => referenceEdit(edit, [T, T])),
    );
    expect(cache.map(([name]) => name)).toEqual(names);
    for (const [name, { data }] of cache) {
      expect(largestDifference(data, Float32Array.from(expected.get(name).value)), name).toBe(0);
    }
    expect(logits.dims).toEqual([2, T, V]);
  });
});

describe("several prompts of unequal length", () => {
  it.each(["raw", "tl"] as const)(
    "are as each alone in basis %s, with NaN beyond",
    async (basis) => {
      const uneven = [
        [210, 3, 14, 159, 26],
        [210, 9],
        [210, 5, 8, 13],
      ];
      const all = await runWithCache(
        model,
        { prompts: uneven.map((ids) => ({ ids })), names, edits: [], basis },
        signal,
      );
      expect(all.tokens.map(({ ids }) => ids)).toEqual(uneven);
      for (const [i, ids] of uneven.entries()) {
        const alone = await runWithCache(
          model,
          { prompts: [{ ids }], names, edits: [], basis },
          signal,
        );
        for (const [n, [name, { data, dims }]] of all.cache.entries()) {
          const one = alone.cache[n]![1];
          const heads = /pattern|scores/.test(name);
          const axis = heads ? 2 : 1;
          const width = dims.slice(axis + 1).reduce((a, b) => a * b, 1);
          const own = one.dims.slice(axis + 1).reduce((a, b) => a * b, 1);
          for (let o = 0; o < (heads ? H : 1); o++) {
            for (let t = 0; t < 5; t++) {
              const from = ((i * (heads ? H : 1) + o) * 5 + t) * width;
              const cells = data.subarray(from, from + width);
              if (t >= ids.length) expect(cells.every(Number.isNaN), name).toBe(true);
              else {
                const there = one.data.subarray(
                  (o * ids.length + t) * own,
                  (o * ids.length + t + 1) * own,
                );
                expect(largestDifference(cells.subarray(0, own), there), name).toBeLessThan(1e-6);
                const beyond = name.endsWith("scores") ? -Infinity : 0;
                expect(
                  cells.subarray(own).every((v) => v === beyond),
                  name,
                ).toBe(true);
              }
            }
          }
        }
        const last = ids.length - 1;
        const logits = all.logits.data.subarray((i * 5 + last) * V, (i * 5 + last + 1) * V);
        expect(largestDifference(logits, alone.logits.data.subarray(last * V))).toBeLessThan(1e-6);
      }
      expect(all.logits.data.subarray((5 + 2) * V, 10 * V).every(Number.isNaN)).toBe(true);
    },
  );
  it("needs at least one", async () => {
    const request = { prompts: [], names, edits: [], basis: "raw" as const };
    await expect(runWithCache(model, request, signal)).rejects.toThrow(/no prompt/);
  });
});
