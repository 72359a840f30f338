/** The logit lens: against float64 on the embedded model and a made-up one, in both bases, under edits; told as it goes. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { LensFacts, LensProgress } from "../../src/core/prediction.ts";
import type { Edit } from "../../src/core/edits.ts";
import { bench } from "../../src/lab/bench.ts";
import { lensHandlers } from "../../src/lab/lens-figure.ts";
import { lensTokenHandlers } from "../../src/lab/lens-tokens.ts";
import { predictionHandlers } from "../../src/lab/prediction-figure.ts";
import { streamAt } from "../../src/math/residual-stack.ts";
import { embeddedEngine, type NodeEngine } from "../model/node-engine.ts";
import { referenceEdit } from "../reference/edits.ts";
import { referenceRun } from "../reference/forward.ts";
import { entropyBits, klBits, rank, unembedded } from "../reference/lens.ts";
import { logSoftmax } from "../reference/metrics.ts";
import { embeddedModel } from "../reference/models.ts";
import { processed } from "../reference/tl-weights.ts";
import { engineAsModel } from "./engine-model.ts";

let engine: NodeEngine;
beforeAll(async () => {
  engine = await embeddedEngine();
  await bench.set(engineAsModel(engine));
});
afterAll(() => engine.release());

const ids = [4095, 11, 500, 77, 1200, 9, 340];
const T = ids.length;
const TRACKED = [340, 6];
const signal = new AbortController().signal;

async function lens(
  options: Partial<Parameters<(typeof lensHandlers)["figure.lens"]>[0]> = {},
  context: { signal?: AbortSignal; progress?: (p: LensProgress) => void } = {},
): Promise<LensFacts> {
  const input = { prompt: { ids }, edits: [], basis: "raw" as const, track: TRACKED, ...options };
  const { value } = await lensHandlers["figure.lens"](input, {
    ...{ signal, progress: () => {} },
    ...context,
  });
  return value;
}

const edits: Edit[] = [
  { hook: "blocks.1.attn.hook_z", op: "zero", head: 2 },
  { hook: "blocks.2.hook_mlp_out", op: "scale", value: 2, pos: 3 },
];

describe.each([
  ["raw", []],
  ["tl", []],
  ["raw", edits],
] as const)("in basis %s, with edits %j", (basis, under) => {
  it("every cell is what the formulas give in float64", async () => {
    const facts = await lens({ basis, edits: [...under] });
    const raw = embeddedModel();
    const model = basis === "tl" ? processed(raw) : raw;
    const run = referenceRun(
      model,
      [ids],
      under.map((edit) => referenceEdit(edit as never, [T])),
    );
    const L = model.config.n_layer;
    const D = model.config.n_embd;
    expect(facts.states).toHaveLength(2 * L + 1);
    expect(facts.states.slice(0, 3)).toEqual(["0_pre", "0_mid", "1_pre"]);
    expect(facts.states.at(-1)).toBe("final_post");
    const V = model.config.vocab_size;
    facts.states.forEach((_, s) => {
      const { value } = run.get(streamAt(s >> 1, L, s % 2 === 1));
      for (let t = 0; t < T; t++) {
        const cell = s * T + t;
        const z = unembedded(model, value.subarray(t * D, (t + 1) * D));
        const final = run.get("logits").value.subarray(t * V, (t + 1) * V);
        const log = logSoftmax(z);
        const where = `${s} ${t}`;
        expect(facts.topIds[cell * 10], where).toBe(z.indexOf(Math.max(...z)));
        const top = [...facts.topIds.subarray(cell * 10, cell * 10 + 10)];
        top.forEach((id, i) => {
          expect(Math.abs(facts.topLogits[cell * 10 + i]! - z[id]!), where).toBeLessThan(2e-3);
          expect(facts.topProbabilities[cell * 10 + i], where).toBeCloseTo(Math.exp(log[id]!), 4);
          expect(facts.strings[id]).toBe(String(id));
        });
        expect(Math.abs(facts.entropy[cell]! - entropyBits(z)), where).toBeLessThan(1e-3);
        expect(Math.abs(facts.divergence[cell]! - klBits(final, z)), where).toBeLessThan(1e-3);
        for (const { id, logit, probability, rank: found } of facts.tracked) {
          expect(Math.abs(logit[cell]! - z[id]!), where).toBeLessThan(2e-3);
          expect(probability[cell], where).toBeCloseTo(Math.exp(log[id]!), 4);
          const slack = z.filter((v) => Math.abs(v - z[id]!) < 2e-3).length;
          expect(Math.abs(found[cell]! - rank(z, id)), where).toBeLessThan(slack);
        }
        const next = ids[t + 1];
        if (next === undefined) expect(facts.next.rank[cell]).toBeNaN();
        else expect(Math.abs(facts.next.logit[cell]! - z[next]!), where).toBeLessThan(2e-3);
      }
    });
  }, 60_000);
});

it("the last state is the model's own answer, to the bit", async () => {
  const run = { prompt: { ids }, edits, basis: "raw" as const };
  const facts = await lens({ edits });
  const { value } = await predictionHandlers["figure.prediction"](run, {
    signal,
    progress: () => {},
  });
  const at = (facts.states.length - 1) * T;
  for (let t = 0; t < T; t++) {
    const row = (x: ArrayLike<number>) =>
      Array.from({ length: 10 }, (_, i) => x[(at + t) * 10 + i]!);
    expect(row(facts.topIds)).toEqual(value.top[t]!.ids);
    expect(row(facts.topLogits)).toEqual(value.top[t]!.logits);
    expect(facts.divergence[at + t]).toBe(0);
    expect(facts.entropy[at + t]).toBe(value.entropy[t]);
  }
  expect([...facts.next.logit.subarray(at, at + T - 1)]).toEqual([...value.actual.logit]);
});

it("the bases differ by one number a cell in the logits, and in nothing else", async () => {
  const [raw, tl] = [await lens(), await lens({ basis: "tl" })];
  raw.entropy.forEach((bits, i) => {
    expect(Math.abs(bits - tl.entropy[i]!)).toBeLessThan(1e-3);
    expect(Math.abs(raw.divergence[i]! - tl.divergence[i]!)).toBeLessThan(1e-3);
    const [a, b] = TRACKED.map((_, n) => raw.tracked[n]!.logit[i]! - tl.tracked[n]!.logit[i]!);
    expect(Math.abs(a! - b!)).toBeLessThan(1e-3);
    expect(raw.tracked[0]!.probability[i]).toBeCloseTo(tl.tracked[0]!.probability[i]!, 5);
  });
  expect(raw.topIds.filter((id, i) => id !== tl.topIds[i]).length).toBeLessThan(5); // near ties
});

it("tells what is there as it goes, layers' inputs first, and stops when told to", async () => {
  const long = Array.from({ length: 70 }, (_, i) => (i * 37 + 5) % 4000);
  await bench.set({
    ...engineAsModel(engine),
    run: async (request) => {
      await new Promise((resolve) => setTimeout(resolve, 260)); // longer than between two pictures
      return engine.runner.run(request);
    },
  });
  const seen: { done: number; total: number; known: string[] }[] = [];
  const facts = await lens(
    { prompt: { ids: long } },
    {
      progress: ({ done, total, soFar }) => {
        const known = soFar.states.filter((_, s) => Number.isFinite(soFar.entropy[s * 70]));
        seen.push({ done, total, known });
      },
    },
  );
  // The model's own answer is there first; no state after attention comes before all layers' inputs.
  expect(seen[0]).toEqual({ done: 64 + 8, total: 9 * 70, known: ["0_pre", "final_post"] });
  expect(seen.length).toBeGreaterThan(1);
  for (const { known } of seen) {
    const mids = known.filter((label) => label.endsWith("_mid")).length;
    expect(mids === 0 || known.length === 5 + mids).toBe(true);
  }
  expect(seen.at(-1)).toMatchObject({ done: 9 * 70, total: 9 * 70 });
  expect(facts.entropy.every(Number.isFinite)).toBe(true);

  const abort = new AbortController();
  let told = 0;
  const stopped = lens(
    { prompt: { ids: long } },
    { signal: abort.signal, progress: () => ++told && abort.abort() },
  );
  await expect(stopped).rejects.toThrow(/abort/i);
  expect(told).toBe(1);
  await bench.set(engineAsModel(engine));
});

it("without the states after attention, and with fewer tokens a cell", async () => {
  const facts = await lens({ mid: false, k: 3, track: [] });
  expect(facts.states).toEqual(["0_pre", "1_pre", "2_pre", "3_pre", "final_post"]);
  expect(facts.topIds).toHaveLength(5 * T * 3);
  expect(facts.tracked).toEqual([]);
});

it("refuses what is no token or no number of them", async () => {
  await expect(lens({ track: [8192] })).rejects.toThrow(/8192 is no token id/);
  await expect(lens({ k: 0 })).rejects.toThrow(/whole number from 1, not 0/);
});

describe("any tokens at one state and some positions", () => {
  const ask = async (
    state: string,
    at: number[],
    basis: "raw" | "tl" = "raw",
    under: Edit[] = [],
  ) => {
    const input = { prompt: { ids }, edits: under, basis, state, at, track: TRACKED };
    const { value } = await lensTokenHandlers["figure.lensTokens"](input, {
      ...{ signal, progress: () => {} },
    });
    return value;
  };
  const scaled: Edit[] = [...edits, { hook: "ln_final.hook_normalized", op: "scale", value: 2 }];

  it.each([
    ["0_pre", "raw", []],
    ["2_mid", "tl", edits],
    ["3_pre", "raw", scaled],
    ["final_post", "raw", scaled],
  ] as const)("at %s have the lens's own numbers, in %s, under %j", async (state, basis, under) => {
    const whole = await lens({ basis, edits: [...under] });
    const found = await ask(state, [5, 2, 99], basis, [...under]);
    expect(found.at).toEqual([5, 2]); // past the end there is nothing
    const s = whole.states.indexOf(state);
    found.at.forEach((t, i) => {
      found.tracked.forEach((token, n) => {
        const own = whole.tracked[n]!;
        expect(token.id).toBe(own.id);
        expect(token.logit[i]).toBeCloseTo(own.logit[s * T + t]!, 4);
        expect(token.probability[i]).toBeCloseTo(own.probability[s * T + t]!, 5);
        expect(token.rank[i]).toBe(own.rank[s * T + t]);
      });
    });
  });
  it("of a state that there is not names those that there are", async () => {
    await expect(ask("4_mid", [0])).rejects.toThrow(/no state 4_mid.*0_pre, 0_mid, .*final_post/);
  });
});
