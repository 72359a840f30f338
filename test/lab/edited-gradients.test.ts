/**
 * Gradients through computed edits: against the float64 reference, which takes their slopes by differences, in both bases, row
 * by row of a batch; and how many passes they take.
 */
import { afterAll, describe, expect, it } from "vitest";
import { isDirect, type Edit } from "../../src/core/edits.ts";
import { hookNames, parseHook } from "../../src/core/hooks.ts";
import { differentiateEdited } from "../../src/lab/differentiate-edited.ts";
import { gradients } from "../../src/lab/gradients.ts";
import { prepareFor } from "../../src/lab/resolve-edits.ts";
import { centred } from "../../src/math/rows.ts";
import { logitGradient } from "../../src/math/logit-metric.ts";
import type { LoadedModel } from "../../src/model/loaded-model.ts";
import { computedReference } from "../reference/computed-edits.ts";
import { referenceEdit } from "../reference/edits.ts";
import { referenceRun } from "../reference/forward.ts";
import { logitDifference } from "../reference/metrics.ts";
import { processed } from "../reference/tl-weights.ts";
import { referenceModel } from "../reference/weights.ts";
import {
  engine,
  model,
  ids,
  signal,
  vector,
  mid,
  saes,
  sources,
  FEATURES,
  at,
  metric,
  ask,
} from "./edited-model.ts";

const T = ids.length;
const reference = referenceModel(engine.config, engine.weight);
afterAll(() => engine.release());

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

const asReference = (edit: Edit, length: number, of = reference) =>
  isDirect(edit) ? referenceEdit(edit, [length]) : computedReference(edit, length, of, saes);

/** The largest difference, in units of the hook's largest gradient. */
function difference(found: ArrayLike<number>, expected: Float64Array): number {
  if (found.length !== expected.length) return NaN;
  const unit = expected.reduce((m, v) => Math.max(m, Math.abs(v)), 1e-6);
  return expected.reduce((m, v, i) => Math.max(m, Math.abs(found[i]! - v) / unit), 0);
}

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
