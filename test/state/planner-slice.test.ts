/** The planner: what the form's run takes, and a trial of it that is remembered by what it depends on. */
import { describe, expect, it } from "vitest";
import type { TrainRequest } from "../../src/core/sae.ts";
import { H100, LARGER, largerPlan } from "../../src/state/larger-plans.ts";
import { trialKey } from "../../src/state/planner-slice.ts";
import { trainingPlan } from "../../src/state/training-plan.ts";
import { largerRows, planRows } from "../../src/panels/train/planner-rows.ts";
import { LabError } from "../../src/core/lab-error.ts";
import { benchStore } from "./bench-store.ts";
import { info, settle } from "./saes.ts";

const trial = {
  ...({ device: "wasm", perHarvestedToken: 0.001, perStep: 0.5 } as const),
  ...{ harvestedTokens: 100, steps: 2 },
};
const request: TrainRequest = {
  ...{ hook: "blocks.2.mlp.hook_post", dSae: 48, variant: "topk", k: 4 },
  ...{ tokens: 10_000, batchSize: 100, seed: 0 },
};

describe("a plan", () => {
  const plan = trainingPlan([request], { ...info, parameters: 500 }, null, [trial]);
  it("has the sizes of a hook of unequal width", () => {
    expect(plan).toMatchObject({
      ...{ parameters: 24 * 48 + 48 * 24 + 48 + 24, rowWidth: 24, bufferRows: 3200, steps: 100 },
      ...{ modelBytes: 2000, blocks: 3, contextSize: 16, misfit: null },
    });
    expect(plan.flops).toEqual({
      harvest: 3 * (8 * 36 + 4 * 6 * 24 + 4 * 16 * 6),
      step: 10 * 24 * 48,
    });
    expect(plan.seconds).toBeCloseTo(10_000 * 0.001 + 100 * 0.5, 9);
  });
  it("of a residual stream before a block runs only what comes before it", () => {
    const before = { ...request, hook: "blocks.2.hook_resid_pre" };
    expect(trainingPlan([before], info, null, [null])).toMatchObject({ blocks: 2, seconds: null });
  });
  it("of a transcoder has both ends", () => {
    const out = { hook: "blocks.2.hook_mlp_out", skip: true };
    const both = trainingPlan(
      [{ ...request, hook: "blocks.2.ln2.hook_normalized", out }],
      info,
      null,
      [null],
    );
    expect(both.rowWidth).toBe(12);
    expect(both.parameters).toBe(6 * 48 + 48 * 6 + 48 + 6 + 36);
  });
  it("says before it is started what it does not fit into", () => {
    const room = { heap: 1000, tensor: null, memory: null };
    expect(trainingPlan([request], info, room, [null]).misfit).toMatchObject({ what: "heap" });
  });
  it("shows its arithmetic", () => {
    const rows = planRows(plan, [trial]);
    const row = (name: string) => rows.find(({ quantity }) => quantity === name)!;
    expect(row("Parameters")).toMatchObject({
      value: "2,376",
      arithmetic: "W_enc 24 × 48 + W_dec 48 × 24 + b_enc 48 + b_dec 24",
    });
    expect(row("Time here")).toMatchObject({ value: "1 min 0 s" });
    expect(row("Time here").arithmetic).toContain(
      "10,000 × 1000 µs to harvest + 100 steps × 500 ms",
    );
    expect(
      planRows(trainingPlan([request], info, null, [null]), [null]).map((r) => r.quantity),
    ).not.toContain("Time here");
  });
});

describe("a plan of a sweep", () => {
  const sweep = [request, { ...request, dSae: 96 }, { ...request, k: 8 }] as const;
  const trials = [trial, { ...trial, perStep: 0.75, perHarvestedToken: 9 }, trial];
  const plan = trainingPlan([...sweep], { ...info, parameters: 500 }, null, trials);
  const P = (dSae: number) => 24 * dSae + dSae * 24 + dSae + 24;
  it("holds weights and moments of all, a step of the largest, and one buffer", () => {
    expect(plan.parameters).toBe(2 * P(48) + P(96));
    expect(plan.memory).toMatchObject({
      ...{ weights: 4 * plan.parameters, moments: 8 * plan.parameters },
      ...{ step: 24 * P(96), buffer: 12 * 3200 * 24, batch: 4 * 100 * (4 * 24 + 3 * 96) },
    });
  });
  it("harvests once and takes every member's step", () => {
    expect(plan.flops.step).toBe(10 * 24 * (48 + 96 + 48));
    expect(plan.seconds).toBeCloseTo(10_000 * 0.001 + 100 * (0.5 + 0.75 + 0.5), 9);
    expect(trainingPlan([...sweep], info, null, [trial, null, trial]).seconds).toBeNull();
  });
  it("fits where all of them do", () => {
    const alone = trainingPlan([request], info, null, [null]).memory;
    const room = { heap: alone.total - alone.buffer, tensor: null, memory: null };
    expect(trainingPlan([request], info, room, [null]).misfit).toBeNull();
    expect(trainingPlan([...sweep], info, room, [null]).misfit).toMatchObject({ what: "heap" });
  });
  it("shows its arithmetic", () => {
    const row = (name: string) => planRows(plan, trials).find((r) => r.quantity === name)!;
    expect(row("Parameters").arithmetic).toBe("2,376 + 4,728 + 2,376: 3 autoencoders");
    expect(row("· within a step").arithmetic).toContain("6 × 4 bytes × 4,728");
    expect(row("Time here").arithmetic).toContain("100 steps × (500 ms + 750 ms + 500 ms)");
  });
});

it("what it would take at 7B and at frontier scale, by hand", () => {
  const [seven, frontier] = LARGER.map(largerPlan) as [
    ReturnType<typeof largerPlan>,
    ReturnType<typeof largerPlan>,
  ];
  expect(frontier).toMatchObject({ dModel: 16_384, dSae: 524_288, parameters: 17_180_409_856 });
  expect(frontier.tokens).toBeCloseTo(6.4e9, -6);
  expect(frontier.saeBytes).toBe(16 * 17_180_409_856);
  expect(seven.parameters).toBe(2 * 4096 * 131_072 + 131_072 + 4096);
  expect(seven.modelParameters).toBe(12 * 32 * 4096 ** 2);
  const perToken = 16 * (24 * 4096 ** 2 + 4 * 1024 * 4096) + 10 * 4096 * 131_072;
  expect(seven.flops).toBeCloseTo(1.6e9 * perToken, -15);
  expect(seven.hours).toBeCloseTo(seven.flops / (989e12 * 0.4) / 3600, 6);
  expect(seven.gpus).toBe(Math.ceil((seven.saeBytes + seven.modelParameters) / H100.bytes));
  expect(largerRows(frontier).map(({ quantity }) => quantity)).toContain("GPU-hours");
});

describe("a trial", () => {
  it("is remembered for the run that it was made for, and for no other", async () => {
    const { state, ready, nth } = benchStore();
    await ready();
    void state().measurePace();
    const asked = nth("sae.trial").input as TrainRequest;
    nth("sae.trial").progress("steps");
    expect(state().trial).toEqual({ status: "running", progress: "steps" });
    nth("sae.trial").resolve(trial);
    await settle();
    const model = { id: "tinylab-gpt2-4l", device: "wasm" } as const;
    expect(state().trials).toEqual({ [trialKey(asked, model)]: trial });
    for (const change of [
      { dSae: 96 },
      { batchSize: 7 },
      { hook: "x" },
      { variant: "gated" as const },
    ]) {
      expect(trialKey({ ...asked, ...change }, model)).not.toBe(trialKey(asked, model));
    }
    expect(trialKey({ ...asked, tokens: 5, seed: 9 }, model)).toBe(trialKey(asked, model));
  });
  it("of a sweep is made once for each width", async () => {
    const { state, ready, count, nth } = benchStore();
    await ready();
    state().setTrainRequest({ sweepWidths: "2, 4", sweepValues: "2, 3" });
    void state().measurePace();
    for (const width of [12, 24]) {
      expect(state().trial.status).toBe("running");
      expect(nth("sae.trial").input).toMatchObject({ dSae: width });
      nth("sae.trial").resolve(trial);
      await settle();
    }
    expect(count("sae.trial")).toBe(2);
    expect(Object.keys(state().trials)).toHaveLength(2);
    expect(state().trial.status).toBe("ready");
  });
  it("can be given up, and says why it failed", async () => {
    const { state, ready, nth } = benchStore();
    await ready();
    void state().measurePace();
    state().cancelTrial();
    await settle();
    expect(nth("sae.trial").signal?.aborted).toBe(true);
    expect(state()).toMatchObject({ trial: { status: "idle" }, trials: {} });
    void state().measurePace();
    nth("sae.trial").reject(new LabError("out-of-memory", "no room"));
    await settle();
    expect(state().trial).toMatchObject({ status: "failed", error: { code: "out-of-memory" } });
  });
});
