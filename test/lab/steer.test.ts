/** Edits of features: what they do to the SAE's own reading, at the prompt and at every generated token. */
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Basis } from "../../src/core/basis.ts";
import type { Edit, SteerFeature } from "../../src/core/edits.ts";
import { rawEdits } from "../../src/lab/basis-parameters.ts";
import { resolveEdits, resolvePerStep } from "../../src/lab/resolve-edits.ts";
import { runInBasis } from "../../src/lab/run-in-basis.ts";
import { encode } from "../../src/math/sae.ts";
import type { Sae } from "../../src/math/feature-change.ts";
import { topIndices } from "../../src/math/softmax.ts";
import { generate } from "../../src/model/generate.ts";
import { createTokenizer, type Tokenizer } from "../../src/text/tokenizer.ts";
import {
  EMBEDDED,
  embeddedEngine,
  largestDifference,
  type NodeEngine,
} from "../model/node-engine.ts";
import { coordinateSae, randomSae, sourcesOf } from "./edit-models.ts";
import { engineAsModel } from "./engine-model.ts";

let engine: NodeEngine;
let tokenizer: Tokenizer;
beforeAll(async () => {
  engine = await embeddedEngine();
  const read = (file: string) => readFileSync(new URL(file, EMBEDDED), "utf8");
  const files = { json: read("tokenizer.json"), config: read("tokenizer_config.json") };
  tokenizer = createTokenizer(files, engine.config.bos_token_id);
});
afterAll(() => engine.release());

const { signal } = new AbortController();
const model = () => engineAsModel(engine, {}, tokenizer);
const ids = () => tokenizer.encode("Once upon a time there was", true).ids;
/** The SAE put in the activation's place, its error kept, with the features changed. */
const spliced = (features: SteerFeature[], { hook }: { hook: string }) =>
  ({ hook, op: "splice", sae: "sae", error: true, features }) as const;
const promptEdits = (sae: Sae, features: SteerFeature[]) => {
  const edits = [spliced(features, sae.config)];
  return resolveEdits(model(), [ids()], edits, { signal, sources: sourcesOf({ sae }) });
};
const activations = async (hook: string, edits: Edit[]) => {
  const direct = await resolveEdits(model(), [ids()], edits, { signal });
  const request = { ids: [ids()], names: [hook], edits: direct, logits: "none" } as const;
  return (await engine.runner.run(request)).cache.get(hook)!.data;
};

const hook = "blocks.1.hook_resid_post";

describe("the activation after steering", () => {
  it("add: every position moves by Σ c·W[f]", async () => {
    const sae = coordinateSae(hook, 192, 30);
    const edits = await promptEdits(sae, [
      { feature: 3, mode: "add", coefficient: 2.5 },
      { feature: 17, mode: "add", coefficient: -1 },
    ]);
    const [before, after] = [await activations(hook, []), await activations(hook, edits)];
    const expected = before.map((v, i) => v + (i % 192 === 3 ? 2.5 : i % 192 === 17 ? -1 : 0));
    expect(largestDifference(after, expected)).toBeLessThan(1e-5);
  });

  it("clamp: an active feature reads c, an inactive one c more than its silent pre-activation", async () => {
    const sae = coordinateSae(hook, 192, 30);
    const edits = await promptEdits(sae, [{ feature: 5, mode: "clamp", coefficient: 4 }]);
    const [before, after] = [await activations(hook, []), await activations(hook, edits)];
    for (let t = 0; t < ids().length; t++) {
      const x = before[t * 192 + 5]!;
      expect(after[t * 192 + 5]).toBeCloseTo(x > 0 ? 4 : x + 4, 4);
      expect(after[t * 192 + 6]).toBe(before[t * 192 + 6]);
    }
  });

  it("clamp and add together read f from the activation before both", async () => {
    const sae = randomSae(hook, 192, 50);
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
    const edits = await promptEdits(coordinateSae(z, 192, 64), [
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
  const sae = randomSae(hook, 192, 50);
  const sources = sourcesOf({ sae });
  const edits = [
    spliced([{ feature: 8, mode: "clamp", coefficient: 40 }], sae.config),
    { hook: "blocks.2.hook_mlp_out", op: "scale", value: 0.5 } as const,
  ];
  const prompt = ids();
  const from = async (begun: number[], maxNewTokens: number) =>
    generate(model(), {
      ids: prompt,
      begun,
      sampling: { maxNewTokens, temperature: 0, topK: 0, topP: 1, repetitionPenalty: 1, seed: 0 },
      edits: (await resolvePerStep(model(), prompt, edits, { signal, sources })).edits,
      onToken: () => {},
      signal,
    });
  const { tokens } = await from([], 6);
  expect((await from(tokens.slice(0, 4), 2)).tokens).toEqual(tokens.slice(4));
  const all = prompt;
  for (const id of tokens) {
    const whole = await resolveEdits(model(), [all], edits, { signal, sources });
    const request = { ids: [all], names: [], edits: whole, logits: "last" } as const;
    const { logits } = await engine.runner.run(request);
    expect(topIndices(logits!.data, 1)).toEqual([id]);
    all.push(id);
  }
});

it.each<Edit>([
  { hook: "blocks.3.attn.hook_z", op: "zero", head: 4 },
  { hook: "blocks.3.attn.hook_z", op: "mean", over: ["A king sat."], head: 4 },
])("means edits in the basis that they are told in: %o", async (edit) => {
  const prompt = tokenizer.encode("Then, Mary and John went to the park. John gave a", true).ids;
  const edits = [edit, { hook: "blocks.1.hook_mlp_out", op: "zero" } as const];
  const start = async (basis: Basis) =>
    generate(model(), {
      ids: prompt,
      sampling: {
        ...{ maxNewTokens: 5, temperature: 0, topK: 0, topP: 1, repetitionPenalty: 1, seed: 0 },
      },
      edits: (await resolvePerStep(model(), prompt, edits, { signal, basis })).edits,
      alternatives: 1,
      onToken: ({ alternatives }) => logits[basis].push(alternatives!.logits[0]!),
      signal,
    });
  const logits: Record<Basis, number[]> = { raw: [], tl: [] };
  await start("raw");
  const { tokens } = await start("tl");
  const all = [...prompt];
  for (const [i, id] of tokens.entries()) {
    const direct = await resolveEdits(model(), [all], edits, { signal, basis: "tl" });
    const request = { ids: [all], names: [], edits: direct, logits: "last" } as const;
    const { edits: raw } = await rawEdits(model(), direct, "tl");
    const told = await runInBasis(model(), "tl", request);
    expect(topIndices(told.logits!.data, 1)).toEqual([id]);
    const { logits: own } = await engine.runner.run({ ...request, edits: raw });
    expect(logits.tl[i]).toBeCloseTo(own!.data[id]!, 3);
    all.push(id);
  }
  // The zero of one basis is not that of the other; a mean is the same in both.
  expect(Math.abs(logits.tl[0]! - logits.raw[0]!) > 1e-3).toBe(edit.op === "zero");
});

describe("refusals", () => {
  const steer = (sae: Sae, feature: Partial<SteerFeature>) =>
    promptEdits(sae, [{ feature: 0, mode: "add", coefficient: 1, ...feature }]);
  const sae = coordinateSae(hook, 192, 30);
  it("a feature that the SAE does not have", async () => {
    await expect(steer(sae, { feature: 30 })).rejects.toThrow(/feature 30 is not among 0 … 29/);
  });
  it("a strength that is no number", async () => {
    await expect(steer(sae, { coefficient: NaN })).rejects.toThrow(/strength of feature 0 is NaN/);
  });
  it("an SAE of another width, or of a hook that the model does not have", async () => {
    await expect(steer(coordinateSae(hook, 768, 4), {})).rejects.toThrow(
      /reads 768 numbers a token .* has 192/,
    );
    await expect(steer(coordinateSae("blocks.9.hook_resid_post", 192, 4), {})).rejects.toThrow(
      /no hook point/,
    );
  });
});
