/** The self-check passes on sound engines, and each of its checks fails on an engine that is broken in its own way. */
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { LabError } from "../../src/core/lab-error.ts";
import type { SelfCheckProgress } from "../../src/core/self-check.ts";
import { selfCheck } from "../../src/lab/self-check.ts";
import { differsFromGpt2, FINGERPRINT } from "../../src/lab/self-check-gpt2.ts";
import {
  headAttributions,
  type IoiPrompt,
  IOI_TEXTS,
  meanLogitDifference,
  previousTokenShares,
  strongest,
} from "../../src/lab/self-check-ioi.ts";
import { checkKnown, misfitOf, readKnown } from "../../src/lab/self-check-known.ts";
import type { LoadedModel, RunRequest, RunResult } from "../../src/model/loaded-model.ts";
import { EMBEDDED, embeddedEngine, nodeEngine, type NodeEngine } from "../model/node-engine.ts";
import { tinyCheckpoint } from "../model/tiny-checkpoint.ts";
import { engineAsModel } from "./engine-model.ts";

const ODD = {
  ...{ n_layer: 3, n_head: 5, n_embd: 35, n_inner: 53, n_positions: 11 },
  ...{ vocab_size: 211, bos_token_id: 210 },
};
const { signal } = new AbortController();
const check = (model: LoadedModel) => selfCheck(model, signal, () => {});

let odd: NodeEngine;
let embedded: NodeEngine;
beforeAll(async () => {
  const { config, weights } = tinyCheckpoint(ODD);
  odd = await nodeEngine(config, weights);
  embedded = await embeddedEngine();
});
afterAll(async () => {
  await odd.release();
  await embedded.release();
});

describe("a sound engine", () => {
  it.each([
    ["of odd sizes", () => odd],
    ["with trained weights", () => embedded],
  ])("%s passes every check", async (_, engine) => {
    const report = await check(engineAsModel(engine()));
    expect(report.results.filter(({ status }) => status !== "pass")).toEqual([]);
    expect(report.reference).toMatch(/no values are known/);
  });

  it("is checked step by step, and not to the end when the user gives up", async () => {
    const abort = new AbortController();
    const seen: SelfCheckProgress[] = [];
    const run = selfCheck(engineAsModel(odd), abort.signal, (progress) => {
      seen.push(progress);
      if (progress.done === 3) abort.abort();
    });
    await expect(run).rejects.toMatchObject({ code: "cancelled" });
    expect(seen.map(({ results }) => results.length)).toEqual([0, 1, 2, 3]);
  });
});

/** An engine whose answers are spoiled. `spoil` changes the values in place. */
function broken(spoil: (result: RunResult, request: RunRequest) => void): LoadedModel {
  const model = engineAsModel(odd);
  return {
    ...model,
    run: async (request) => {
      const result = await model.run(request);
      spoil(result, request);
      return result;
    },
  };
}
/** Moves one value of a hook by a thousandth of the largest. */
const nudge = (hook: string) =>
  broken(({ cache }) => {
    const data = cache.get(hook)?.data;
    if (!data) return;
    const largest = data.reduce((m, x) => Math.max(m, Number.isFinite(x) ? Math.abs(x) : 0), 0);
    data[data.length - 1]! += largest / 1000;
  });
const worse = ({ logits }: RunResult) => {
  if (logits) for (let i = 0; i < logits.data.length; i += 3) logits.data[i]! += 0.01;
};

describe("a broken engine fails", () => {
  it.each<[string, () => LoadedModel]>([
    ["embeddings", () => nudge("hook_pos_embed")],
    ["resid-mid", () => nudge("blocks.1.hook_resid_mid")],
    ["resid-post", () => nudge("blocks.2.hook_mlp_out")],
    ["resid-next", () => nudge("blocks.1.hook_resid_pre")],
    ["pattern-sums", () => nudge("blocks.0.attn.hook_pattern")],
    [
      "pattern-causal",
      () =>
        broken(({ cache }) => (cache.get("blocks.0.attn.hook_pattern")?.data.fill(0.1), void 0)),
    ],
    ["softmax", () => nudge("blocks.2.attn.hook_attn_scores")],
    ["attended", () => nudge("blocks.2.attn.hook_v")],
    ["head-results", () => nudge("blocks.1.attn.hook_result")],
    ["norm-scale", () => nudge("blocks.1.ln2.hook_scale")],
    ["norm-product", () => nudge("ln_final.hook_normalized")],
    ["decomposition", () => nudge("blocks.0.hook_mlp_out")],
    ["kv-cache", () => broken((result, { past }) => past && worse(result))],
    ["batch", () => broken((result, { ids }) => ids.length > 2 && worse(result))],
    ["neutral-edits", () => broken((result, { edits }) => edits.length > 3 && worse(result))],
    [
      "stops-early",
      () =>
        broken(({ cache }, { logits }) => {
          if (logits === "none") for (const { data } of cache.values()) data[0]! += 1;
        }),
    ],
    ["rows", () => broken((result, { ids }) => ids.length === 3 && worse(result))],
    [
      "basis-edit",
      () =>
        broken(
          (result, { edits }) =>
            edits[0]?.value instanceof Float32Array &&
            edits[0].head === 0 &&
            edits[0].op === "replace" &&
            spoilOnce(result),
        ),
    ],
    [
      "gradients",
      () => {
        const model = engineAsModel(odd);
        return {
          ...model,
          differentiate: async (request) => {
            const result = await model.differentiate(request);
            for (const { data } of result.gradients.values())
              data.forEach((g, i) => (data[i] = g * 1.05));
            return result;
          },
        };
      },
    ],
  ])("%s", async (id, engine) => {
    spoiled = 0;
    const { results, failed } = await check(engine());
    expect(results.find((result) => result.id === id)).toMatchObject({ status: "fail" });
    expect(failed).toBeGreaterThan(0);
  });

  it("every check that needs what cannot be had, and says why", async () => {
    const model = engineAsModel(odd);
    const differentiate = () => Promise.reject(new LabError("unsupported", "no gradients here"));
    const { results } = await check({ ...model, differentiate });
    const own = results.find(({ id }) => id === "gradients");
    expect(own).toMatchObject({ status: "error", note: "no gradients here" });
  });
});

let spoiled = 0;
/** Of two runs that must agree, one. */
const spoilOnce = (result: RunResult) => spoiled++ === 0 && worse(result);

describe("known values of the embedded model", () => {
  const known = readKnown(readFileSync(new URL("self-check.json", EMBEDDED), "utf8"));
  const weights = readFileSync(new URL("model.safetensors", EMBEDDED));
  const bytes = weights.buffer.slice(weights.byteOffset, weights.byteOffset + weights.byteLength);

  it("agree, as long as they are of these weights", async () => {
    if ((await misfitOf(bytes, known.weights)) !== null) return; // replaced weights: there is no reference
    const results = await checkKnown(engineAsModel(embedded), known, signal);
    expect(results.filter(({ status }) => status !== "pass")).toEqual([]);
    expect(results.length).toBeGreaterThan(10);
  });

  it("are of one file of weights only", async () => {
    const { bytes: size } = known.weights;
    expect(await misfitOf(new ArrayBuffer(3), known.weights)).toMatch(`${size} bytes, these are 3`);
    const other = { ...known.weights, bytes: 3 };
    expect(await misfitOf(new ArrayBuffer(3), other)).toMatch(/sha256/);
  });

  it("of another format are refused", () => {
    expect(() => readKnown("{")).toThrow(/no JSON/);
    expect(() => readKnown('{"format": 2}')).toThrow(/glassroom-self-check-1/);
  });
});

describe("GPT-2's known values", () => {
  it("are asked of TransformerLens's eight sentences", () => {
    expect(IOI_TEXTS).toHaveLength(8);
    expect(IOI_TEXTS[0]).toEqual({
      text: "When John and Mary went to the shops, John gave the bag to",
      right: " Mary",
      wrong: " John",
    });
    expect(IOI_TEXTS[3]!.text).toBe("When Tom and James went to the park, Tom gave the ball to");
  });

  it("are compared only if the weights are GPT-2's, whatever the model is called", async () => {
    const size = 768 * 3 * 768;
    const tensors = new Map<string, Float32Array>();
    for (const { tensor, from, values } of FINGERPRINT) {
      const data = tensors.get(tensor) ?? new Float32Array(size);
      tensors.set(tensor, data);
      data.set(values, from < 0 ? size + from : from);
    }
    const weight = (name: string) => Promise.resolve({ data: tensors.get(name)!, dims: [] });
    expect(await differsFromGpt2({ weight })).toBeNull();
    tensors.get("h.1.attn.c_attn.weight")![1]! += 0.001;
    expect(await differsFromGpt2({ weight })).toMatch(
      /h\.1\.attn\.c_attn\.weight has 0\.3067 at 1/,
    );
  });

  const prompts: IoiPrompt[] = [
    { ids: [210, 5, 17, 3, 5, 40, 8], right: 3, wrong: 5 },
    { ids: [210, 9, 2, 77, 9, 11], right: 77, wrong: 9 },
  ];

  it("heads' attributions are what the logit difference is made of", async () => {
    const model = engineAsModel(odd);
    const heads = await headAttributions(model, prompts, signal);
    expect(heads).toHaveLength(15);
    // The last layer writes into the logits directly and, with its MLP's output held, in no other way.
    const [best] = strongest(
      heads.filter(({ layer }) => layer === 2),
      1,
    );
    const found = await Promise.all(
      prompts.map(async ({ ids, right, wrong }) => {
        const hold = await model.run({
          ...{ ids: [ids], edits: [], logits: "last", signal },
          names: ["blocks.2.hook_mlp_out", "ln_final.hook_scale"],
        });
        const zero = { hook: "blocks.2.attn.hook_z", op: "replace", head: best!.head } as const;
        const bias = await valueBias(model, 2, best!.head);
        const run = await model.run({
          ...{ ids: [ids], names: [], logits: "last", signal },
          edits: [
            { ...zero, value: bias },
            ...[...hold.cache].map(
              ([hook, { data }]) => ({ hook, op: "replace", value: data }) as const,
            ),
          ],
        });
        const difference = ({ logits }: RunResult) => logits!.data[right]! - logits!.data[wrong]!;
        return difference(hold) - difference(run);
      }),
    );
    expect((found[0]! + found[1]!) / 2).toBeCloseTo(best!.value, 4);
  });

  it("the mean logit difference and the head that looks back are those of the runs", async () => {
    const model = engineAsModel(odd);
    const run = await model.run({
      ids: prompts.map(({ ids }) => ids),
      names: ["blocks.1.attn.hook_pattern"],
      edits: [],
      logits: "last",
      signal,
    });
    const V = 211;
    const of = (row: number) =>
      run.logits!.data[row * V + prompts[row]!.right]! -
      run.logits!.data[row * V + prompts[row]!.wrong]!;
    expect(await meanLogitDifference(model, prompts, [], signal)).toBeCloseTo(
      (of(0) + of(1)) / 2,
      5,
    );
    const shares = await previousTokenShares(model, prompts, signal);
    const pattern = run.cache.get("blocks.1.attn.hook_pattern")!;
    const T = pattern.dims[2]!;
    const back = prompts.map(({ ids }, row) => {
      const at = (q: number) => pattern.data[((row * 5 + 3) * T + q) * T + q - 1]!;
      return ids.slice(1).reduce((sum, _, i) => sum + at(i + 1), 0) / (ids.length - 1);
    });
    const own = shares.find(({ layer, head }) => layer === 1 && head === 3)!;
    expect(own.value).toBeCloseTo((back[0]! + back[1]!) / 2, 5);
  });
});

/** b_V + b_ln1 · W_V of one head. */
async function valueBias(model: LoadedModel, layer: number, head: number): Promise<Float32Array> {
  const read = async (name: string) => (await model.weight(`h.${layer}.${name}`)).data;
  const [W, b, ln] = [
    await read("attn.c_attn.weight"),
    await read("attn.c_attn.bias"),
    await read("ln_1.bias"),
  ];
  const D = 35;
  return Float32Array.from({ length: 7 }, (_, i) => {
    const column = 2 * D + head * 7 + i;
    return ln.reduce((sum, x, d) => sum + x * W[d * 3 * D + column]!, b[column]!);
  });
}
