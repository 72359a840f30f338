import { describe, expect, it } from "vitest";
import { meanAndError, metricScale, normalised } from "../../src/math/patching.ts";
import { allMetrics, readsClean, taskGradient, taskMetric } from "../../src/math/task-metric.ts";
import { TASK_METRICS } from "../../src/core/task.ts";
import { keyedRandom, normal } from "../../src/math/keyed-random.ts";
import { logSoftmax } from "../../src/math/logit-metric.ts";

describe("the normalised metric", () => {
  const pairs = [
    { clean: 5, corrupted: 1 },
    { clean: 3, corrupted: -1 },
    { clean: 10, corrupted: 0 },
  ];
  it("is 0 as corrupted, 1 as clean, in the mean; and has no other scale than the means", () => {
    const scale = metricScale(pairs);
    expect(scale).toEqual({ clean: 6, corrupted: 0, span: 6 });
    // Patched to 4, 1 and 3: (4 − 1)/6, (1 + 1)/6, (3 − 0)/6; ratio of the means (8/3 − 0)/6.
    const values = [4, 1, 3].map((m, i) => normalised(m, pairs[i]!, scale));
    expect(values).toEqual([0.5, 1 / 3, 0.5]);
    expect(meanAndError(values)!.mean).toBeCloseTo(8 / 3 / 6, 12);
    const mean = (key: "clean" | "corrupted") =>
      meanAndError(pairs.map((pair) => normalised(pair[key], pair, scale)))!.mean;
    expect(mean("corrupted")).toBe(0);
    expect(mean("clean")).toBeCloseTo(1, 12);
  });

  it("with the larger value corrupted, as the KL has it", () => {
    const scale = metricScale([{ clean: 0, corrupted: 4 }]);
    expect(normalised(1, { clean: 0, corrupted: 4 }, scale)).toBe(0.75);
  });

  it("cannot be said where clean and corrupted are equal, and says so", () => {
    expect(() => metricScale([{ clean: 2.5, corrupted: 2.5 }])).toThrow(/2\.500 and 2\.500/);
    expect(() => metricScale([{ clean: 2.500001, corrupted: 2.5 }])).toThrow(/cannot|can be said/);
    const opposite = [
      { clean: 1, corrupted: 0 },
      { clean: 0, corrupted: 1 },
    ];
    expect(() => metricScale(opposite)).toThrow(/same metric/);
    expect(() => metricScale([])).toThrow(/no pair/);
    expect(() => metricScale([{ clean: NaN, corrupted: 1 }])).toThrow(/same metric/);
  });

  it("mean and standard error by hand; of one value no error, of none nothing", () => {
    // 1, 2, 6: mean 3, Σ(x − 3)² = 14, s² = 7, s/√3 = √(7/3).
    expect(meanAndError([1, NaN, 2, 6])).toEqual({ n: 3, mean: 3, error: Math.sqrt(7 / 3) });
    expect(meanAndError([4])).toEqual({ n: 1, mean: 4, error: null });
    expect(meanAndError([NaN])).toBeNull();
  });
});

describe("the metrics of a task", () => {
  // Logits of chances 0.1, 0.2, 0.3, 0.4 up to a constant.
  const z = Float32Array.from([0.1, 0.2, 0.3, 0.4], (p) => Math.log(p) + 7);
  const clean = logSoftmax(Float32Array.of(0, 0, 0, 0));
  const tokens = { answers: [1, 3], wrong: [0], clean };

  it("by hand", () => {
    expect(taskMetric("logitDiff", z, tokens)).toBeCloseTo(
      (Math.log(0.2) + Math.log(0.4)) / 2 - Math.log(0.1),
      5,
    );
    expect(taskMetric("prob", z, tokens)).toBeCloseTo(0.6, 6);
    expect(taskMetric("logProb", z, tokens)).toBeCloseTo(Math.log(0.6), 6);
    expect(taskMetric("probDiff", z, tokens)).toBeCloseTo(0.5, 6);
    expect(taskMetric("rank", z, tokens)).toBe(1);
    expect(taskMetric("rank", z, { ...tokens, answers: [0, 1] })).toBe(3);
    const kl = [0.1, 0.2, 0.3, 0.4].reduce((sum, p) => sum + 0.25 * Math.log(0.25 / p), 0);
    expect(taskMetric("kl", z, tokens)).toBeCloseTo(kl, 6);
    const formula = { ...tokens, formula: "2 * prob - kl / 4" };
    expect(taskMetric("formula", z, formula)).toBeCloseTo(1.2 - kl / 4, 6);
    expect(allMetrics(z, formula).formula).toBeCloseTo(1.2 - kl / 4, 6);
    expect(allMetrics(z, tokens).formula).toBeNull();
    expect(allMetrics(z, { ...tokens, wrong: [], formula: "logitDiff + 1" }).formula).toBeNull();
    expect(readsClean("formula", formula)).toBe(true);
    expect(readsClean("formula", { formula: "rank" })).toBe(false);
    expect(taskMetric("logProb", Float32Array.of(0, 200), { ...tokens, answers: [0] })).toBe(-200);
  });

  it.each(TASK_METRICS.filter((metric) => metric !== "rank"))(
    "the slope of %s is that of differences",
    (metric) => {
      const random = keyedRandom(3);
      const at = Float32Array.from({ length: 7 }, () => normal(random));
      const given = {
        ...{ answers: [1, 3, 6], wrong: [0, 2] },
        clean: logSoftmax(Float32Array.from({ length: 7 }, () => normal(random))),
        formula: "logitDiff * prob - 0.5 * kl / (1 + exp(logProb)) + ln(2 + probDiff)",
      };
      const gradient = taskGradient(metric, at, given);
      at.forEach((v, i) => {
        // Steps that float32 holds exactly.
        const [up, down] = [at.with(i, v + 2 ** -7), at.with(i, v - 2 ** -7)];
        const difference =
          (taskMetric(metric, up, given) - taskMetric(metric, down, given)) / (up[i]! - down[i]!);
        expect(gradient[i]!).toBeCloseTo(difference, 4);
      });
    },
  );

  it("the slope of a tiny chance's logarithm is not 0/0", () => {
    const gradient = taskGradient("logProb", Float32Array.of(-900, 0, -901), {
      ...{ answers: [0, 2], wrong: [], clean: null },
    });
    const share = 1 / (1 + Math.exp(-1));
    expect(gradient[0]).toBeCloseTo(share, 6);
    expect(gradient[1]).toBe(-1);
    expect(gradient[2]).toBeCloseTo(1 - share, 6);
  });

  it("say what they lack", () => {
    expect(() => taskMetric("logitDiff", z, { ...tokens, wrong: [] })).toThrow(/wrong ones/);
    expect(() => taskMetric("prob", z, { ...tokens, answers: [] })).toThrow(/answers/);
    expect(() => taskMetric("kl", z, { ...tokens, clean: null })).toThrow(/clean run/);
    expect(() => taskGradient("rank", z, tokens)).toThrow(/no slope/);
    expect(() => taskMetric("formula", z, tokens)).toThrow(/no formula is written/);
    const less = { ...tokens, formula: "ln(prob - 1)" };
    expect(() => taskMetric("formula", z, less)).toThrow(/ln\(prob - 1\) is NaN/);
    expect(() => taskGradient("formula", z, { ...tokens, formula: "rank + prob" })).toThrow(
      /slope/,
    );
    expect(() => taskMetric("prob", Float32Array.of(0, NaN, 0, 0), tokens)).toThrow(/NaN/);
  });
});
