/** Steering: what an edit does to the SAE's own reading, at the prompt and at every generated token. */
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { SaeConfig } from "../../src/core/sae.ts";
import type { Edit, SteerFeature } from "../../src/core/types.ts";
import { clampEachStep, type OpenSae, steering } from "../../src/lab/steer.ts";
import { keyedRandom, normal } from "../../src/math/keyed-random.ts";
import { encode } from "../../src/math/sae.ts";
import { topIndices } from "../../src/math/softmax.ts";
import { generate } from "../../src/model/generate.ts";
import { createTokenizer, type Tokenizer } from "../../src/text/tokenizer.ts";
import {
  EMBEDDED,
  embeddedEngine,
  largestDifference,
  type NodeEngine,
} from "../model/node-engine.ts";

let engine: NodeEngine;
let tokenizer: Tokenizer;
beforeAll(async () => {
  engine = await embeddedEngine();
  const read = (file: string) => readFileSync(new URL(file, EMBEDDED), "utf8");
  const files = { json: read("tokenizer.json"), config: read("tokenizer_config.json") };
  tokenizer = createTokenizer(files, engine.config.bos_token_id);
});
afterAll(() => engine.release());

const model = () => ({ run: engine.runner.run, tokenizer, info: { config: engine.config } });
const ids = () => tokenizer.encode("Once upon a time there was", true).ids;

const cfg = (hook: string, dIn: number, dSae: number): SaeConfig => ({
  variant: "standard",
  dIn,
  dSae,
  k: null,
  hook,
  modelId: "tinylab-gpt2-4l",
  applyBDecToInput: false,
  prependBos: true,
  contextSize: 64,
});
/** Latent f reads coordinate f and writes it back. */
function coordinates(hook: string, D: number, F: number): OpenSae {
  const W_enc = new Float32Array(D * F);
  const W_dec = new Float32Array(F * D);
  for (let f = 0; f < F; f++) W_enc[f * F + f] = W_dec[f * D + f] = 1;
  const weights = { W_enc, W_dec, b_enc: new Float32Array(F), b_dec: new Float32Array(D) };
  return { config: cfg(hook, D, F), weights };
}
/** Random TopK SAE, for which nothing about f(x) is simple. */
function random(hook: string, D: number, F: number): OpenSae {
  const next = keyedRandom(11);
  const values = (n: number) => Float32Array.from({ length: n }, () => 0.1 * normal(next));
  const weights = {
    W_enc: values(D * F),
    W_dec: values(F * D),
    b_enc: values(F),
    b_dec: values(D),
  };
  return { config: { ...cfg(hook, D, F), variant: "topk", k: 9 }, weights };
}
const promptEdits = async (sae: OpenSae, features: SteerFeature[]): Promise<Edit[]> => {
  const prompt = ids();
  const steered = steering(engine.config, sae, features);
  const perStep = clampEachStep(model(), sae, steered, prompt.length, []);
  const clamps = (await perStep?.({ ids: prompt, past: undefined })) ?? [];
  return [...steered.everywhere, ...clamps];
};
const activations = async (hook: string, edits: Edit[]) => {
  const run = await engine.runner.run({ ids: [ids()], names: [hook], edits, logits: "none" });
  return run.cache.get(hook)!.data;
};

const hook = "blocks.1.hook_resid_post";

describe("the activation after steering", () => {
  it("add: every position moves by Σ c·W[f]", async () => {
    const sae = coordinates(hook, 192, 30);
    const edits = await promptEdits(sae, [
      { feature: 3, mode: "add", coefficient: 2.5 },
      { feature: 17, mode: "add", coefficient: -1 },
    ]);
    const [before, after] = [await activations(hook, []), await activations(hook, edits)];
    const expected = before.map((v, i) => v + (i % 192 === 3 ? 2.5 : i % 192 === 17 ? -1 : 0));
    expect(largestDifference(after, expected)).toBeLessThan(1e-5);
  });

  it("clamp: an active feature reads c, an inactive one c more than its silent pre-activation", async () => {
    const sae = coordinates(hook, 192, 30);
    const edits = await promptEdits(sae, [{ feature: 5, mode: "clamp", coefficient: 4 }]);
    const [before, after] = [await activations(hook, []), await activations(hook, edits)];
    for (let t = 0; t < ids().length; t++) {
      const x = before[t * 192 + 5]!;
      expect(after[t * 192 + 5]).toBeCloseTo(x > 0 ? 4 : x + 4, 4);
      expect(after[t * 192 + 6]).toBe(before[t * 192 + 6]);
    }
  });

  it("clamp and add together read f from the activation before both", async () => {
    const sae = random(hook, 192, 50);
    const features: SteerFeature[] = [
      { feature: 8, mode: "clamp", coefficient: 3 },
      { feature: 21, mode: "clamp", coefficient: 0 },
      { feature: 8, mode: "add", coefficient: 1.5 },
    ];
    const before = await activations(hook, []);
    const after = await activations(hook, await promptEdits(sae, features));
    const f = encode(before, sae.weights, sae.config);
    const { W_dec } = sae.weights;
    const expected = before.map((v, i) => {
      const [t, d] = [Math.floor(i / 192), i % 192];
      const of = (feature: number) => W_dec[feature * 192 + d]!;
      return v + (3 - f[t * 50 + 8]!) * of(8) - f[t * 50 + 21]! * of(21) + 1.5 * of(8);
    });
    expect(largestDifference(after, expected)).toBeLessThan(1e-4);
  });

  it("holds at a hook with heads, where the SAE reads them side by side", async () => {
    const z = "blocks.2.attn.hook_z";
    const edits = await promptEdits(coordinates(z, 192, 64), [
      { feature: 40, mode: "add", coefficient: 1 }, // head 1, element 8
      { feature: 2, mode: "clamp", coefficient: 7 },
    ]);
    const [before, after] = [await activations(z, []), await activations(z, edits)];
    for (let t = 0; t < ids().length; t++) {
      expect(after[t * 192 + 40]! - before[t * 192 + 40]!).toBeCloseTo(1, 5);
      const x = before[t * 192 + 2]!;
      expect(after[t * 192 + 2]).toBeCloseTo(x > 0 ? 7 : x + 7, 4);
    }
  });
});

it("clamps every generated token as a whole run over the text so far would", async () => {
  const sae = random(hook, 192, 50);
  const features: SteerFeature[] = [{ feature: 8, mode: "clamp", coefficient: 40 }];
  const prompt = ids();
  const steered = steering(engine.config, sae, features);
  const { tokens } = await generate(model(), {
    ids: prompt,
    sampling: { maxNewTokens: 6, temperature: 0, topK: 0, topP: 1, seed: 0 },
    edits: [],
    editsFor: clampEachStep(model(), sae, steered, prompt.length, [])!,
    onToken: () => {},
    signal: new AbortController().signal,
  });
  const all = prompt;
  for (const id of tokens) {
    const whole = clampEachStep(model(), sae, steered, all.length, [])!;
    const edits = await whole({ ids: all, past: undefined });
    const { logits } = await engine.runner.run({ ids: [all], names: [], edits, logits: "last" });
    expect(topIndices(logits!.data, 1)).toEqual([id]);
    all.push(id);
  }
});

describe("refusals", () => {
  const sae = () => coordinates(hook, 192, 30);
  const steer = (open: OpenSae, feature: Partial<SteerFeature>) => () =>
    steering(engine.config, open, [{ feature: 0, mode: "add", coefficient: 1, ...feature }]);
  it("a feature that the SAE does not have", () => {
    expect(steer(sae(), { feature: 30 })).toThrow(/feature 30 is not among 0 … 29/);
  });
  it("a strength that is no number", () => {
    expect(steer(sae(), { coefficient: NaN })).toThrow(/strength of feature 0 is NaN/);
  });
  it("an SAE of another width, or of a hook that the model does not have", () => {
    expect(steer(coordinates(hook, 768, 4), {})).toThrow(/reads 768 numbers a token .* has 192/);
    expect(steer(coordinates("blocks.9.hook_resid_post", 192, 4), {})).toThrow(/no hook point/);
  });
});
