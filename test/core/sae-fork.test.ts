import { describe, expect, it } from "vitest";
import { forkedRequest, forkName } from "../../src/core/sae-fork.ts";
import type { TrainRequest } from "../../src/core/sae.ts";

const request: TrainRequest = {
  ...{ name: "Mine", hook: "blocks.1.hook_resid_post", dSae: 48, variant: "topk", k: 5 },
  ...{ tokens: 10_000, seed: 1, lr: 1e-3, texts: [{ id: "a", name: "a.txt" }] },
};

describe("a fork's request", () => {
  it("is the run's, with what was changed; its name is its own", () => {
    const { name, ...same } = request;
    expect(name).toBe("Mine");
    expect(forkedRequest(request, { k: 3, lr: undefined as never })).toEqual({ ...same, k: 3 });
    expect(forkedRequest(request, { name: "Other" })).toEqual({ ...request, name: "Other" });
  });
  it.each([{ dSae: 96 }, { batchSize: 64 }, { seed: 2 }, { variant: "standard" }, { l1: 3 }])(
    "refuses a change of %o, by name",
    (change) => {
      const [field] = Object.keys(change);
      expect(() => forkedRequest(request, change)).toThrow(
        new RegExp(`^${field} is .* cannot change`),
      );
    },
  );
  it("of JumpReLU may weigh its target anew", () => {
    const jump: TrainRequest = { ...request, variant: "jumprelu", targetL0: 20 };
    expect(forkedRequest(jump, { targetL0: 10, l0Weight: 2 })).toMatchObject({
      targetL0: 10,
      l0Weight: 2,
    });
    expect(() => forkedRequest(jump, { k: 3 })).toThrow(/targetL0, l0Weight can/);
  });
});

it("is named after what it comes from, what changed, and where it parted", () => {
  const from = { name: "Mine", request };
  expect(forkName(from, { k: 3, lr: 1e-3, tokens: 20_000 }, 1200)).toBe(
    "Mine → k 3, tokens 20,000, from step 1,200",
  );
  expect(forkName(from, {}, 5)).toBe("Mine → from step 5");
  expect(forkName({ ...from, name: "Mine → k 3, from step 5" }, { lr: 0.0005 }, 9)).toBe(
    "Mine → rate 0.0005, from step 9",
  );
});
