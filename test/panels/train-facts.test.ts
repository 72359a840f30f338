import { expect, it } from "vitest";
import { trainFacts } from "../../src/panels/train/train-facts.ts";
import type { TrainProgress } from "../../src/core/sae.ts";

const progress: TrainProgress = {
  ...{ runId: "r", status: "running", step: 1200, tokens: 250_000, totalTokens: 1_000_000 },
  ...{ secondsLeft: 75, points: [], dashboardShare: 0 },
};

it("says how far, how fast and what is left", () => {
  expect(trainFacts(progress, 12_345.6)).toEqual({
    label: "Training",
    share: 0.25,
    facts: ["250k of 1.0M tokens", "step 1,200", "12.3k tokens/s", "1 min 15 s left"],
  });
});
it("says no rate and no time while paused", () => {
  expect(trainFacts({ ...progress, status: "paused" }, 9).facts).toEqual([
    ...["250k of 1.0M tokens", "step 1,200"],
  ]);
});
it("says only what is known", () => {
  expect(trainFacts(null, null)).toEqual({ label: "Starting", share: null, facts: [] });
  expect(trainFacts({ ...progress, secondsLeft: null }, null).facts).toHaveLength(2);
  const measuring = { ...progress, status: "dashboards", dashboardShare: 0.5 } as const;
  expect(trainFacts(measuring, 9)).toMatchObject({
    share: 0.5,
    facts: ["50 %", "1 min 15 s left"],
  });
});

it("says what is prepared, and how far that is", () => {
  const preparing = { ...progress, status: "preparing" } as const;
  expect(trainFacts(preparing, null).label).toBe("Preparing");
  const corpus = { what: "corpus", done: 0, total: 0 } as const;
  expect(trainFacts({ ...preparing, preparation: corpus }, null)).toEqual({
    ...{ label: "Loading the corpus", share: null, facts: [] },
  });
  const scale = { what: "scale", done: 500, total: 2000 } as const;
  expect(trainFacts({ ...preparing, preparation: scale }, null)).toEqual({
    label: "Measuring the scale of the activations",
    share: 0.25,
    facts: ["500 of 2000 tokens"],
  });
});
