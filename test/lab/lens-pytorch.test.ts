/** The logit lens and the losses on the embedded model, engine and all, against PyTorch; fixture by test/fixtures/make_lens.py. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, it } from "vitest";
import { bench } from "../../src/lab/bench.ts";
import { lensHandlers } from "../../src/lab/lens-figure.ts";
import { predictionHandlers } from "../../src/lab/prediction-figure.ts";
import {
  EMBEDDED,
  embeddedEngine,
  FIXTURES,
  largestDifference,
  type NodeEngine,
} from "../model/node-engine.ts";
import { engineAsModel } from "./engine-model.ts";

/** Numbers of each position; of the next token one fewer. */
interface State {
  hook: string;
  top: number[];
  topProbability: number[];
  entropy: number[];
  divergence: number[];
  nextRank: number[];
  nextLogit: number[];
}
const fixture = JSON.parse(readFileSync(new URL("lens.json", FIXTURES), "utf8")) as {
  modelSha256: string;
  ids: number[];
  loss: number[];
  raw: State[];
  tl: State[];
};
const { ids } = fixture;
const T = ids.length;
const context = { signal: new AbortController().signal, progress: () => {} };

let engine: NodeEngine;
beforeAll(async () => {
  engine = await embeddedEngine();
  await bench.set(engineAsModel(engine));
});
afterAll(() => engine.release());

it("has a fixture made with the model that is shipped", () => {
  const bytes = readFileSync(new URL("model.safetensors", EMBEDDED));
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  expect(sha256, "run python3 test/fixtures/make_lens.py").toBe(fixture.modelSha256);
});

it.each(["raw", "tl"] as const)("every state in basis %s", async (basis) => {
  const input = { prompt: { ids }, edits: [], basis };
  const { value } = await lensHandlers["figure.lens"](input, context);
  expect(value.states).toHaveLength(fixture[basis].length);
  fixture[basis].forEach((state, s) => {
    const row = (values: Float32Array, n = T) => values.subarray(s * T, s * T + n);
    const first = (values: Float32Array | Int32Array) =>
      state.top.map((_, t) => values[(s * T + t) * 10]!);
    expect(first(value.topIds), state.hook).toEqual(state.top);
    const close: [ArrayLike<number>, number[], number][] = [
      [first(value.topProbabilities), state.topProbability, 1e-4],
      [row(value.entropy), state.entropy, 1e-3],
      [row(value.divergence), state.divergence, 1e-3],
      [row(value.next.logit, T - 1), state.nextLogit, 2e-3],
    ];
    for (const [found, expected, tolerance] of close) {
      expect(largestDifference(found, expected), state.hook).toBeLessThan(tolerance);
    }
    // Ranks far down, where logits lie close, may be off by what float32 leaves.
    row(value.next.rank, T - 1).forEach((rank, t) => {
      expect(Math.abs(rank / state.nextRank[t]! - 1), `${state.hook} ${t}`).toBeLessThan(0.005);
    });
  });
});

it("the losses", async () => {
  const input = { prompt: { ids }, edits: [], basis: "raw" as const };
  const { value } = await predictionHandlers["figure.prediction"](input, context);
  expect(largestDifference(value.actual.loss, fixture.loss)).toBeLessThan(1e-3);
});
