/** Records that come back from the browser's storage otherwise than they went in. The database itself: test/e2e/sae.spec.ts. */
import { describe, expect, it } from "vitest";
import type { SaeSummary } from "../../src/core/sae.ts";
import {
  checkStoredCheckpoint,
  checkStoredWeights,
  isSummary,
  type StoredCheckpoint,
} from "../../src/storage/records.ts";

const D = 3;
const F = 4;
const facts = {
  ...{ dIn: D, dSae: F, hook: "blocks.0.hook_resid_post", modelId: "m" },
  ...{ applyBDecToInput: false, prependBos: true, contextSize: 8 },
};
const summary: SaeSummary = {
  id: "a",
  name: "mine",
  config: { ...facts, variant: "topk", k: 2 },
  request: null,
  metrics: null,
  trainedTokens: 10,
  status: "unfinished",
  origin: "trained",
  createdAt: "2024-01-01T00:00:00.000Z",
  bytes: 1,
  hasDashboards: false,
};
const parameters = () => ({
  W_enc: new Float32Array(D * F),
  W_decT: new Float32Array(D * F),
  b_enc: new Float32Array(F),
  b_dec: new Float32Array(D),
});
const checkpoint = (): StoredCheckpoint => ({
  request: { hook: "h", dSae: F, variant: "topk", tokens: 10, seed: 0 },
  position: { epoch: 0, shard: 0, context: 0 },
  seconds: 1,
  state: {
    ...{ step: 2, scale: 1, centre: new Float32Array(D), revive: false },
    arrays: {
      ...{ params: parameters(), m: parameters(), v: parameters() },
      silence: new Float32Array(F),
    },
  },
});

describe("a stored summary", () => {
  it("is taken as it was put", () => expect(isSummary(summary)).toBe(true));
  it.each(["standard", "jumprelu", "gated"])(
    "may be of a %s SAE, k left out or null",
    (variant) => {
      const config = { ...facts, variant };
      expect(isSummary({ ...summary, config })).toBe(true);
      expect(isSummary({ ...summary, config: { ...config, k: null } })).toBe(true);
    },
  );
  it.each([
    null,
    "text",
    {},
    { ...summary, id: 7 },
    { ...summary, status: "half" },
    { ...summary, origin: undefined },
    { ...summary, config: null },
    { ...summary, config: { ...summary.config, dIn: -1 } },
    { ...summary, config: { ...summary.config, k: null } },
    { ...summary, config: { ...summary.config, variant: "gated" } }, // it has a k
    { ...summary, config: { ...summary.config, variant: "p-anneal", k: null } },
  ])("is refused as %o", (value) => expect(isSummary(value)).toBe(false));
});

describe("stored weights", () => {
  const weights = {
    W_enc: new Float32Array(D * F),
    W_dec: new Float32Array(D * F),
    b_enc: new Float32Array(F),
    b_dec: new Float32Array(D),
  };
  it("are taken as they were put", () =>
    expect(checkStoredWeights(weights, summary)).toBe(weights));
  it.each([
    [undefined, /its W_enc is not 12 numbers/],
    [{ ...weights, W_dec: new Float32Array(3) }, /its W_dec is not 12 numbers/],
    [{ ...weights, b_dec: [0, 0, 0] }, /its b_dec is not 3 numbers/],
  ])("are refused otherwise, saying what to do", (value, message) => {
    expect(() => checkStoredWeights(value, summary)).toThrow(message);
    expect(() => checkStoredWeights(value, summary)).toThrow(/"mine" cannot be read.*Delete it/);
  });
  it("of a JumpReLU SAE have thresholds", () => {
    const jump: SaeSummary = { ...summary, config: { ...facts, variant: "jumprelu" } };
    expect(() => checkStoredWeights(weights, jump)).toThrow(/its threshold is not 4 numbers/);
    const whole = { ...weights, threshold: new Float32Array(F) };
    expect(checkStoredWeights(whole, jump)).toBe(whole);
  });
});

describe("a stored checkpoint", () => {
  it("is taken as it was put", () => {
    const put = checkpoint();
    expect(checkStoredCheckpoint(put, summary)).toBe(put);
  });
  it("may be of a run that has not made a step", () => {
    const put = { ...checkpoint(), state: null };
    expect(checkStoredCheckpoint(put, summary)).toBe(put);
  });
  it("has what its way of training has of its own", () => {
    const gated = { ...checkpoint(), request: { ...checkpoint().request, variant: "gated" } };
    expect(() => checkStoredCheckpoint(gated, summary)).toThrow(/its checkpoint is incomplete/);
    const own = () => ({ ...parameters(), r_mag: new Float32Array(F), b_mag: new Float32Array(F) });
    Object.assign(gated.state!.arrays, { params: own(), m: own(), v: own() });
    expect(checkStoredCheckpoint(gated, summary)).toBe(gated);
  });
  it.each<(c: StoredCheckpoint) => unknown>([
    () => undefined,
    (c) => ({ ...c, request: { ...c.request, variant: "unknown" } }),
    (c) => ({ ...c, position: undefined }),
    (c) => ({ ...c, state: undefined }),
    (c) => ({ ...c, state: { ...c.state, step: 0 } }),
    (c) => ({ ...c, state: { ...c.state, centre: new Float32Array(1) } }),
    (c) => ({ ...c, state: { ...c.state, arrays: { ...c.state?.arrays, m: {} } } }),
    (c) => ({ ...c, state: { ...c.state, arrays: { ...c.state?.arrays, silence: null } } }),
  ])("is refused when a part is missing (%#)", (change) => {
    expect(() => checkStoredCheckpoint(change(checkpoint()), summary)).toThrow(
      expect.objectContaining({ code: "bad-file" }),
    );
  });
});
