/** Experiments on one prompt: equal, row by row, to single runs; how they are put together, memory that ends, cancelling. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { DirectEdit, Edit } from "../../src/core/edits.ts";
import type { ExperimentRows } from "../../src/core/experiments.ts";
import { LabError } from "../../src/core/lab-error.ts";
import { type ExperimentRequest, runExperiments } from "../../src/lab/experiments.ts";
import type { LoadedModel } from "../../src/model/loaded-model.ts";
import { resolveEdits } from "../../src/lab/resolve-edits.ts";
import { embeddedEngine, largestDifference, type NodeEngine } from "../model/node-engine.ts";
import { randomSae, sourcesOf } from "./edit-models.ts";
import { engineAsModel } from "./engine-model.ts";

let engine: NodeEngine;
beforeAll(async () => {
  engine = await embeddedEngine();
});
afterAll(() => engine.release());

const ids = [4095, 11, 500, 77, 1200, 9, 340];
const other = [4095, 99, 5, 2048, 31, 700, 800];
const resid = "blocks.2.hook_resid_post";
const z = "blocks.1.attn.hook_z";
const sources = sourcesOf({ sae: randomSae(resid, 192, 40) });
const names = [resid, "blocks.3.attn.hook_pattern"];

/** Late, early, none, computed: in no order. */
const experiments: Edit[][] = [
  [{ hook: "blocks.3.hook_mlp_out", op: "zero" }],
  [{ hook: z, op: "zero", head: 0 }],
  [],
  [{ hook: resid, op: "ablate", sae: "sae", feature: 3 }],
  [
    { hook: resid, op: "clamp", sae: "sae", feature: 3, value: 12, pos: -1 },
    { hook: "hook_embed", op: "scale", value: 1.2, pos: 2 },
  ],
  ...[1, 2, 3, 4, 5].map((head): Edit[] => [{ hook: z, op: "zero", head }]),
  [{ hook: resid, op: "resample", from: other, pos: 3 }],
  [{ hook: resid, op: "resample", from: other, pos: 4 }],
];
const common: Edit[] = [{ hook: "blocks.0.hook_attn_out", op: "scale", value: 0.5, pos: 1 }];

const base: ExperimentRequest = {
  ...{ prompt: { ids }, experiments, edits: common, names },
  ...{ logits: "last", basis: "raw" },
};
async function sweep(
  request: Partial<ExperimentRequest> = {},
  { model = engineAsModel(engine), budget = 1e9, signal = new AbortController().signal } = {},
) {
  const seen: ExperimentRows[] = [];
  const progress = (rows: ExperimentRows) => seen.push(rows);
  await runExperiments(model, { ...base, ...request }, { signal, progress, sources, budget });
  return seen;
}

async function expectSingles(seen: readonly ExperimentRows[], basis: "raw" = "raw"): Promise<void> {
  const model = engineAsModel(engine);
  const { signal } = new AbortController();
  for (const { experiments: which, logits, cache } of seen) {
    for (const [row, index] of which.entries()) {
      const edits = [...common, ...experiments[index]!];
      const single = await engine.runner.run({
        ids: [ids],
        names,
        edits: await resolveEdits(model, [ids], edits, { signal, sources, basis }),
        logits: "last",
      });
      const part = (data: Float32Array, size: number) =>
        data.subarray(row * size, (row + 1) * size);
      const V = engine.config.vocab_size;
      expect(logits!.dims).toEqual([which.length, 1, V]);
      expect(largestDifference(part(logits!.data, V), single.logits!.data)).toBeLessThan(1e-4);
      for (const [name, { data, dims }] of cache) {
        const alone = single.cache.get(name)!;
        expect(dims).toEqual([which.length, ...alone.dims.slice(1)]);
        expect(largestDifference(part(data, alone.data.length), alone.data), name).toBeLessThan(
          1e-4,
        );
      }
    }
  }
}

it("are, row by row, what single runs are", async () => {
  const seen = await sweep();
  await expectSingles(seen);
  expect(seen.flatMap((rows) => rows.experiments).sort((a, b) => a - b)).toEqual([
    ...experiments.keys(),
  ]);
  expect(seen.at(-1)).toMatchObject({ done: 12, total: 12, secondsLeft: 0 });
});

it("those edited at the same stage first are next to each other, the plain one last", async () => {
  const seen = await sweep({ names: [], logits: "none" });
  expect(seen.flatMap((rows) => rows.experiments)).toEqual([4, 1, 5, 6, 7, 8, 9, 3, 10, 11, 0, 2]);
  expect(seen.every(({ logits, cache }) => logits === null && cache.length === 0)).toBe(true);
});

describe("that begin late in the prompt", () => {
  const late: Edit[][] = [0, 1, 2, 3].flatMap((layer) =>
    ids.map((_, pos): Edit[] => [
      { hook: `blocks.${layer}.hook_resid_pre`, op: "scale", value: 2, pos: -1 - pos },
    ]),
  );
  const everywhere: Edit[] = [
    ...common,
    { hook: "blocks.1.attn.hook_v", op: "scale", value: 0.5 },
    { hook: "blocks.2.hook_mlp_out", op: "add", value: new Float32Array(192 * 7).fill(0.1) },
  ];
  /** Tokens that are run, of all rows. */
  const counted = async (request: Partial<ExperimentRequest>) => {
    const whole = engineAsModel(engine);
    let tokens = 0;
    const model: LoadedModel = {
      ...whole,
      run: (asked) => {
        tokens += asked.ids.flat().length;
        return whole.run(asked);
      },
    };
    return { seen: await sweep({ names: [], edits: everywhere, ...request }, { model }), tokens };
  };

  it("are run from there on, to the same logits", async () => {
    const { seen, tokens } = await counted({ experiments: late });
    expect(tokens).toBeLessThan(0.75 * 28 * 7);
    for (const { experiments: which, logits } of seen) {
      for (const [row, index] of which.entries()) {
        const edits = [...everywhere, ...late[index]!] as DirectEdit[];
        const single = await engine.runner.run({ ids: [ids], names: [], edits, logits: "last" });
        const V = engine.config.vocab_size;
        const found = logits!.data.subarray(row * V, (row + 1) * V);
        expect(largestDifference(found, single.logits!.data)).toBeLessThan(1e-4);
      }
    }
    expect(seen.flatMap((rows) => rows.experiments)).toHaveLength(28);
  });

  it("are run whole where a hook's values are asked for, or one depends on what is computed", async () => {
    expect((await counted({ experiments: late, names: [resid] })).tokens).toBe(28 * 7);
    const clamp: Edit = { hook: resid, op: "clamp", sae: "sae", feature: 3, value: 12, pos: 5 };
    const computed = [...late, [clamp]];
    expect((await counted({ experiments: computed })).tokens).toBeGreaterThanOrEqual(29 * 7);
  });
});

it("all logits and no common edits, in either basis", async () => {
  const [first] = await sweep({ logits: "all", edits: [], experiments: [[], experiments[1]!] });
  expect(first!.logits!.dims).toEqual([2, 7, engine.config.vocab_size]);
  const [tl] = await sweep({ basis: "tl", edits: [], experiments: [[]] });
  const sum = tl!.logits!.data.reduce((a, b) => a + b, 0);
  expect(Math.abs(sum / engine.config.vocab_size)).toBeLessThan(1e-4);
});

describe("memory", () => {
  it("what is estimated to fit is run at once", async () => {
    expect((await sweep({}, { budget: 1 })).map((rows) => rows.experiments.length)).toEqual(
      Array<number>(12).fill(1),
    );
  });

  it("that ends all the same: half as many are tried, and nothing is lost", async () => {
    const sizes: number[] = [];
    const whole = engineAsModel(engine);
    const model: LoadedModel = {
      ...whole,
      run: (request) => {
        sizes.push(request.ids.length);
        if (request.ids.length <= 3) return whole.run(request);
        return Promise.reject(new LabError("out-of-memory", "not enough memory"));
      },
    };
    const seen = await sweep({}, { model });
    await expectSingles(seen);
    expect(seen.flatMap((rows) => rows.experiments)).toHaveLength(12);
    expect(Math.max(...seen.map((rows) => rows.experiments.length))).toBeLessThanOrEqual(3);
    expect(sizes.slice(0, 2)).toEqual([1, 8]); // the other prompt, then the first try
  });

  it("that ends for one: it is said", async () => {
    const run = () => Promise.reject(new LabError("out-of-memory", "not enough memory"));
    const model: LoadedModel = { ...engineAsModel(engine), run };
    const plain = { experiments: [[], []], edits: [], names: [] };
    await expect(sweep(plain, { model })).rejects.toMatchObject({ code: "out-of-memory" });
  });
});

it("stops between chunks when it is cancelled", async () => {
  const abort = new AbortController();
  const whole = engineAsModel(engine);
  let runs = 0;
  const model: LoadedModel = {
    ...whole,
    run: (request) => {
      if (++runs === 3) abort.abort();
      return whole.run(request);
    },
  };
  const plain = { experiments: Array<Edit[]>(9).fill([]), edits: [] };
  await expect(sweep(plain, { model, budget: 1, signal: abort.signal })).rejects.toThrow(/abort/i);
  expect(runs).toBe(3);
});

describe("refuses before anything is run", () => {
  const wrong: [string, Partial<ExperimentRequest>, RegExp][] = [
    ["none at all", { experiments: [] }, /no experiment/],
    [
      "a place that is not there, by the experiment's number",
      { experiments: [[], [{ hook: z, op: "zero", head: 6 }]] },
      /experiment 1: edit of blocks.1.attn.hook_z: head 6 is not among 0 … 5/,
    ],
    [
      "a row",
      { experiments: [[{ hook: z, op: "zero", row: 0 }]] },
      /experiment 0: edit of blocks.1.attn.hook_z: each experiment is a row of its own/,
    ],
    ["a hook of the common edits", { edits: [{ hook: "blocks.9.x", op: "zero" }] }, /"blocks.9.x"/],
    ["a name", { names: ["hook_nothing"] }, /"hook_nothing"/],
  ];
  it.each(wrong)("%s", async (_, request, message) => {
    const run = () => Promise.reject(new Error("it was run"));
    const model: LoadedModel = { ...engineAsModel(engine), run };
    await expect(sweep(request, { model })).rejects.toThrow(message);
  });
});
