/** Gradients through SAEs and transcoders, however they normalise: by finite differences of the metric itself. */
import { afterAll, describe, expect, it } from "vitest";
import type { Edit } from "../../src/core/edits.ts";
import type { Metric } from "../../src/core/metric.ts";
import { gradients } from "../../src/lab/gradients.ts";
import { integratedGradients } from "../../src/lab/integrated-gradients.ts";
import { centred } from "../../src/math/rows.ts";
import {
  engine,
  model,
  ids,
  signal,
  vector,
  saes,
  sources,
  FEATURES,
  at,
  ask,
} from "./edited-model.ts";

afterAll(() => engine.release());

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
