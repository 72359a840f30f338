/** What must hold of computed edits, and what is refused, on the embedded model in the engine. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Edit } from "../../src/core/edits.ts";
import type { Corpus } from "../../src/lab/corpus.ts";
import { resolveEdits, resolvePerStep } from "../../src/lab/resolve-edits.ts";
import { encode } from "../../src/math/sae.ts";
import { embeddedEngine, largestDifference, type NodeEngine } from "../model/node-engine.ts";
import { randomSae, sourcesOf } from "./edit-models.ts";
import { engineAsModel } from "./engine-model.ts";

let engine: NodeEngine;
beforeAll(async () => {
  engine = await embeddedEngine();
});
afterAll(() => engine.release());

const { signal } = new AbortController();
const model = () => engineAsModel(engine);
const prompt = [4095, 11, 500, 77, 1200, 9, 340];
const other = [4095, 99, 5, 2048, 31, 700, 800, 12, 3];
const resid = "blocks.1.hook_resid_post";
const sae = randomSae(resid, 192, 40);
const sources = sourcesOf({ sae });
const resolved = (edits: Edit[], ids = [prompt]) =>
  resolveEdits(model(), ids, edits, { signal, sources });
const run = async (edits: Edit[], names: string[] = [], ids = [prompt]) =>
  engine.runner.run({ ids, names, edits: await resolved(edits, ids), logits: "all" });
const logits = async (edits: Edit[]) => (await run(edits)).logits!.data;

describe("changes nothing", () => {
  const hooks = [
    resid,
    "blocks.2.attn.hook_z",
    "blocks.0.attn.hook_pattern",
    "blocks.3.mlp.hook_post",
  ];
  const own: [string, Edit[]][] = [
    ["resampled from itself", hooks.map((hook) => ({ hook, op: "resample", from: prompt }))],
    [
      "the mean over one prompt",
      hooks.map((hook) => ({ hook, op: "mean", over: [prompt], per: "position" })),
    ],
    ["spliced in with its error", [{ hook: resid, op: "splice", sae: "sae", error: true }]],
    ["steered by 0", [{ hook: resid, op: "steer", sae: "sae", feature: 3, value: 0 }]],
    [
      "attention scores resampled from themselves",
      [{ hook: "blocks.1.attn.hook_attn_scores", op: "resample", from: prompt }],
    ],
  ];
  it.each(own)("%s", async (_, edits) => {
    expect(largestDifference(await logits(edits), await logits([]))).toBeLessThan(1e-5);
  });

  it("a feature clamped to its own value, at each position", async () => {
    const { cache } = await run([], [resid]);
    const f = encode(cache.get(resid)!.data, sae.weights, sae.config);
    const feature = 7;
    const edits = prompt.map((_, pos): Edit => {
      const value = f[pos * 40 + feature]!;
      return { hook: resid, op: "clamp", sae: "sae", feature, value, pos };
    });
    expect(largestDifference(await logits(edits), await logits([]))).toBeLessThan(1e-5);
  });
});

it("projected out twice is once, and leaves nothing of the direction", async () => {
  const directions = sae.weights.W_dec.slice(0, 192);
  const once: Edit = { hook: resid, op: "project", directions };
  const { cache } = await run([once], [resid]);
  const x = cache.get(resid)!.data;
  for (let t = 0; t < prompt.length; t++) {
    const along = directions.reduce((sum, v, d) => sum + v * x[t * 192 + d]!, 0);
    expect(Math.abs(along) / Math.hypot(...directions)).toBeLessThan(1e-4);
  }
  expect(largestDifference(await logits([once, once]), await logits([once]))).toBeLessThan(1e-5);
});

it("ablating is clamping to 0, and sees what edits before it left", async () => {
  const first: Edit = { hook: "blocks.0.hook_mlp_out", op: "scale", value: 3 };
  const at = { hook: resid, sae: "sae", feature: 5 } as const;
  const ablated = await logits([{ ...at, op: "ablate" }, first]);
  const clamped = await logits([first, { ...at, op: "clamp", value: 0 }]);
  expect(ablated).toEqual(clamped);
  const blind = (await resolved([{ ...at, op: "ablate" }])).concat(await resolved([first]));
  expect(largestDifference(ablated, await logits(blind))).toBeGreaterThan(1e-4);
});

it("resamples aligned positions, or one of the source's everywhere", async () => {
  const z = "blocks.2.attn.hook_z";
  const source = (await run([], [z], [other])).cache.get(z)!.data;
  const aligned = (await run([{ hook: z, op: "resample", from: other }], [z])).cache.get(z)!.data;
  expect(largestDifference(aligned, source.subarray(0, aligned.length))).toBeLessThan(1e-6);
  const last: Edit = { hook: z, op: "resample", from: other, fromPos: -1, head: 2 };
  const one = (await run([last], [z])).cache.get(z)!.data;
  const h = 32;
  for (let t = 0; t < prompt.length; t++) {
    const found = one.subarray(t * 192 + 2 * h, t * 192 + 3 * h);
    expect([...found]).toEqual([...source.subarray(8 * 192 + 2 * h, 8 * 192 + 3 * h)]);
  }
});

it("rows of one batch are as runs of their own, for edits of one and of all rows", async () => {
  const rows = [prompt, other, prompt];
  const edits: Edit[] = [
    { hook: resid, op: "ablate", sae: "sae", feature: 2, row: 0 },
    { hook: resid, op: "splice", sae: "sae", pos: -1 },
    { hook: "blocks.2.hook_mlp_out", op: "mean", over: [other], row: 2 },
    { hook: "blocks.0.attn.hook_z", op: "zero", head: 1, row: 1 },
  ];
  const batch = (await run(edits, [], rows)).logits!;
  const [, T, V] = batch.dims as [number, number, number];
  for (const [row, ids] of rows.entries()) {
    const own = edits
      .filter((edit) => (edit.row ?? row) === row)
      .map((edit) => (edit.row === undefined ? edit : { ...edit, row: 0 }));
    const alone = (await run(own, [], [ids])).logits!.data;
    const found = batch.data.subarray(row * T * V, row * T * V + alone.length);
    expect(largestDifference(found, alone)).toBeLessThan(1e-4);
  }
});

it("is one edit for all rows where it comes out the same, so that they are still computed as one", async () => {
  const edits: Edit[] = [{ hook: resid, op: "ablate", sae: "sae", feature: 2 }];
  expect(await resolved(edits, [prompt, prompt, prompt])).toHaveLength(1);
  expect(await resolved(edits, [prompt, other])).toHaveLength(2);
});

it("steps with a cache are as the whole run, for prompt and new tokens", async () => {
  const edits: Edit[] = [
    { hook: resid, op: "clamp", sae: "sae", feature: 4, value: 9 },
    { hook: resid, op: "project", directions: sae.weights.W_dec.slice(192, 384) },
    { hook: "blocks.2.hook_resid_mid", op: "mean", over: [other], pos: 2 },
    { hook: "blocks.0.hook_mlp_out", op: "splice", sae: "early", pos: -2 },
  ];
  const early = randomSae("blocks.0.hook_mlp_out", 192, 30, 3);
  const both = sourcesOf({ sae, early });
  const cut = 5;
  const start = prompt.slice(0, cut);
  const { edits: perStep } = await resolvePerStep(model(), start, edits, { signal, sources: both });
  const base = { names: [], logits: "last", editLength: cut } as const;
  const first = await engine.runner.run({
    ...base,
    ids: [start],
    edits: await perStep({ ids: start, past: undefined }),
    keepPast: true,
  });
  const rest = prompt.slice(cut);
  const past = first.past!;
  const stepEdits = await perStep({ ids: rest, past });
  const second = await engine.runner.run({ ...base, ids: [rest], edits: stepEdits, past });
  // `pos` counts within the first part, wherever the run ends.
  const whole = edits.map((edit) => (edit.pos === -2 ? { ...edit, pos: cut - 2 } : edit));
  const direct = await resolveEdits(model(), [prompt], whole, { signal, sources: both });
  const all = await engine.runner.run({ ids: [prompt], names: [], edits: direct, logits: "last" });
  expect(largestDifference(second.logits!.data, all.logits!.data)).toBeLessThan(1e-4);
});

it("takes the mean over contexts of the corpus, once", async () => {
  let asked = 0;
  const contexts = [
    [1, 2, 3, 4],
    [5, 6, 7, 8],
    [9, 10, 11, 12],
  ];
  const corpus: Corpus = {
    contextSize: 4,
    shards: 3,
    heldOutFrom: 2,
    contexts: (shard) => Promise.resolve(Int32Array.from(contexts[shard]!)),
  };
  const own = model();
  const from = { ...sources, corpus: () => Promise.resolve((asked++, corpus)) };
  const mean = (over: "corpus" | number[][]): Edit => ({
    hook: resid,
    op: "mean",
    over,
    ...(over === "corpus" && { contexts: 3 }),
  });
  const options = { signal, sources: from };
  const [found] = await resolveEdits(own, [prompt], [mean("corpus")], options);
  const [again] = await resolveEdits(own, [prompt], [mean("corpus")], options);
  const [listed] = await resolveEdits(own, [prompt], [mean(contexts)], options);
  expect(found).toEqual(listed);
  expect(again).toEqual(found);
  expect(asked).toBe(1);
});

describe("refuses, naming the hook", () => {
  const wrong: [unknown, RegExp][] = [
    [
      { hook: resid, op: "shuffle" },
      /edit of blocks.1.hook_resid_post: there is no op "shuffle"; use "zero", .*"splice"/,
    ],
    [
      { hook: "blocks.7.hook_resid_post", op: "mean", over: [prompt] },
      /no hook point of this model \(4 layers\)/,
    ],
    [
      { hook: resid, op: "mean", over: [] },
      /edit of blocks.1.hook_resid_post: "over" is "corpus" or a list/,
    ],
    [
      { hook: resid, op: "mean", over: "wiki" },
      /"over" is "corpus" or a list of prompts, not "wiki"/,
    ],
    [
      { hook: resid, op: "mean", over: [prompt], per: "token" },
      /"per" is "all" or "position", not "token"/,
    ],
    [
      { hook: resid, op: "resample", from: prompt, prependBos: "no" },
      /"prependBos" is true or false, not "no"/,
    ],
    [{ hook: resid, op: "mean", over: [[4095]] }, /no prompt has more than 1 tokens/],
    [
      { hook: resid, op: "mean", over: "corpus", contexts: 0 },
      /"contexts" is a number from 1 to 4096, got 0/,
    ],
    [
      { hook: "blocks.0.attn.hook_pattern", op: "mean", over: [prompt] },
      /hook_pattern: each query .* per: "position"/,
    ],
    [{ hook: resid, op: "resample", from: [4095, 3] }, /position 6 is edited, and .* has 2 tokens/],
    [{ hook: resid, op: "resample", from: other, fromPos: 9 }, /has 9 tokens, and none at 9/],
    [{ hook: resid, op: "resample", from: [4095, 99999] }, /99999 is no token id/],
    [{ hook: resid, op: "resample", from: 5 }, /a prompt is text or a list of token ids, not 5/],
    [{ hook: resid, op: "resample", from: other, pos: 7 }, /pos 7 is not among -7 … 6/],
    [{ hook: resid, op: "resample", from: other, row: 1 }, /row 1 is not among 0 … 0/],
    [
      { hook: resid, op: "project", directions: new Float32Array(191) },
      /"directions" are Float32Arrays of 192 .* got one of 191/,
    ],
    [{ hook: "blocks.0.attn.hook_z", op: "project", directions: [[1]] }, /Float32Arrays of 32/],
    [
      { hook: resid, op: "project", directions: new Float32Array(192) },
      /direction 0 is 0 everywhere/,
    ],
    [
      { hook: "blocks.0.mlp.hook_post", op: "project", directions: [], neuron: 3 },
      /"neuron" cannot be given/,
    ],
    [
      { hook: "blocks.0.attn.hook_pattern", op: "project", directions: [] },
      /no directions to project out/,
    ],
    [
      { hook: "blocks.0.hook_resid_post", op: "ablate", sae: "sae", feature: 1 },
      /reads blocks.1.hook_resid_post, so it is edited there/,
    ],
    [{ hook: resid, op: "ablate", sae: "sae", feature: 40 }, /feature 40 is not among 0 … 39/],
    [
      { hook: resid, op: "clamp", sae: "sae", feature: 1 },
      /op "clamp" takes a finite number as "value"; got missing/,
    ],
    [
      { hook: resid, op: "zero", position: 3 },
      /hook_resid_post: op "zero" has no key "position"; there are hook, op, row, head, pos, neuron/,
    ],
    [
      { hook: resid, op: "clamp", sae: "sae", feature: 1, coefficient: 2 },
      /has no key "coefficient"/,
    ],
    [{ hook: "blocks.0.attn.hook_z", op: "zero", head: "1" }, /head "1" is no number/],
    [{ hook: "z0", op: "zero" }, /edit of z0: .* full name: "blocks.0.attn.hook_z"/],
    [{ hook: resid }, /hook_resid_post: there is no op missing/],
    [{ op: "zero" }, /edit 0 has no hook \(missing\)/],
    [null, /edit 0 is null; an edit is/],
    [{ hook: resid, op: "ablate", feature: 1 }, /takes "sae", which is missing/],
    [{ hook: resid, op: "ablate", sae: 5, feature: 1 }, /"sae" is an SAE's id, .* not 5/],
    [{ hook: resid, op: "project", directions: [] }, /hook_resid_post: there is no direction/],
    [{ hook: resid, op: "ablate", sae: "sae", feature: 1, head: 0 }, /no head axis/],
    [
      {
        hook: resid,
        op: "splice",
        sae: "sae",
        features: [{ feature: 1, mode: "set", coefficient: 1 }],
      },
      /cannot be changed by "set"/,
    ],
  ];
  it.each(wrong)("%j", async (edit, message) => {
    await expect(resolved([edit as Edit])).rejects.toThrow(message);
  });
  it("what is no list of edits", async () => {
    await expect(resolved(5 as unknown as Edit[])).rejects.toThrow(/edits are a list, .* not 5/);
  });
  it("a position that no generated token reaches", async () => {
    const at = (pos: number) => {
      const edits: Edit[] = [{ hook: resid, op: "zero", pos }];
      return resolvePerStep(model(), prompt, edits, { signal, sources, maxNewTokens: 4 });
    };
    await expect(at(9)).resolves.toHaveProperty("edits");
    await expect(at(10)).rejects.toThrow(/pos 10 is not among -7 … 9 \(7 tokens\)/);
  });
});
