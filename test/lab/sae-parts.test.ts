/** The small pieces of the SAE methods: requests, direct effects, pausing, one run at a time. */
import { describe, expect, it } from "vitest";
import { LabError } from "../../src/core/lab-error.ts";
import type { SaeConfig, SaeWeights, TrainRequest } from "../../src/core/sae.ts";
import type { TrainVariant } from "../../src/core/sae-recipe.ts";
import type { ModelInfo } from "../../src/core/model-info.ts";
import type { Gpt2Config } from "../../src/core/types.ts";
import { decoderCosines, largest, logitEffects } from "../../src/lab/direct-effects.ts";
import { sideBySide } from "../../src/lab/harvest.ts";
import { Clock } from "../../src/lab/run-clock.ts";
import { Pause } from "../../src/lab/pause.ts";
import {
  exclusively,
  pauseRun,
  refuseIfRunning,
  stoppedRunEnded,
} from "../../src/lab/sae-queue.ts";
import {
  configFor,
  nameFor,
  planTraining,
  saeWidth,
  weightBytes,
} from "../../src/lab/sae-request.ts";
import type { LoadedModel } from "../../src/model/loaded-model.ts";

const gpt2: Gpt2Config = {
  ...{ n_layer: 2, n_head: 3, n_embd: 12, n_inner: 48, n_positions: 64, vocab_size: 5 },
  ...{ layer_norm_epsilon: 1e-5, activation_function: "gelu_new", bos_token_id: 4 },
  ...{ scale_attn_weights: true, scale_attn_by_inverse_layer_idx: false },
};
const request: TrainRequest = {
  ...{ hook: "blocks.1.hook_resid_post", dSae: 48, variant: "topk", k: 5, tokens: 10_000, seed: 1 },
};

describe("a training request", () => {
  it("becomes a plan with the defaults filled in", () => {
    expect(planTraining(request, gpt2)).toEqual({
      ...{ recipe: { variant: "topk", k: 5 }, dIn: 12, dSae: 48, steps: 10, seed: 1 },
      ...{ lr: 1e-3, batchSize: 1024, lrWarmUp: 0.05, lrDecay: 0.2, sparsityWarmUp: 0.05 },
    });
  });
  it.each([
    ["blocks.0.hook_resid_pre", 12],
    ["blocks.1.attn.hook_z", 12],
    ["blocks.1.mlp.hook_post", 48],
    ["blocks.1.hook_mlp_out", 12],
  ])("knows the width of %s", (hook, width) => expect(saeWidth(hook, gpt2)).toBe(width));
  it.each<[Partial<TrainRequest>, RegExp]>([
    [{ hook: "blocks.2.hook_resid_post" }, /"blocks.2.hook_resid_post" is no hook point/],
    [{ hook: "blocks.1.attn.hook_pattern" }, /cannot be trained on .*hook_pattern; possible/],
    [{ hook: "hook_embed" }, /cannot be trained on hook_embed/],
    [{ dSae: 0 }, /dSae is 0; it may be a whole number from 16 to 768/],
    [{ dSae: 20.5 }, /dSae is 20.5/],
    [{ k: 49 }, /k is 49; it may be a whole number from 1 to 48/],
    [{ variant: "standard", l1: -1 }, /l1 is -1; it may be 0 to 10000/],
    [{ lr: Number.NaN }, /lr is NaN/],
    [{ tokens: 100 }, /tokens is 100; it may be a whole number from 1024/],
    [{ batchSize: 3 }, /batchSize is 3/],
    [{ seed: -1 }, /seed is -1/],
    [{ variant: "p-anneal" as never }, /variant is "p-anneal"; it may be one of "topk", /],
    [{ variant: "batchtopk", k: 0 }, /k is 0; it may be a whole number from 1 to 48/],
    [{ variant: "standard", decoderNorm: "free" as never }, /decoderNorm is "free"/],
    [{ variant: "jumprelu", targetL0: 49 }, /targetL0 is 49; it may be 1 to 48/],
    [{ variant: "jumprelu", bandwidth: 0 }, /bandwidth is 0/],
    [{ variant: "gated", l1: Infinity }, /l1 is Infinity/],
    [{ variant: "matryoshka", widths: [24, 12, 48] }, /widths is \[24,12,48\]/],
    [{ variant: "matryoshka", widths: [24] }, /the last dSae \(48\)/],
    [{ variant: "matryoshka", widths: 48 as never }, /widths is 48/],
    [{ lrWarmUp: 2 }, /lrWarmUp is 2; it may be 0 to 1/],
  ])("refuses %o", (change, message) => {
    expect(() => planTraining({ ...request, ...change }, gpt2)).toThrow(
      expect.objectContaining({
        code: "bad-input",
        message: expect.stringMatching(message) as string,
      }),
    );
  });
});

describe.each<[TrainVariant, object, object, string]>([
  ["standard", { l1: 2, decoderNorm: "unit" }, { variant: "standard" }, "L1, λ 2"],
  ["topk", { k: 32 }, { variant: "topk", k: 32 }, "TopK, k 32"],
  ["batchtopk", { k: 32 }, { variant: "jumprelu" }, "BatchTopK, k 32"],
  [
    "matryoshka",
    { k: 32, widths: [3, 6, 12, 24, 48] },
    { variant: "jumprelu" },
    "Matryoshka, k 32",
  ],
  [
    "jumprelu",
    { targetL0: 32, l0Weight: 1, bandwidth: 0.5 },
    { variant: "jumprelu" },
    "JumpReLU, L0 32",
  ],
  ["gated", { l1: 2 }, { variant: "gated" }, "Gated, λ 2"],
])("a request for %s", (variant, recipe, trained, words) => {
  const asked = { hook: "blocks.1.mlp.hook_post", dSae: 48, tokens: 2000, seed: 0, variant };
  const plan = planTraining(asked, gpt2);
  it("gets that recipe by default", () => expect(plan.recipe).toEqual({ variant, ...recipe }));
  it("becomes that kind of SAE, named after how it was trained", () => {
    const config = configFor(asked, plan, { id: "m", config: gpt2 } as ModelInfo);
    expect(config).toEqual({
      ...{ ...trained, dIn: 48, dSae: 48, hook: asked.hook, modelId: "m" },
      ...{ applyBDecToInput: false, prependBos: true, contextSize: 64 },
    });
    expect(nameFor(asked as TrainRequest, plan)).toBe(`blocks.1.mlp.post · 48 · ${words}`);
    const own = { jumprelu: 48, gated: 96, standard: 0, topk: 0 }[config.variant];
    expect(weightBytes(config)).toBe(4 * (2 * 48 * 48 + 48 + 48 + own));
  });
});

describe("direct effects", () => {
  const D = 12;
  const F = 2;
  const V = 5;
  const counting = (n: number, by: number) =>
    Float32Array.from({ length: n }, (_, i) => Math.sin(i * by));
  const tensors: Record<string, { data: Float32Array; dims: number[] }> = {
    "wte.weight": { data: counting(V * D, 0.7), dims: [V, D] },
    "ln_f.weight": { data: counting(D, 0.4).map((v) => v + 1), dims: [D] },
    "h.1.attn.c_proj.weight": { data: counting(D * D, 0.3), dims: [D, D] },
    "h.1.mlp.c_proj.weight": { data: counting(48 * D, 0.2), dims: [48, D] },
  };
  const model = {
    info: { config: gpt2 },
    weight: (name: string) => {
      const tensor = tensors[name];
      return tensor ? Promise.resolve(tensor) : Promise.reject(new LabError("not-found", name));
    },
  } as unknown as LoadedModel;
  const config = (hook: string, dIn: number) => ({ hook, dIn, dSae: F }) as SaeConfig;
  const weights = (dIn: number): SaeWeights => ({
    ...{ W_enc: new Float32Array(dIn * F), b_enc: new Float32Array(F) },
    ...{ W_dec: counting(F * dIn, 0.9), b_dec: new Float32Array(dIn) },
  });
  const dot = (a: Float32Array, b: (i: number) => number) =>
    a.reduce((sum, v, i) => sum + v * b(i), 0);

  it("are W_dec · W_U in the residual stream", async () => {
    const w = weights(D);
    const effects = await logitEffects(model, config("blocks.1.hook_resid_post", D), w, {
      feature: 1,
      basis: "raw",
    });
    const wte = tensors["wte.weight"]!.data;
    const row = w.W_dec.subarray(D, 2 * D);
    expect(effects).toHaveLength(V);
    effects.forEach((e, v) =>
      expect(e).toBeCloseTo(
        dot(row, (d) => wte[v * D + d]!),
        5,
      ),
    );
  });
  it("are W_dec · the processed W_U in TransformerLens's basis", async () => {
    const w = weights(D);
    const effects = await logitEffects(model, config("blocks.1.hook_resid_post", D), w, {
      feature: 1,
      basis: "tl",
    });
    const [wte, gain] = [tensors["wte.weight"]!.data, tensors["ln_f.weight"]!.data];
    // LayerNorm's weight folded in, each token's column centred over d_model, each row over the vocabulary.
    const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;
    const columns = Array.from({ length: V }, (_, v) => {
      const column = Array.from({ length: D }, (_, d) => gain[d]! * wte[v * D + d]!);
      return column.map((x) => x - mean(column));
    });
    const middle = Array.from({ length: D }, (_, d) => mean(columns.map((column) => column[d]!)));
    const row = w.W_dec.subarray(D, 2 * D);
    effects.forEach((e, v) =>
      expect(e).toBeCloseTo(
        dot(row, (d) => columns[v]![d]! - middle[d]!),
        5,
      ),
    );
  });
  it.each([
    ["blocks.1.attn.hook_z", "h.1.attn.c_proj.weight", 12],
    ["blocks.1.mlp.hook_post", "h.1.mlp.c_proj.weight", 48],
  ])("of %s go through its projection", async (hook, name, dIn) => {
    const w = weights(dIn);
    const effects = await logitEffects(model, config(hook, dIn), w, {
      feature: 0,
      basis: "raw",
    });
    const [wte, out] = [tensors["wte.weight"]!.data, tensors[name]!.data];
    const row = w.W_dec.subarray(0, dIn);
    const direction = Float32Array.from({ length: D }, (_, d) => dot(row, (i) => out[i * D + d]!));
    effects.forEach((e, v) =>
      expect(e).toBeCloseTo(
        dot(direction, (d) => wte[v * D + d]!),
        4,
      ),
    );
  });
  it("cosines: 1 for the same direction, −1 for the opposite, itself left out", () => {
    const W_dec = Float32Array.from([3, 4, 6, 8, -3, -4, 4, -3, 0, 0]);
    const all = decoderCosines({ W_dec } as SaeWeights, { dSae: 5 }, 0);
    expect(all[0]).toBe(-Infinity);
    [1, -1, 0, 0].forEach((c, i) => expect(all[i + 1]).toBeCloseTo(c, 6));
  });
  it("largest: in order, lower index first among equals, no more than there are", () => {
    expect(largest(Float32Array.of(2, 9, 2, 5, 9), 3)).toEqual([1, 4, 3]);
    expect(largest(Float32Array.of(1, 2), 5)).toEqual([1, 0]);
  });
});

it("harvest leaves out each context's first token, and lays two hooks side by side", () => {
  const rows = Float32Array.from({ length: 2 * 3 * 2 }, (_, i) => i); // 2 contexts, T 3, width 2
  expect(Array.from(sideBySide([rows], [2], 2, 3))).toEqual([2, 3, 4, 5, 8, 9, 10, 11]);
  const other = Float32Array.from({ length: 2 * 3 }, (_, i) => -i); // width 1
  expect(Array.from(sideBySide([rows, other], [2, 1], 2, 3))).toEqual([
    ...[2, 3, -1, 4, 5, -2, 8, 9, -4, 10, 11, -5],
  ]);
});

describe("pause", () => {
  it("holds until it is released, or until the run is cancelled", async () => {
    const pause = new Pause();
    const abort = new AbortController();
    await pause.wait(abort.signal); // not set: no waiting
    pause.set(true);
    let past = false;
    const waiting = pause.wait(abort.signal).then(() => (past = true));
    await new Promise((r) => setTimeout(r, 5));
    expect(past).toBe(false);
    pause.set(false);
    await waiting;
    pause.set(true);
    const again = pause.wait(abort.signal);
    abort.abort();
    await again;
  });
});

describe("the clock of a run", () => {
  it("leaves pauses out, and takes the rate over the last steps", () => {
    let ms = 5000;
    const clock = new Clock(100, 10, () => ms);
    expect([clock.seconds, clock.secondsPerStep]).toEqual([100, null]);
    clock.start();
    ms += 2000;
    clock.start();
    clock.lap(20);
    expect([clock.seconds, clock.secondsPerStep]).toEqual([102, 0.2]);
    clock.stop();
    ms += 60_000;
    expect(clock.seconds).toBe(102);
    clock.start();
    for (const step of [40, 60, 80, 100, 120]) {
      ms += 20_000;
      clock.lap(step);
    }
    expect(clock.secondsPerStep).toBe(1); // the fast first steps are forgotten
  });
});

describe("one run at a time", () => {
  const forever = () => {
    const abort = new AbortController();
    let end = () => {};
    const ended = exclusively('the training of "x"', abort, async (run) => {
      run.id = "x";
      await new Promise<void>((resolve) => (end = resolve));
    });
    return { abort, ended, end: () => end() };
  };
  it("a second is refused by name, its own SAE cannot be deleted", async () => {
    const { ended, end } = forever();
    await new Promise((r) => setTimeout(r, 0));
    const other = exclusively("y", new AbortController(), () => Promise.resolve(1));
    await expect(other).rejects.toThrow(/training of "x" is under way/);
    await expect(refuseIfRunning("x")).rejects.toThrow(/being worked on/);
    await refuseIfRunning("z");
    end();
    await ended;
    expect(await exclusively("y", new AbortController(), () => Promise.resolve(1))).toBe(1);
    expect(() => pauseRun(true)).toThrow(/nothing is being trained/);
  });
  it("whoever comes after a cancelled one waits for its last checkpoint", async () => {
    const { abort, ended, end } = forever();
    await new Promise((r) => setTimeout(r, 0));
    abort.abort();
    const order: string[] = [];
    const next = exclusively("y", new AbortController(), () => Promise.resolve(order.push("next")));
    const list = stoppedRunEnded().then(() => order.push("list"));
    await new Promise((r) => setTimeout(r, 5));
    expect(order).toEqual([]);
    end();
    await Promise.all([ended, next, list]);
    expect(order.toSorted()).toEqual(["list", "next"]);
  });
});
