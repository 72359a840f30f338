/** The reference against itself: reverse mode against central differences at every hook point, on odd sizes. */
import { describe, expect, it } from "vitest";
import type { Gpt2Config } from "../../src/core/types.ts";
import { finiteDifference, integratedGradients, pin } from "./differences.ts";
import { referenceEdit } from "./edits.ts";
import { referenceRun, type Metric } from "./forward.ts";
import {
  divergenceFrom,
  featurePreActivation,
  logProbability,
  logitDifference,
  nextTokenLoss,
  weightedSum,
} from "./metrics.ts";
import { ODD, madeUpModel, randomValues } from "./models.ts";

const rows = [[210, 3, 14, 159, 26, 5]];
const ids = rows[0]!;
const last = { pos: ids.length - 1 };
const variants: [string, Partial<Gpt2Config>][] = [
  ["GPT-2 as it is", {}],
  ["exact GELU", { activation_function: "gelu", scale_attn_by_inverse_layer_idx: true }],
  [
    "ReLU, scores not scaled, a large epsilon",
    { activation_function: "relu", scale_attn_weights: false, layer_norm_epsilon: 0.1 },
  ],
];

/** Cells of a hook to look at: spread over it, and the one with the largest gradient. */
function cellsOf(grad: Float64Array): number[] {
  const largest = grad.reduce((at, g, i) => (Math.abs(g) > Math.abs(grad[at]!) ? i : at), 0);
  return [
    ...new Set([0, 1].map((i) => (Math.floor((i * grad.length) / 2.3) + i) % grad.length)),
    largest,
  ];
}

function expectGradients(
  config: Gpt2Config,
  metric: Metric,
  edits: Parameters<typeof referenceEdit>[0][],
) {
  const model = madeUpModel(config, 5);
  const applied = edits.map((edit) => referenceEdit(edit, [ids.length]));
  const run = referenceRun(model, rows, applied);
  const gradient = run.gradients(metric);
  for (const name of run.names.slice(0, -1)) {
    const grad = gradient(name);
    const largest = grad.reduce((m, g) => Math.max(m, Math.abs(g)), 0);
    for (const cell of cellsOf(grad)) {
      const expected = finiteDifference(model, rows, metric, name, cell, applied);
      // Relative to the hook's largest gradient: small cells drown in the rounding of the difference.
      const tolerance = 1e-6 * Math.max(largest, Math.abs(expected), 1e-3);
      expect(
        Math.abs(grad[cell]! - expected),
        `${name} ${cell}: ${grad[cell]!} ${expected}`,
      ).toBeLessThan(tolerance);
    }
  }
}

describe.each(variants)("%s", (_, change) => {
  it("has the gradients that differences show, at every hook", () => {
    expectGradients({ ...ODD, ...change }, logitDifference(7, 100, last), []);
  });
});

describe("the metrics", () => {
  const model = madeUpModel(ODD, 5);
  const other = referenceRun(madeUpModel(ODD, 6), rows)
    .get("logits")
    .value.subarray(-ODD.vocab_size);
  it.each<[string, Metric]>([
    ["log-probability", logProbability(42, { pos: 3 })],
    ["loss", nextTokenLoss(ids)],
    ["KL to a reference", divergenceFrom(other, last)],
    [
      "a feature",
      featurePreActivation("blocks.1.hook_resid_post", randomValues(35, 9), 0.3, { pos: 4 }),
    ],
    ["all of a middle layer", weightedSum("blocks.2.hook_resid_pre", randomValues(6 * 35, 8))],
  ])("%s", (_, metric) => expectGradients(ODD, metric, []));

  it("KL to itself is 0, and has no gradient", () => {
    const run = referenceRun(model, rows);
    const own = run.get("logits").value.slice(-ODD.vocab_size);
    expect(run.measure(divergenceFrom(own, last))).toBeCloseTo(0, 12);
    const grad = run.gradients(divergenceFrom(own, last))("blocks.0.hook_resid_pre");
    expect(Math.max(...grad.map(Math.abs))).toBeLessThan(1e-12);
  });
});

it("gradients pass through edits as far as the edits let them", () => {
  expectGradients(ODD, logitDifference(7, 100, last), [
    { hook: "blocks.0.attn.hook_z", op: "zero", head: 2 },
    { hook: "blocks.1.hook_resid_mid", op: "scale", value: 1.7, pos: 3 },
    { hook: "blocks.1.attn.hook_attn_scores", op: "add", value: 0.4, head: 1, pos: -1 },
    { hook: "blocks.1.ln2.hook_scale", op: "scale", value: 1.2 },
    { hook: "blocks.2.mlp.hook_post", op: "replace", value: 0.1, pos: 2 },
    { hook: "blocks.2.attn.hook_pattern", op: "scale", value: 0.5, head: 4 },
    {
      hook: "blocks.2.attn.hook_result",
      op: "add",
      value: Float32Array.from(randomValues(35, 3)),
      head: 0,
    },
    { hook: "hook_embed", op: "scale", value: 0.9 },
  ]);
});

it("integrated gradients add up to the change of the metric", () => {
  const model = madeUpModel(ODD, 5);
  const metric = logitDifference(7, 100, last);
  for (const hook of ["hook_embed", "blocks.1.attn.hook_z", "blocks.2.attn.hook_attn_scores"]) {
    const end = referenceRun(model, rows).get(hook).value;
    const baseline = end.map((v) => 0.6 * (Number.isFinite(v) ? v : 0));
    const attributions = integratedGradients(model, rows, metric, hook, { steps: 40, baseline });
    const from = referenceRun(model, rows, [pin(hook, baseline)]).measure(metric);
    const to = referenceRun(model, rows).measure(metric);
    expect(attributions.reduce((a, b) => a + b)).toBeCloseTo(to - from, 2);
  }
});

it("a row of a batch is as it would be alone", () => {
  const model = madeUpModel(ODD, 5);
  const second = [...ids].reverse();
  const both = referenceRun(model, [ids, second]);
  const alone = referenceRun(model, [second]);
  const gradBoth = both.gradients(logProbability(4, { row: 1, ...last }));
  const gradAlone = alone.gradients(logProbability(4, last));
  for (const name of alone.names) {
    const { value } = alone.get(name);
    expect(both.get(name).value.slice(value.length)).toEqual(value);
    expect(gradBoth(name).slice(value.length)).toEqual(gradAlone(name));
    expect(
      gradBoth(name)
        .slice(0, value.length)
        .every((g) => g === 0),
    ).toBe(true);
  }
});
