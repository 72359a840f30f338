/** Tensors that are fed: the same model to the last bit, and gradients of weights as finite differences have them. */
import { describe, expect, it } from "vitest";
import { parseConfig } from "../../src/model/config.ts";
import { keyedRandom } from "../../src/math/keyed-random.ts";
import { referenceRun } from "../reference/forward.ts";
import { logSoftmax } from "../reference/metrics.ts";
import { referenceModel } from "../reference/weights.ts";
import { largestDifference } from "./node-engine.ts";
import { tinyCheckpoint } from "./tiny-checkpoint.ts";
import { checkpointOf, engineOf, fedNames, tuningOf } from "./tuning-engine.ts";

const sizes = {
  n_embd: 6,
  n_head: 3,
  n_inner: 5,
  n_positions: 7,
  vocab_size: 11,
  bos_token_id: 10,
};
const KINDS = {
  "gelu_new, tied": { ...sizes, n_layer: 2 },
  "relu, scaled by layer, own head": {
    ...{ ...sizes, n_layer: 3, activation_function: "relu", tie_word_embeddings: false },
    scale_attn_by_inverse_layer_idx: true,
  },
  "gelu, unscaled attention": {
    ...{ ...sizes, n_layer: 1, n_head: 2, n_inner: 7, activation_function: "gelu" },
    ...{ scale_attn_weights: false, layer_norm_epsilon: 0.01 },
  },
};
// Rows of unequal length: the shorter one is filled up.
const ids = [
  [10, 1, 2, 3, 4],
  [10, 7, 7],
];
const wanted = [
  { row: 0, pos: 1, next: 2, weight: 0.25 },
  { row: 0, pos: 4, next: 5, weight: 0.5 },
  { row: 1, pos: 2, next: 0, weight: 1.5 },
];

describe.each(Object.entries(KINDS))("%s", (_, json) => {
  const files = tinyCheckpoint(json);
  const { config, tieWordEmbeddings } = parseConfig(files.config);
  const names = fedNames(config);

  it("is the same model, to the last bit", async () => {
    const [engine, tuning] = [
      await engineOf(checkpointOf(files)),
      await tuningOf(checkpointOf(files), names),
    ];
    const request = { ids, names: [], edits: [], logits: "all" } as const;
    const [a, b] = [await engine.runner.run(request), await tuning.run(request)];
    expect(b.logits).toEqual(a.logits);
    await Promise.all([engine.release(), tuning.dispose()]);
  });

  it("has the gradient of every tensor that finite differences have", async () => {
    const checkpoint = checkpointOf(files);
    const weights = new Map<string, Float64Array>();
    for (const name of checkpoint.tensors.keys()) {
      weights.set(name, Float64Array.from((await checkpoint.readTensor(name)).data));
    }
    const loss = () => {
      const model = referenceModel(config, (name) => weights.get(name)!, tieWordEmbeddings);
      return wanted.reduce((sum, { row, pos, next, weight }) => {
        const { value } = referenceRun(model, [ids[row]!]).get("logits");
        const V = config.vocab_size;
        return sum - weight * logSoftmax(value.subarray(pos * V, (pos + 1) * V))[next]!;
      }, 0);
    };
    const tuning = await tuningOf(checkpoint, names);
    const { gradients, logits } = await tuning.gradients(ids, wanted);
    expect(await tuning.logitsAt(ids, wanted)).toEqual(logits);
    const random = keyedRandom(3);
    for (const name of names) {
      const w = weights.get(name)!;
      const found: number[] = [];
      const expected: number[] = [];
      for (let n = 0; n < 4; n++) {
        const i = Math.floor(random() * w.length);
        const [before, h] = [w[i]!, 1e-5];
        w[i] = before + h;
        const up = loss();
        w[i] = before - h;
        expected.push((up - loss()) / (2 * h));
        w[i] = before;
        found.push(gradients.get(name)![i]!);
      }
      expect(gradients.get(name)!.length, name).toBe(w.length);
      expect(largestDifference(found, expected), name).toBeLessThan(3e-5);
    }
    // A tensor whose gradient is 0 throughout would have been tested by nothing.
    for (const name of names)
      expect(Math.hypot(...gradients.get(name)!), name).toBeGreaterThan(1e-4);
    await tuning.dispose();
  });
});

it("runs with what is fed, and refuses what is not", async () => {
  const files = tinyCheckpoint(KINDS["gelu_new, tied"]);
  const tuning = await tuningOf(checkpointOf(files), ["h.0.mlp.c_proj.bias"]);
  const first = await tuning.logitsAt(ids, wanted);
  tuning.feed(new Map([["h.0.mlp.c_proj.bias", new Float32Array(6).fill(2)]]));
  expect(await tuning.logitsAt(ids, wanted)).not.toEqual(first);
  tuning.feed(tuning.base);
  expect(await tuning.logitsAt(ids, wanted)).toEqual(first);
  expect(() => tuning.feed(new Map([["wpe.weight", new Float32Array(1)]]))).toThrow(/wpe\.weight/);
  await tuning.dispose();
});
