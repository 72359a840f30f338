/** Several SAEs trained on one stream: each as it would be alone, each telling of itself; what cannot be one run is refused. */
import { beforeAll, describe, expect, it } from "vitest";
import { DEFAULT_PACE, type Recipe } from "../../src/core/sae-recipe.ts";
import {
  type SaeConfig,
  type SaeSummary,
  trainedVariant,
  type TrainProgress,
} from "../../src/core/sae.ts";
import type { CorpusReader } from "../../src/lab/corpus-reader.ts";
import { CORPUS_START } from "../../src/lab/corpus-reader.ts";
import { Pause } from "../../src/lab/pause.ts";
import { Clock } from "../../src/lab/run-clock.ts";
import type { Job, Member } from "../../src/lab/sae-job.ts";
import { checkMemory } from "../../src/lab/sae-memory.ts";
import { makeSteps } from "../../src/lab/sae-steps.ts";
import { checkSweep } from "../../src/lab/sae-train-handlers.ts";
import type { Workshop } from "../../src/lab/sae-workshop.ts";
import type { LoadedModel } from "../../src/model/loaded-model.ts";
import type { Plan } from "../../src/train/schedule.ts";
import { ShuffleBuffer } from "../../src/train/shuffle-buffer.ts";
import { Trainer } from "../../src/train/trainer.ts";
import { normals, useWasm } from "../train/wasm.ts";

const D = 12;
const plan = (recipe: Recipe, dSae: number): Plan => ({
  ...{ ...DEFAULT_PACE, recipe, dIn: D, dSae, batchSize: 32, steps: 24, seed: 3 },
});
const PLANS: Plan[] = [
  plan({ variant: "topk", k: 2 }, 20),
  plan({ variant: "topk", k: 4 }, 44),
  plan({ variant: "standard", l1: 0.5, decoderNorm: "unit" }, 20),
  plan({ variant: "batchtopk", k: 2 }, 20),
  plan({ variant: "matryoshka", k: 2, widths: [8, 20] }, 20),
  plan({ variant: "jumprelu", targetL0: 2, l0Weight: 1, bandwidth: 0.1 }, 20),
  plan({ variant: "gated", l1: 1 }, 20),
];

const configOf = ({ recipe, dSae }: Plan) =>
  ({
    variant: trainedVariant(recipe.variant),
    ...("k" in recipe && recipe.variant === "topk" && { k: recipe.k }),
    ...{ dIn: D, dSae, hook: "blocks.0.hook_resid_post", modelId: "m" },
    ...{ applyBDecToInput: false, prependBos: true, contextSize: 8 },
  }) as SaeConfig;
const memberOf = (of: Plan, i: number): Member => {
  const request = {
    ...of.recipe,
    hook: "blocks.0.hook_resid_post",
    dSae: of.dSae,
    tokens: 768,
    seed: 3,
  };
  const summary: SaeSummary = {
    ...{ id: `member ${i}`, name: `Member ${i}`, config: configOf(of), request, metrics: null },
    ...{ trainedTokens: 0, status: "unfinished", origin: "trained", createdAt: "", bytes: 0 },
    hasDashboards: false,
  };
  return { summary, request, plan: of, checkpoint: null };
};

/** Trains the plans in one run, as the lab does. */
async function run(plans: readonly Plan[], until = Infinity) {
  let harvested = 0;
  const buffer = new ShuffleBuffer({
    ...{ dIn: D, batchSize: 32, capacity: 256, seed: 3 },
    harvest: () => Promise.resolve(normals(48 * D, 7, harvested++)),
  });
  const job: Job = {
    model: { gpu: null } as LoadedModel,
    members: plans.map(memberOf),
    pause: new Pause(),
  };
  const trainers: Trainer[] = [];
  const sample = await buffer.peek(200);
  for (const each of plans) trainers.push(await Trainer.start(each, sample));
  sample.dispose();
  const told: TrainProgress[] = [];
  const abort = new AbortController();
  const progress = (message: TrainProgress) => {
    told.push(message);
    if (message.step >= until) abort.abort();
  };
  const running = {
    ...{ trainers, buffer, clock: new Clock(0, 0), strip: null },
    past: plans.map(() => []),
    reader: { before: () => CORPUS_START } as unknown as CorpusReader,
    shop: { corpus: { contextSize: 8 } } as Workshop,
  };
  const ended = await makeSteps(job, running, { signal: abort.signal, progress }, undefined).then(
    () => null,
    (e: unknown) => e,
  );
  const weights = [];
  for (const trainer of trainers) weights.push(await trainer.weights());
  const steps = trainers.map(({ step }) => step);
  for (const trainer of trainers) trainer.dispose();
  buffer.dispose();
  return { weights, told, steps, harvested, ended, past: running.past };
}

beforeAll(useWasm);

describe("a sweep", () => {
  it("gives, member by member, what single runs give, from one harvest", async () => {
    const together = await run(PLANS);
    expect(together.ended).toBeNull();
    for (const [i, each] of PLANS.entries()) {
      const alone = await run([each]);
      expect(together.weights[i]).toEqual(alone.weights[0]);
      expect(together.harvested).toBe(alone.harvested);
    }
    expect(together.weights[0]!.W_enc).not.toEqual(together.weights[2]!.W_enc);
    expect((await run(PLANS)).weights).toEqual(together.weights); // the same seed, the same SAEs
  });

  it("tells of each member, the first speaking for the run", async () => {
    const { told, past } = await run(PLANS);
    const points = told.filter((message) => message.points.length > 0);
    // What a checkpoint keeps of each is all that was told of it.
    expect(past).toEqual(PLANS.map((_, i) => points.flatMap(({ members }) => members![i]!.points)));
    expect(points.length).toBeGreaterThan(2);
    for (const { members, points: lead } of points) {
      expect(members!.map(({ id, name }) => [id, name])).toEqual(
        PLANS.map((_, i) => [`member ${i}`, `Member ${i}`]),
      );
      expect(members![0]!.points).toEqual(lead);
      const l0 = members!.map((member) => member.points[0]!.l0);
      expect(l0[0]).toBeCloseTo(2, 5);
      expect(l0[1]).toBeCloseTo(4, 5);
    }
    const single = await run([PLANS[0]!]);
    expect(single.told.every(({ members }) => members === undefined)).toBe(true);
  });

  it("stops all members at the same step", async () => {
    const { steps, ended } = await run(PLANS, 10);
    expect(steps).toEqual(PLANS.map(() => 10));
    expect(ended).toMatchObject({ code: "cancelled" });
  });

  it("must share a stream", () => {
    const request = { variant: "topk", hook: "a", dSae: 32, tokens: 1000, seed: 1 } as const;
    expect(() => checkSweep([request, { ...request, dSae: 64, k: 8 }])).not.toThrow();
    expect(() => checkSweep([])).toThrow(/1 to 16 members, this one 0/);
    expect(() => checkSweep(Array.from({ length: 17 }, () => request))).toThrow(/this one 17/);
    for (const [name, value] of [
      ["hook", "b"],
      ["seed", 2],
      ["tokens", 5000],
      ["batchSize", 64],
    ]) {
      expect(() => checkSweep([request, { ...request, [name!]: value }])).toThrow(
        new RegExp(`must agree in ${name}`),
      );
    }
    const out = { hook: "y", skip: false };
    expect(() => checkSweep([request, { ...request, out }])).toThrow(/must agree in out.hook/);
    expect(() =>
      checkSweep([
        { ...request, out },
        { ...request, out: { ...out, skip: true } },
      ]),
    ).not.toThrow();
  });
});

describe("memory", () => {
  it("is refused before anything is harvested, with what to make smaller", () => {
    const member = (dSae: number, dIn = 768) => ({
      name: `wide ${dSae}`,
      config: { ...configOf(PLANS[0]!), dIn, dSae },
      batchSize: 1024,
    });
    const wasm = { gpu: null };
    expect(() => checkMemory([member(6144)], wasm)).not.toThrow();
    expect(() => checkMemory([member(98304)], wasm)).toThrow(
      /takes some 6\.7 GB.*4\.3 GB.*smaller width/,
    );
    const many = Array.from({ length: 16 }, () => member(24576));
    expect(() => checkMemory(many, wasm)).toThrow(/these 16 take some .* GB.*Use fewer of them/);
    const limits = { maxBufferSize: 2 ** 28, maxStorageBufferBindingSize: 2 ** 27 };
    const gpu = { gpu: { limits } as GPUDevice };
    expect(() => checkMemory([member(24576)], gpu)).not.toThrow();
    expect(() => checkMemory([member(49152)], gpu)).toThrow(
      /“wide 49152” needs an array of 0\.2 GB/,
    );
  });
});
