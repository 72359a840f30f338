/**
 * Steering while a text is written, token by token with the cache: every mode, of a feature and of a direction, at the tokens that
 * are generated and at chosen ones. What the engine says of each token it draws, and of the likeliest there, is compared with the
 * same text run whole in float64 by the formulas (`test/reference/steering.ts`), which knows neither engine nor cache.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { modesOf, type SteerRow, type SteerSource } from "../../src/core/steer.ts";
import { resolvePerStep } from "../../src/lab/resolve-edits.ts";
import { generate } from "../../src/model/generate.ts";
import { nodeEngine, type NodeEngine } from "../model/node-engine.ts";
import { tinyCheckpoint } from "../model/tiny-checkpoint.ts";
import { referenceRun } from "../reference/forward.ts";
import { logSoftmax } from "../reference/metrics.ts";
import { ODD } from "../reference/models.ts";
import { steeringReference } from "../reference/steering.ts";
import { referenceModel, type ReferenceModel } from "../reference/weights.ts";
import { randomSae, sourcesOf } from "./edit-models.ts";
import { engineAsModel } from "./engine-model.ts";

const { signal } = new AbortController();
const prompt = [50, 20, 7, 100, 12];
const NEW = 4;
const V = ODD.vocab_size;
const a = randomSae("blocks.1.hook_resid_post", ODD.n_embd, 13, 5);
a.weights.b_enc[0] = 50; // active on every token, so that it can be ablated and multiplied there
const saes = { a };
const vector = Array.from({ length: ODD.n_embd }, (_, i) => Math.sin(3 * i));
const SOURCES: Record<string, SteerSource> = {
  "a feature": { kind: "feature", sae: "a", feature: 0 },
  "a direction": { kind: "vector", hook: "blocks.1.hook_resid_mid", name: "probe", vector },
};
/** Each so large that it tells, and caps and floors where they bind. */
const AMOUNT = { add: 3, clamp: 4, multiply: -3, ablate: 0, replace: 5, most: -40, least: 40 };
/** The last token of the prompt, and the second and third of those written. */
const CHOSEN = [-1, prompt.length + 1, prompt.length + 2];

let engine: NodeEngine;
let reference: ReferenceModel;
beforeAll(async () => {
  const { config, weights } = tinyCheckpoint({ ...ODD, tie_word_embeddings: true }, { seed: 8 });
  engine = await nodeEngine(config, weights);
  reference = referenceModel(engine.config, engine.weight);
});
afterAll(() => engine.release());

/** ln p of the tokens drawn, and of the likeliest at each step, as generation tells them. */
async function written(rows: SteerRow[]) {
  const model = engineAsModel(engine);
  const steer = { rows, attention: "free" } as const;
  const sources = sourcesOf(saes);
  const asked = { signal, sources, steer, maxNewTokens: NEW };
  const steps = await resolvePerStep(model, prompt, [], asked);
  const drawn: number[] = [];
  const likeliest: [id: number, logProbability: number][] = [];
  const { tokens } = await generate(model, {
    ids: prompt,
    sampling: {
      ...{ maxNewTokens: NEW, temperature: 1, topK: 0, topP: 1, repetitionPenalty: 1, seed: 3 },
    },
    edits: steps.edits,
    editLength: steps.editLength,
    alternatives: 1,
    onToken: ({ probability, alternatives }) => {
      drawn.push(Math.log(probability));
      likeliest.push([alternatives!.ids[0]!, Math.log(alternatives!.probabilities[0]!)]);
    },
    signal,
  });
  steps.dispose();
  return { tokens, drawn, likeliest };
}

/** ln p of all tokens after each place of a whole text from the prompt's end on, in float64. */
function expected(rows: readonly SteerRow[], text: readonly number[]) {
  const edits = rows.length
    ? steeringReference(rows, text, prompt.length, reference, saes, false)
    : [];
  const { value } = referenceRun(reference, [text], edits).get("logits");
  return Array.from({ length: text.length - prompt.length }, (_, i) => {
    const at = prompt.length - 1 + i;
    return logSoftmax(value.subarray(at * V, (at + 1) * V));
  });
}

describe.each(Object.keys(SOURCES))("%s", (name) => {
  const source = SOURCES[name]!;
  describe.each(modesOf(source))("%s", (mode) => {
    it.each([
      ["the generated tokens", "generated"],
      ["chosen ones", CHOSEN],
    ] as const)("at %s", async (_, at) => {
      const place: SteerRow["at"] = at === "generated" ? at : [...at];
      const row: SteerRow = {
        source,
        mode,
        amount: AMOUNT[mode],
        at: place,
        unit: "raw",
        on: true,
      };
      const { tokens, drawn, likeliest } = await written([row]);
      expect(tokens.length).toBeGreaterThan(2); // it may end earlier
      const text = [...prompt, ...tokens];
      const [steered, plain] = [expected([row], text), expected([], text)];
      tokens.forEach((id, i) => {
        expect(drawn[i]).toBeCloseTo(steered[i]![id]!, 4);
        const [first, logProbability] = likeliest[i]!;
        expect(logProbability).toBeCloseTo(steered[i]![first]!, 4);
        expect(Math.max(...steered[i]!)).toBeCloseTo(steered[i]![first]!, 4);
      });
      // Before its first token it changes nothing, there and after that it does.
      const change = steered.map((now, i) =>
        now.reduce((most, v, id) => Math.max(most, Math.abs(v - plain[i]![id]!)), 0),
      );
      if (at === "generated") expect(change[0]).toBe(0);
      else expect(change[0]).toBeGreaterThan(0.01);
      expect(Math.min(...change.slice(2))).toBeGreaterThan(0.01);
    });
  });
});
