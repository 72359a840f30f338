/** Each figure's Python could run, on every kind of bench, and says what the figure shows. */
import { describe, expect, it } from "vitest";
import { defaultRecipe, TRAIN_VARIANTS } from "../../src/core/sae-recipe.ts";
import {
  newRow,
  STEER_MODES,
  type SteerAttention,
  type SteerRow,
  type SteerSource,
} from "../../src/core/steer.ts";
import type { SamplingOptions } from "../../src/core/generation.ts";
import { generatePython, type WrittenFacts } from "../../src/python/generate.ts";
import { nextTokenPython } from "../../src/python/next-token.ts";
import { reportPython } from "../../src/python/report.ts";
import {
  alignedNeuronsPython,
  correlatedPython,
  headsPython,
  mapPython,
  tryTextPython,
} from "../../src/python/feature-parts.ts";
import { activityPython, featurePython, promptFeaturesPython } from "../../src/python/sae.ts";
import { testPython } from "../../src/python/sae-test.ts";
import { dosePython, steerPython, steerTextPython } from "../../src/python/steer.ts";
import { type TrainFacts, trainPython } from "../../src/python/train.ts";
import { expectPython } from "./check.ts";
import { ALL_EDITS, BENCHES, FACTS, SAE, Z_SAE } from "./facts.ts";

const SAMPLING: SamplingOptions = {
  ...{ maxNewTokens: 40, temperature: 0.8, topK: 50, topP: 0.95, repetitionPenalty: 1.2, seed: 3 },
};
const TRAIN: TrainFacts = {
  recipe: { variant: "topk", k: 32 },
  ...{
    hook: SAE.hook,
    dIn: 192,
    dSae: 1536,
    tokens: 500_000,
    seed: 7,
    contextSize: 128,
    texts: [],
  },
  pace: { lr: 1e-3, batchSize: 1000, lrWarmUp: 0.05, lrDecay: 0.2, sparsityWarmUp: 0.1 },
};
const WRITTEN: WrittenFacts = {
  sampling: SAMPLING,
  written: { a: [5, 17, 8], b: [5, 99] },
  promptTokens: { a: 5, b: 6 },
};
const feature = (id: number, amount: number, patch: Partial<SteerRow> = {}): SteerRow => ({
  ...newRow({ kind: "feature", sae: SAE.id, feature: id }, amount),
  ...patch,
});
const FEATURES = [feature(412, 3.5), feature(7, -2, { mode: "clamp" })];
const steering = (rows: readonly SteerRow[], attention: SteerAttention = "free") => ({
  ...{ rows, attention, saes: [SAE, Z_SAE] },
});
const EVERY_MODE = STEER_MODES.map((mode, i) =>
  feature(i, 2, { mode, at: i === 1 ? [-1, 4] : "all" }),
);
const SOURCES: SteerSource[] = [
  { kind: "feature", sae: Z_SAE.id, feature: 3 },
  { kind: "neuron", layer: 1, neuron: 40 },
  { kind: "head", layer: 2, head: 1, phrases: ['say "so"', "b"] },
  { kind: "difference", hook: "blocks.0.hook_resid_post", plus: [" a"], minus: [" b", " c"] },
  { kind: "vector", hook: "blocks.1.hook_attn_out", name: "a\nb", vector: [0.5, -1e-9] },
];
const EVERY_SOURCE = SOURCES.map((source) => ({ ...newRow(source, 1), at: "generated" as const }));
const DOSE = { row: 0, doses: [-1, 0, 2.5], unit: 3, tokens: [5, 9], text: null };

describe.each(BENCHES)("on a bench with %s", (_, facts) => {
  const config = facts.model.config;
  it.each([
    ["the next token", () => nextTokenPython(facts, { a: 3, b: 2 }, 10)],
    ["the next token at a temperature", () => nextTokenPython(facts, { a: -1, b: -1 }, 5, 0.7)],
    ["features on the prompt", () => promptFeaturesPython(facts, SAE, 2)],
    ["features of an SAE of z", () => promptFeaturesPython(facts, Z_SAE, 2)],
    [
      "features of an SAE that no edit has",
      () => promptFeaturesPython(facts, { ...SAE, id: "x" }, 2),
    ],
    ["a feature", () => featurePython(facts, SAE, 412)],
    ["a map of features", () => mapPython(facts, SAE, 1)],
    ["a map of two autoencoders", () => mapPython(facts, SAE, 1, [{ ...SAE, id: "other" }])],
    ["aligned neurons", () => alignedNeuronsPython(facts, SAE, { feature: 412, layer: 1 })],
    ["aligned neurons of z", () => alignedNeuronsPython(facts, Z_SAE, { feature: 3, layer: 0 })],
    ["heads of a feature", () => headsPython(facts, Z_SAE, 3)],
    ["a text on its own", () => tryTextPython(facts, SAE, { feature: 412, text: 'a "b"\n' })],
    ["correlated features", () => correlatedPython(facts, SAE, 412)],
    ["a feature of z", () => featurePython(facts, Z_SAE, 412)],
    [
      "a feature of neurons",
      () => featurePython(facts, { ...SAE, hook: "blocks.0.mlp.hook_post" }, 4),
    ],
    ["steering", () => steerPython(facts, steering(FEATURES))],
    ["steering in every mode", () => steerPython(facts, steering(EVERY_MODE))],
    ["steering along everything", () => steerPython(facts, steering(EVERY_SOURCE, "frozen"))],
    ["no steering", () => steerPython(facts, { ...steering([]), saes: [] })],
    ["steered text", () => steerTextPython(facts, steering(FEATURES, "frozen"), SAMPLING, 3)],
    [
      "greedy text",
      () => steerTextPython(facts, steering(EVERY_SOURCE), { ...SAMPLING, temperature: 0 }, 1),
    ],
    ["dose–response", () => dosePython(facts, steering(FEATURES), DOSE)],
    [
      "dose–response of all rows",
      () => dosePython(facts, steering(EVERY_MODE), { ...DOSE, row: null, text: "Once\n" }),
    ],
    ["some features' activity", () => activityPython(facts, SAE, [412, 7])],
    ["activity of an SAE that no edit has", () => activityPython(facts, { ...SAE, id: "x" }, [3])],
    ["a report card", () => reportPython(facts, Z_SAE, { contexts: 16, contextSize: 128 })],
    [
      "a hypothesis test",
      () =>
        testPython(facts, Z_SAE, {
          ...{ feature: 3, threshold: 0.5 },
          ...{ should: ['in "Paris"'], shouldNot: ["Paris\nHilton", "é"] },
        }),
    ],
    ["written text", () => generatePython(facts, WRITTEN)],
    [
      "greedy text that is still to be written",
      () =>
        generatePython(facts, {
          sampling: { ...SAMPLING, temperature: 0, repetitionPenalty: 1 },
          written: { a: [], b: [] },
          promptTokens: { a: 5, b: null },
        }),
    ],
    ["training", () => trainPython(facts, TRAIN)],
    ["training on z", () => trainPython(facts, { ...TRAIN, hook: Z_SAE.hook })],
  ])("%s", (_, write) => {
    expectPython(write(), config);
  });
});

it("names the position that the figure shows", () => {
  expect(nextTokenPython(FACTS, { a: 3, b: 2 }, 10)).toContain("position = 3\n");
});

it("steers by all rows of a hook at once, by their formulas", () => {
  const code = steerPython(
    FACTS,
    steering([...FEATURES, feature(9, 1.5, { mode: "most", at: [-1] })]),
  );
  expect(code).toContain("amounts = [3.5, -2, 1.5]\n");
  expect(code).toContain("    sae.W_dec[7],  # Feature 7\n");
  expect(code).toContain("    f_sae = sae.encode(value)\n");
  expect(code).toContain("    a = amounts[1] - f_sae[..., 7]\n    delta += a[..., None] * d\n");
  expect(code).toContain("    a = (along.clamp(max=amounts[2]) - along) / d.norm()\n");
  expect(code).toContain(
    "    a = a * torch.isin(position, torch.tensor(chosen, device=x.device))\n",
  );
});

it("trains with the hyper-parameters of the form, over the same steps", () => {
  const recipe = { variant: "standard", l1: 2.5, decoderNorm: "unit" } as const;
  const code = trainPython(FACTS, { ...TRAIN, recipe });
  expect(code).toContain("d_in=192, d_sae=1536, l1_coefficient=2.5, l1_warm_up_steps=50,");
  expect(code).toContain("training_tokens=500000, train_batch_size_tokens=1000,");
  expect(code).toContain("lr=0.001, lr_warm_up_steps=25, lr_decay_steps=100, adam_beta1=0.9");
  expect(code).toContain("fold_ln=False"); // SAEs here read the checkpoint's own activations
});

it("says on how many GPUs it runs, and what SAELens does not do", () => {
  const on = (gpus: number) => trainPython(FACTS, { ...TRAIN, gpus });
  expect(on(1)).toContain("    device=str(model.cfg.device),\n");
  expect(on(1)).not.toContain("llm_device");
  for (const gpus of [2, 8]) {
    expectPython(on(gpus));
    expect(on(gpus)).toContain('device="cuda:1", llm_device="cuda:0", prefetch_llm_batches=True,');
    expect(on(gpus)).toContain("does not share one SAE");
  }
  expect(on(8)).toContain("# The other 6 can train other SAEs");
});

it("trains the autoencoders of a sweep one after another, each into a folder of its own", () => {
  const other = { recipe: { variant: "topk", k: 8 }, dSae: 384 } as const;
  const code = trainPython(FACTS, {
    ...{ ...TRAIN, recipe: { variant: "topk", k: 4 } },
    others: [other, { ...other, dSae: 768 }],
  });
  expectPython(code);
  expect(code.match(/TopKTrainingSAEConfig\($/gm)).toHaveLength(3);
  expect(code).toContain("        d_in=192, d_sae=768, k=8,\n");
  expect(code).toContain('        sae=sae, output_path=f"output/{i}",\n');
  const aims = [16, 32].map((targetL0) => ({
    recipe: { variant: "jumprelu", targetL0, l0Weight: 1, bandwidth: 0.5 } as const,
    dSae: 384,
  }));
  const jump = trainPython(FACTS, { ...TRAIN, ...aims[0]!, others: aims.slice(1) });
  expectPython(jump);
  expect(jump).toContain("(  # to L0 = 32\n");
});

it("reads the user's own texts by their names", () => {
  const code = trainPython(FACTS, { ...TRAIN, texts: ["a b.txt", 'c".txt'] });
  expectPython(code);
  expect(code).toContain('data_files=["a b.txt", "c\\".txt"]');
});

it.each(TRAIN_VARIANTS)("trains %s by SAELens's class for it", (variant) => {
  expectPython(trainPython(FACTS, { ...TRAIN, recipe: defaultRecipe(variant, 1536) }));
});

describe("written text", () => {
  it("is read as it stands on each side, and gone on with by the rule of the form", () => {
    const code = generatePython({ ...FACTS, other: "A dog" }, WRITTEN);
    expect(code).toContain("written = [5, 17, 8]\n");
    expect(code).toContain("written_b = [5, 99]\n");
    expect(code).toContain(
      "scores[seen] = torch.where(row[seen] > 0, row[seen] / 1.2, row[seen] * 1.2)",
    );
    expect(code).toContain("(scores / 0.8).softmax");
    expect(code).toContain("probs.values[:50], probs.indices[:50]");
    expect(code).toContain("< 0.95 * values.sum()");
    expect(code.match(/torch\.manual_seed\(3\)/g)).toHaveLength(2); // both sides have the same luck
  });
  it("is drawn by the checkpoint's own logits, which a penalty depends on", () => {
    expect(generatePython({ ...FACTS, basis: "tl" }, WRITTEN)).toContain("fold_ln=False");
  });
  it("counts an edit's position from the prompt's end in the prompt, as the text grows past it", () => {
    const edits = ALL_EDITS.slice(3, 4); // at −1
    const code = generatePython({ ...FACTS, edits }, WRITTEN);
    expect(code).toContain("value[:, 4, 40] *= 2.5");
    expect(code).toContain("with model.hooks(fwd_hooks=edits):\n        row = model(ids_b)[0, -1]");
  });
});
