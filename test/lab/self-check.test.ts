/** The self-check passes on sound engines, and each of its checks fails on an engine that is broken in its own way. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { selfCheck } from "../../src/lab/self-check.ts";
import type { LoadedModel } from "../../src/model/loaded-model.ts";
import { embeddedEngine, nodeEngine, type NodeEngine } from "../model/node-engine.ts";
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
  });
});
