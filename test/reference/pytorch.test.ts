/** The reference against PyTorch in float64, on the embedded model: values in both bases, gradients, integrated gradients. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parseSafetensors, readFloats } from "../../src/formats/safetensors.ts";
import { EMBEDDED } from "../model/node-engine.ts";
import { integratedGradients } from "./differences.ts";
import { referenceEdit } from "./edits.ts";
import { pytorch, relativeDifference, toEdit, type MetricName } from "./fixture.ts";
import { referenceRun, type Metric } from "./forward.ts";
import {
  divergenceFrom,
  featurePreActivation,
  logProbability,
  logitDifference,
  nextTokenLoss,
} from "./metrics.ts";
import { embeddedModel } from "./models.ts";
import { processed } from "./tl-weights.ts";

const { ids, right, wrong, pos } = pytorch;
const model = embeddedModel();
const V = model.config.vocab_size;
const SAE_WEIGHTS = new URL("../../saes/tinylab-gpt2-4l-resid-1/sae_weights.safetensors", EMBEDDED);
const edited = (edits: typeof pytorch.klReferenceEdits) =>
  edits.map((edit) => referenceEdit(toEdit(edit), [ids.length]));

const metrics: Record<MetricName, Metric> = {
  logitDiff: logitDifference(right, wrong, { pos }),
  logProb: logProbability(right, { pos }),
  loss: nextTokenLoss(ids),
  kl: divergenceFrom(klReference(), { pos }),
  feature: feature(),
};

function klReference(): Float64Array {
  const run = referenceRun(model, [ids], edited(pytorch.klReferenceEdits));
  return run.get("logits").value.subarray(pos * V, (pos + 1) * V);
}

function feature(): Metric {
  const { hook, feature, pos: at } = pytorch.feature;
  const bytes = new Uint8Array(readFileSync(SAE_WEIGHTS));
  const { tensors } = parseSafetensors(bytes);
  const W_enc = readFloats(bytes, tensors.get("W_enc")!);
  const F = tensors.get("W_enc")!.shape[1]!;
  const w = Float64Array.from({ length: W_enc.length / F }, (_, d) => W_enc[d * F + feature]!);
  return featurePreActivation(hook, w, readFloats(bytes, tensors.get("b_enc")!)[feature]!, {
    pos: at,
  });
}

it("has a fixture made with the model and the SAE that are shipped", () => {
  const sha256 = (url: URL) => createHash("sha256").update(readFileSync(url)).digest("hex");
  const how = "run python3 test/fixtures/make_gradients.py";
  expect(sha256(new URL("model.safetensors", EMBEDDED)), how).toBe(pytorch.modelSha256);
  expect(sha256(SAE_WEIGHTS), how).toBe(pytorch.saeSha256);
});

describe.each(["raw", "tl"] as const)("in the basis %s", (basis) => {
  it("every hook has PyTorch's value", () => {
    const run = referenceRun(basis === "tl" ? processed(model) : model, [ids]);
    expect(run.names).toEqual(Object.keys(pytorch[basis]));
    for (const name of run.names) {
      const difference = relativeDifference(run.get(name).value, pytorch[basis][name]!);
      expect(difference, name).toBeLessThan(1e-8);
    }
  });
});

it.each(pytorch.gradients.map((g) => [g.metric, g.edits.length, g] as const))(
  "the gradients of %s under %i edits",
  (metric, _, { edits, value, hooks }) => {
    const run = referenceRun(model, [ids], edited(edits));
    expect(run.measure(metrics[metric])).toBeCloseTo(value, 6);
    const gradient = run.gradients(metrics[metric]);
    for (const [name, summary] of Object.entries(hooks)) {
      // An edit's values are rounded to float32 here.
      const tolerance = edits.length > 0 ? 1e-5 : 1e-7;
      expect(relativeDifference(gradient(name), summary), name).toBeLessThan(tolerance);
    }
  },
);

it.each(pytorch.integrated)("integrated gradients of $metric at $hook", (case_) => {
  const { metric, hook, steps, attributions } = case_;
  const found = integratedGradients(model, [ids], metrics[metric], hook, { steps });
  expect(relativeDifference(found, attributions)).toBeLessThan(1e-7);
  const sum = found.reduce((a, b) => a + b);
  expect(Math.abs(sum - case_.change)).toBeLessThan(0.02 * Math.abs(case_.change));
});
