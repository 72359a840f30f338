/**
 * Gradients through computed edits: against the float64 reference, which takes their slopes by differences, in both bases, row
 * by row of a batch; transcoders and normalised inputs by finite differences of the metric itself.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isDirect, type Edit } from "../../src/core/edits.ts";
import { hookNames, parseHook } from "../../src/core/hooks.ts";
import type { Metric } from "../../src/core/metric.ts";
import type { SaeConfig } from "../../src/core/sae.ts";
import { differentiateEdited } from "../../src/lab/differentiate-edited.ts";
import { gradients } from "../../src/lab/gradients.ts";
import { integratedGradients } from "../../src/lab/integrated-gradients.ts";
import { prepareFor } from "../../src/lab/resolve-edits.ts";
import type { Sae } from "../../src/math/feature-change.ts";
import { centred } from "../../src/math/rows.ts";
import { logitGradient } from "../../src/math/logit-metric.ts";
import { keyedRandom, normal } from "../../src/math/keyed-random.ts";
import type { LoadedModel } from "../../src/model/loaded-model.ts";
import { nodeEngine, type NodeEngine } from "../model/node-engine.ts";
import { tinyCheckpoint } from "../model/tiny-checkpoint.ts";
import { computedReference } from "../reference/computed-edits.ts";
import { referenceEdit } from "../reference/edits.ts";
import { referenceRun } from "../reference/forward.ts";
import { logitDifference } from "../reference/metrics.ts";
import { processed } from "../reference/tl-weights.ts";
import { referenceModel, type ReferenceModel } from "../reference/weights.ts";
import { randomSae, sourcesOf } from "./edit-models.ts";
import { engineAsModel } from "./engine-model.ts";

const sizes = { n_layer: 3, n_head: 2, n_embd: 14, n_inner: 31, n_positions: 9, vocab_size: 23 };
const ids = [22, 3, 14, 15, 9];
const T = ids.length;
const { signal } = new AbortController();

const random = keyedRandom(5);
const vector = (n: number, size = 1) =>
  Float32Array.from({ length: n }, () => size * normal(random));
const saeAt = (hook: string, width = 14): Sae => randomSae(`blocks.${hook}`, width, 40);
const wider = (sae: Sae, change: Partial<SaeConfig>, more: Partial<Sae["weights"]> = {}): Sae => ({
  config: { ...sae.config, ...change } as SaeConfig,
  weights: { ...sae.weights, ...more },
});
const mid = saeAt("1.hook_resid_mid");
const saes: Record<string, Sae> = {
  mid,
  post: saeAt("0.hook_resid_post"),
  neurons: saeAt("1.mlp.hook_post", 31),
  z: saeAt("2.attn.hook_z"),
  plain: wider(mid, { variant: "standard", k: null }),
  jump: wider(mid, { variant: "jumprelu", k: null }, { threshold: vector(40, 0.3).map(Math.abs) }),
  gated: wider(
    mid,
    { variant: "gated", k: null },
    { r_mag: vector(40, 0.5), b_mag: vector(40, 0.3) },
  ),
  centred: wider(mid, { normalize: "centre" }),
  standardised: wider(mid, { normalize: "layer_norm", applyBDecToInput: true }),
  rescaled: wider(mid, { normalize: "constant_norm_rescale", variant: "standard", k: null }),
  transcoder: {
    config: {
      ...mid.config,
      hook: "blocks.1.ln2.hook_normalized",
      out: { hook: "blocks.1.hook_mlp_out", width: 14, skip: true },
    },
    weights: { ...mid.weights, W_skip: vector(14 * 14, 0.2) },
  },
};
const sources = sourcesOf(saes);

/** A feature that is active on the tokens: else there would be nothing to see. */
const FEATURES = Array.from({ length: 6 }, (_, i) => ({
  feature: 3 * i,
  mode: i % 2 ? ("add" as const) : ("clamp" as const),
  coefficient: i / 2,
}));
const at = (sae: string) => ({ hook: (saes[sae]!.config.out ?? saes[sae]!.config).hook, sae });

/** By the sites where projecting out is allowed. */
const projected = (hook: string, width: number, more: object = {}): Edit => ({
  hook,
  op: "project",
  directions: [vector(width), vector(width)],
  ...more,
});

const CASES: [string, Edit[]][] = [
  ["the stream", [projected("blocks.1.hook_resid_pre", 14)]],
  ["a head's z at one position", [projected("blocks.1.attn.hook_z", 7, { head: 1, pos: 2 })]],
  [
    "queries, keys and values",
    [0, 1, 2].map((i) => projected(`blocks.${i}.attn.hook_${"qkv"[i]!}`, 7)),
  ],
  ["a head's result", [projected("blocks.2.attn.hook_result", 14, { head: 1 })]],
  ["both embeddings", [projected("hook_embed", 14), projected("hook_pos_embed", 14, { pos: -1 })]],
  [
    "what LayerNorm makes, its scale too",
    [
      projected("blocks.1.ln1.hook_normalized", 14),
      projected("ln_final.hook_normalized", 14, { pos: 4 }),
    ],
  ],
  [
    "neurons before and after",
    [projected("blocks.0.mlp.hook_pre", 31), projected("blocks.1.mlp.hook_post", 31)],
  ],
  [
    "what attention and the MLP write",
    [projected("blocks.1.hook_attn_out", 14), projected("blocks.2.hook_mlp_out", 14)],
  ],
  ["a feature clamped", [{ ...at("mid"), op: "clamp", feature: 4, value: 2 }]],
  [
    "features ablated at three hooks",
    [
      { ...at("mid"), op: "ablate", feature: 6 },
      { ...at("post"), op: "ablate", feature: 9, pos: 3 },
      { ...at("neurons"), op: "ablate", feature: 1 },
    ],
  ],
  ["an SAE spliced in", [{ ...at("mid"), op: "splice" }]],
  [
    "one spliced in with its error, features changed",
    [{ ...at("neurons"), op: "splice", error: true, features: FEATURES }],
  ],
  [
    "one spliced in with features changed, after a direct edit, and scaled",
    [
      { hook: mid.config.hook, op: "scale", value: 1.5, pos: 3 },
      { ...at("mid"), op: "splice", features: FEATURES, pos: 3 },
      { hook: mid.config.hook, op: "scale", value: -0.7 },
      { hook: mid.config.hook, op: "zero", neuron: 5 },
      projected(mid.config.hook, 14),
      { hook: mid.config.hook, op: "add", value: 0.3 },
    ],
  ],
  [
    "many at once",
    [
      { hook: "blocks.0.attn.hook_attn_scores", op: "scale", value: 0.4, head: 1 },
      { hook: "blocks.2.attn.hook_pattern", op: "scale", value: 1.4, head: 0 },
      projected("blocks.0.attn.hook_result", 14),
      { ...at("z"), op: "splice", error: true, features: FEATURES },
      { ...at("post"), op: "splice" },
      { hook: "blocks.1.hook_mlp_out", op: "mean", over: [[22, 3, 4, 5, 6]], per: "position" },
      { ...at("neurons"), op: "clamp", feature: 3, value: 1 },
      projected("blocks.2.hook_resid_post", 14, { pos: 4 }),
    ],
  ],
];

let engine: NodeEngine;
let model: LoadedModel;
let reference: ReferenceModel;
beforeAll(async () => {
  const { config, weights } = tinyCheckpoint({ ...sizes, bos_token_id: 22 });
  engine = await nodeEngine(config, weights);
  model = engineAsModel(engine);
  reference = referenceModel(engine.config, engine.weight);
});
afterAll(() => engine.release());

const asReference = (edit: Edit, length: number, of = reference) =>
  isDirect(edit) ? referenceEdit(edit, [length]) : computedReference(edit, length, of, saes);

/** The largest difference, in units of the hook's largest gradient. */
function difference(found: ArrayLike<number>, expected: Float64Array): number {
  if (found.length !== expected.length) return NaN;
  const unit = expected.reduce((m, v) => Math.max(m, Math.abs(v)), 1e-6);
  return expected.reduce((m, v, i) => Math.max(m, Math.abs(found[i]! - v) / unit), 0);
}

const metric = { kind: "logitDiff", token: 3, against: 7 } as const;
const ask = async (names: string[], edits: readonly Edit[], basis: "raw" | "tl" = "raw") =>
  gradients(model, { prompt: { ids }, metric, names, edits, basis, sae: null, sources }, signal);

describe("as the float64 reference has them, at every hook point", () => {
  it.each(CASES)("%s", async (_, edits) => {
    const names = hookNames(engine.config);
    const run = referenceRun(
      reference,
      [ids],
      edits.map((edit) => asReference(edit, T)),
    );
    const expected = run.gradients(logitDifference(3, 7, { pos: T - 1 }));
    const { value, gradients: found } = await ask(names, edits);
    expect(value).toBeCloseTo(run.measure(logitDifference(3, 7, { pos: T - 1 })), 4);
    for (const [name, { data }] of found) {
      expect(difference(data, expected(name)), name).toBeLessThan(2e-4);
    }
  });

  const inTl = CASES.filter(([, edits]) =>
    edits.every((edit) => edit.op === "project" || edit.hook.includes("pattern")),
  );
  it.each(inTl)("in TransformerLens's basis: %s", async (_, edits) => {
    const names = hookNames(engine.config);
    const tl = processed(reference);
    const run = referenceRun(
      tl,
      [ids],
      edits.map((edit) => asReference(edit, T, tl)),
    );
    const expected = run.gradients(logitDifference(3, 7, { pos: T - 1 }));
    for (const [name, { data }] of (await ask(names, edits, "tl")).gradients) {
      // No key after the query can be seen: what stands there does not matter.
      const seen = (g: number, i: number) =>
        name.endsWith("hook_pattern") && i % T > Math.floor(i / T) % T ? 0 : g;
      // The reference's has a mean along d_model before a projection, where no value has one.
      const along = parseHook(name, engine.config).axes.at(-1) === "d";
      const wanted = Float32Array.from(expected(name), seen);
      const told = Float64Array.from(along ? centred(wanted, 14) : wanted);
      expect(difference(data.map(seen), told), name).toBeLessThan(3e-4);
    }
  });
});

it("row by row of a batch, whatever their lengths and their edits", async () => {
  const rows = [ids, [7, 8, 9], ids.toReversed()];
  const edits: (Edit & { row?: number })[] = [
    { ...at("post"), op: "splice", row: 2 },
    { ...at("mid"), op: "clamp", feature: 3, value: 2, pos: -1 },
    { hook: mid.config.hook, op: "scale", value: 0.5, row: 1 },
    projected(mid.config.hook, 14, { row: 0 }),
  ];
  const names = [
    "hook_embed",
    "blocks.0.attn.hook_result",
    mid.config.hook,
    "blocks.1.ln2.hook_scale",
  ];
  const one = logitGradient(metric, 1, 23);
  const { gradients: found } = await differentiateEdited(model, {
    ids: rows,
    gradients: names,
    values: [],
    edits: await prepareFor(model, rows, edits, { signal, sources }),
    basis: "raw",
    seed: {
      kind: "logits",
      at: rows.map((own, row) => ({ row, pos: own.length - 1 })),
      constant: Float32Array.from([0, 1, 2].flatMap(() => [...one.constant])),
      softmax: new Float32Array(3),
    },
    signal,
  });
  for (const [row, own] of rows.entries()) {
    const mine = edits.filter((edit) => edit.row === undefined || edit.row === row);
    const alone = mine.map((edit) => asReference({ ...edit, row: 0 }, own.length));
    const expected = referenceRun(reference, [own], alone).gradients(
      logitDifference(3, 7, { pos: own.length - 1 }),
    );
    for (const name of names) {
      const wanted = expected(name);
      const { data } = found.get(name)!;
      const start = (row * data.length) / rows.length;
      const part = data.subarray(start, start + wanted.length);
      expect(difference(part, wanted), `${name} of row ${row}`).toBeLessThan(2e-4);
    }
  }
});

describe("as the metric changes along them", () => {
  const cases: [string, Edit[]][] = Object.keys(saes).flatMap((name): [string, Edit[]][] => [
    [`${name}, spliced in`, [{ ...at(name), op: "splice", features: FEATURES }]],
    [`${name}, with its error`, [{ ...at(name), op: "splice", error: true, features: FEATURES }]],
  ]);
  cases.push([
    "standardised, steered",
    [{ ...at("standardised"), op: "steer", feature: 4, value: 3 }],
  ]);
  const bases = ["raw", "tl"] as const;
  it.each(
    cases.flatMap((one) => bases.map((basis) => [`${one[0]}, ${basis}`, one[1], basis] as const)),
  )("%s", async (_, edits, basis) => {
    const hook = "blocks.0.hook_mlp_out";
    const { data } = (await ask([hook], edits, basis)).gradients[0]![1];
    const length = Math.hypot(...data);
    expect(length).toBeGreaterThan(0.05);
    // Along the gradient, and along a direction of little but chance: no value has a mean in TransformerLens's basis.
    const chance = vector(data.length).map((v, i) => v + data[i]! / length);
    for (const along of [data, basis === "tl" ? centred(chance, 14) : chance]) {
      const step = 2e-3 / Math.hypot(...along);
      const moved = async (by: number) => {
        const add: Edit = { hook, op: "add", value: along.map((v) => by * v) };
        return (await ask([hook], [add, ...edits], basis)).value;
      };
      const slope = ((await moved(step)) - (await moved(-step))) / (2 * step);
      const told = along.reduce((sum, v, i) => sum + v * data[i]!, 0);
      const unit = length * Math.hypot(...along);
      expect(Math.abs(slope - told) / unit).toBeLessThan(0.01);
    }
  });
});

it("costs nothing more where no change comes after what is asked for, and one pass for each hook where one does", async () => {
  let passes: string[] = [];
  const counted: LoadedModel = {
    ...model,
    differentiate: (request) => {
      passes.push(request.seed.kind === "hook" ? request.seed.hook : "logits");
      return model.differentiate(request);
    },
  };
  const edits: Edit[] = [
    { ...at("mid"), op: "clamp", feature: 4, value: 2 },
    { ...at("mid"), op: "splice" },
    { ...at("post"), op: "splice" },
  ];
  const passesOf = async (name: string) => {
    passes = [];
    const question = { prompt: { ids }, metric, names: [name], edits, basis: "raw" as const };
    await gradients(counted, { ...question, sae: null, sources }, signal);
    return passes;
  };
  expect(await passesOf("blocks.1.hook_resid_mid")).toEqual(["logits"]);
  expect(await passesOf("blocks.0.hook_resid_post")).toEqual(["logits", mid.config.hook]);
  expect(await passesOf("hook_embed")).toEqual([
    "logits",
    mid.config.hook,
    "blocks.0.hook_resid_post",
  ]);
});

describe.each(["standardised", "rescaled", "centred"])("a feature of an SAE that is %s", (name) => {
  const sae = saes[name]!;
  const edits: Edit[] = [{ ...at("post"), op: "clamp", feature: 3, value: 2 }];
  const hook = "blocks.0.hook_mlp_out";
  const of: Metric = { kind: "feature", saeId: name, feature: 5, pos: 3, preActivation: true };
  const asked = (added: Edit[]) => {
    const question = { prompt: { ids }, metric: of, edits: [...added, ...edits] };
    const more = { names: [hook], basis: "raw" as const, sae, sources };
    return gradients(model, { ...question, ...more }, signal);
  };
  it("has the slope that differences show, through an edit too", async () => {
    const { data } = (await asked([])).gradients[0]![1];
    const length = Math.hypot(...data);
    expect(length).toBeGreaterThan(0.01);
    for (const along of [data, vector(data.length).map((v, i) => v + data[i]! / length)]) {
      const step = 4e-3 / Math.hypot(...along);
      const moved = async (by: number) =>
        (await asked([{ hook, op: "add", value: along.map((v) => by * v) }])).value;
      const slope = ((await moved(step)) - (await moved(-step))) / (2 * step);
      const told = along.reduce((sum, v, i) => sum + v * data[i]!, 0);
      expect(Math.abs(slope - told) / (length * Math.hypot(...along))).toBeLessThan(0.01);
    }
  });
  it("has integrated gradients that add up to its change", async () => {
    const question = { prompt: { ids }, metric: of, names: [hook], edits, sae, sources };
    const path = { from: { prompt: [22, 1, 2, 4, 8] }, steps: 64 };
    const told = { signal, progress: () => undefined };
    const found = await integratedGradients(model, { ...question, path }, told);
    const sum = found.attributions[0]![1].data.reduce((a, b) => a + b, 0);
    const change = found.changes[0]![1];
    expect(Math.abs(change)).toBeGreaterThan(0.01);
    expect(Math.abs(sum - change) / Math.abs(change)).toBeLessThan(0.02);
  });
});

describe("integrated gradients", () => {
  const from = { prompt: [22, 1, 2, 4, 8] };
  const run = (names: string[], edits: Edit[], basis: "raw" | "tl", path: object, of = metric) =>
    integratedGradients(
      model,
      {
        prompt: { ids },
        metric: of,
        names,
        edits,
        basis,
        sae: null,
        sources,
        path: { steps: 200, ...path },
      },
      { signal, progress: () => {} },
    );
  const splice: Edit[] = [
    { ...at("plain"), op: "splice" },
    { hook: "blocks.2.attn.hook_z", op: "scale", value: 0.5, row: 0 },
  ];
  it.each([["raw"], ["tl"]] as const)(
    "add up to the metric's change, %s, through an SAE",
    async (basis) => {
      const names = [
        "blocks.0.hook_mlp_out",
        "blocks.0.attn.hook_z",
        "blocks.1.ln1.hook_normalized",
      ];
      const { attributions, changes } = await run(names, splice, basis, { from });
      for (const [i, [name, { data }]] of attributions.entries()) {
        const sum = data.reduce((a, b) => a + b, 0);
        const change = changes[i]![1];
        expect(Math.abs(sum - change), name).toBeLessThan(0.02 * Math.abs(change) + 2e-3);
      }
    },
  );

  it("refuse a LayerNorm's scale of zero", async () => {
    const scale = ["blocks.1.ln1.hook_scale"];
    await expect(run(scale, [], "raw", {})).rejects.toThrow(
      /ln1.hook_scale is what LayerNorm divides/,
    );
    expect((await run(scale, [], "raw", { from, steps: 2 })).changes).toHaveLength(1);
  });

  it("from zero, of a z: in TransformerLens's basis that is its bias", async () => {
    const hook = "blocks.2.attn.hook_z";
    const [raw, tl] = [
      await run([hook], [], "raw", { steps: 2 }),
      await run([hook], [], "tl", { steps: 2 }),
    ];
    const zeroed = async (basis: "raw" | "tl") =>
      (await ask([hook], [{ hook, op: "zero" }], basis)).value;
    expect(raw.changes[0]![1]).toBeCloseTo(raw.value - (await zeroed("raw")), 4);
    expect(tl.changes[0]![1]).toBeCloseTo(tl.value - (await zeroed("tl")), 4);
    expect(tl.changes[0]![1]).not.toBeCloseTo(raw.changes[0]![1], 3);
  });
});
