import { describe, expect, it } from "vitest";
import { defaultRecipe, type TrainVariant } from "../../src/core/sae-recipe.ts";
import { hookWidth, saeMisfit, defaultSae } from "../../src/state/sae-fit.ts";
import { DEFAULT_TRAIN_FORM, planTraining, readNumber } from "../../src/state/train-form.ts";
import { defaultHook, trainableHooks } from "../../src/state/train-hooks.ts";
import { info, summary } from "./saes.ts";

const { config } = info; // 4 layers, d_model 6, d_mlp 24, 2 heads
const plan = (patch: Partial<typeof DEFAULT_TRAIN_FORM>) =>
  planTraining({ ...DEFAULT_TRAIN_FORM, ...patch }, config);

describe("hook points", () => {
  it("start at the residual stream after the middle block", () => {
    expect([1, 2, 4, 5, 12].map((n_layer) => defaultHook({ n_layer }))).toEqual(
      [0, 0, 1, 2, 5].map((layer) => `blocks.${layer}.hook_resid_post`),
    );
  });
  it("are those an SAE may read, of a width that is known", () => {
    expect(trainableHooks({ n_layer: 1 })).toEqual([
      ...["blocks.0.hook_resid_pre", "blocks.0.attn.hook_z", "blocks.0.hook_attn_out"],
      ...["blocks.0.hook_resid_mid", "blocks.0.mlp.hook_post"],
      ...["blocks.0.hook_mlp_out", "blocks.0.hook_resid_post"],
    ]);
    expect(hookWidth("blocks.0.mlp.hook_post", config)).toBe(24);
    expect(hookWidth("blocks.3.attn.hook_z", config)).toBe(6);
    expect(hookWidth("blocks.3.attn.hook_pattern", config)).toBeNull();
  });
});

describe("the training form", () => {
  it("says sizes for a hook of unequal width", () => {
    const { dIn, dSae, parameters, bytes, steps, request } = plan({
      ...{ hook: "blocks.2.mlp.hook_post", expansion: "2", tokens: "2500", batchSize: "1000" },
    });
    expect({ dIn, dSae, steps }).toEqual({ dIn: 24, dSae: 48, steps: 3 });
    expect(parameters).toBe(24 * 48 + 48 * 24 + 48 + 24);
    expect(bytes).toBe(4 * parameters);
    expect(request).toMatchObject({ k: 32, dSae: 48 });
    expect(request).not.toHaveProperty("l1");
  });
  it.each([
    ["lr", "fast", /learning rate must be a number, got “fast”/],
    ["lr", "0", /from 0.0000001 to 1, got 0/],
    ["expansion", "", /width must be a number/],
    ["batchSize", "100.5", /batch must be a whole number of tokens/],
    ["tokens", "500", /from 1,000 to/],
    ["seed", "-1", /seed must be from 0/],
    ["seed", "4294967296", /to 4,294,967,295, got 4,294,967,296/],
  ] as const)("names a bad %s (%s)", (field, text, message) => {
    const { request, problems } = plan({ [field]: text });
    expect(request).toBeNull();
    expect(problems[field]).toMatch(message);
  });
  it("asks only for what the variant uses", () => {
    expect(plan({ variant: "topk", l1: "x" }).request).toMatchObject({ k: 32 });
    expect(plan({ variant: "standard", k: "x" }).request).toMatchObject({ l1: 2 });
    expect(plan({ variant: "topk", k: "49" }).problems.k).toMatch(/at most .* 48, got 49/);
  });
  it.each<[TrainVariant, object]>([
    ["standard", { l1: 2, decoderNorm: "unit", sparsityWarmUp: 0.05 }],
    ["topk", { k: 32 }],
    ["batchtopk", { k: 32 }],
    ["matryoshka", { k: 32, widths: [3, 6, 12, 24, 48] }],
    ["jumprelu", { targetL0: 32, l0Weight: 1, bandwidth: 0.5, sparsityWarmUp: 0.05 }],
    ["gated", { l1: 2, sparsityWarmUp: 0.05 }],
  ])("asks for %s with what it needs, by the same defaults as the worker", (variant, own) => {
    const { request } = plan({ variant });
    expect(request).toEqual({
      ...{ variant, hook: "blocks.1.hook_resid_post", dSae: 48, lr: 1e-3, batchSize: 1024 },
      ...{ tokens: 500_000, seed: 0, lrWarmUp: 0.05, lrDecay: 0.2 },
      ...own,
    });
    expect({ variant, ...own }).toMatchObject(defaultRecipe(variant, 48));
  });
  it("counts what an SAE of the variant has", () => {
    const base = 2 * 6 * 48 + 48 + 6;
    expect(plan({ variant: "standard" }).parameters).toBe(base);
    expect(plan({ variant: "batchtopk" }).parameters).toBe(base + 48);
    expect(plan({ variant: "gated" }).parameters).toBe(base + 2 * 48);
  });
  it.each([
    ["jumprelu", "targetL0", "0", /target must be at least 1 features/],
    ["jumprelu", "targetL0", "49", /target must be at most .* 48, got 49/],
    ["jumprelu", "bandwidth", "0", /bandwidth must be from 0.0001 to 10/],
    ["matryoshka", "levels", "11", /number of widths must be from 1 to 10/],
    ["matryoshka", "levels", "1e400", /number of widths must be a whole number/],
    ["topk", "lrDecay", "120", /decay must be from 0 to 100 percent/],
    ["gated", "sparsityWarmUp", "-1", /warm-up must be from 0 to 100/],
  ] as const)("of %s names a bad %s (%s)", (variant, field, text, message) => {
    const { request, problems } = plan({ variant, [field]: text });
    expect(request).toBeNull();
    expect(problems[field]).toMatch(message);
    expect(plan({ variant: "standard", [field]: text }).problems.bandwidth).toBeUndefined();
  });
  it("wants at least one batch of tokens", () => {
    expect(plan({ tokens: "1000", batchSize: "2000" }).problems.tokens).toMatch(
      /one batch of 2,000/,
    );
  });
  it("falls back to the default hook when the model has not the one chosen", () => {
    expect(plan({ hook: "blocks.9.hook_resid_post" }).hook).toBe("blocks.1.hook_resid_post");
    expect(plan({ hook: "nonsense" }).hook).toBe("blocks.1.hook_resid_post");
  });
  it("reads numbers as people write them", () => {
    expect(["1,000,000", "1 000", "1e-3", " .5 ", "", "1,5", "∞"].map(readNumber)).toEqual([
      1e6,
      1000,
      0.001,
      0.5,
      NaN,
      NaN,
      NaN,
    ]);
  });
});

describe("an SAE and a model", () => {
  it("fit when the hook is there with the same width", () => {
    const of = (patch: object) => ({ ...summary("a").config, ...patch });
    expect(saeMisfit(of({}), info)).toBeNull();
    expect(saeMisfit(of({ dIn: 8 }), info)).toMatch(/reads 8 values per token, .* has 6/);
    expect(saeMisfit(of({ hook: "blocks.7.hook_resid_post" }), info)).toMatch(/no hook point/);
  });
  it("choose each other: the user's choice, the shipped one, then the longest trained, never an unfinished one", () => {
    const shipped = summary("s", { origin: "shipped", createdAt: "2026-06-01" });
    const junk = summary("j", { createdAt: "2026-09-01", trainedTokens: 5_000 });
    const long = summary("l", { createdAt: "2026-01-01", trainedTokens: 2_000_000 });
    const twin = summary("t", { createdAt: "2026-02-01", trainedTokens: 2_000_000 });
    const unfinished = summary("u", { status: "unfinished", createdAt: "2027-01-01" });
    expect(defaultSae([junk, long, twin, unfinished, shipped], info)?.id).toBe("s");
    expect(defaultSae([junk, long, twin, unfinished, shipped], info, "j")?.id).toBe("j");
    expect(defaultSae([junk, long, unfinished, shipped], info, "u")?.id).toBe("s");
    expect(defaultSae([junk, long, twin, unfinished], info)?.id).toBe("t");
    expect(defaultSae([shipped, unfinished], info)?.id).toBe("s");
    expect(defaultSae([unfinished], info)).toBeNull();
    expect(defaultSae([shipped], { ...info, id: "another" })).toBeNull();
    expect(defaultSae([shipped], { ...info, id: "someone/tiny" })?.id).toBe("s");
  });
});

describe("transcoders in the form", () => {
  it("read the MLP's input of the same block, and say so", () => {
    const { hook, out, request, parameters, dSae } = plan({
      ...{ hook: "blocks.2.mlp.hook_post", rebuilds: "mlp-skip", expansion: "4" },
      k: "4",
    });
    expect(hook).toBe("blocks.2.ln2.hook_normalized");
    expect(out).toEqual({ hook: "blocks.2.hook_mlp_out", width: 6, skip: true });
    expect(dSae).toBe(24);
    expect(parameters).toBe(6 * 24 + 24 * 6 + 24 + 6 + 6 * 6);
    expect(request!.out).toEqual({ hook: "blocks.2.hook_mlp_out", skip: true });
    expect(plan({ hook: "blocks.3.hook_resid_mid", rebuilds: "mlp" }).hook).toBe(
      "blocks.3.hook_resid_mid",
    );
    expect(plan({ hook: "blocks.3.ln2.hook_normalized" }).hook).toBe("blocks.3.hook_resid_post");
    expect(plan({ rebuilds: "mlp" }).hook).toBe("blocks.1.ln2.hook_normalized");
  });
});

describe("sweeps in the form", () => {
  it("are every width with every value, and one without lists", () => {
    const { requests, members, parameters } = plan({
      ...{ sweepWidths: "4, 8", sweepValues: "2;4 6", name: "mine" },
    });
    expect(members).toBe(6);
    expect(requests.map(({ dSae, name, ...rest }) => [dSae, "k" in rest && rest.k, name])).toEqual([
      [24, 2, "mine · 24 · 2"],
      [24, 4, "mine · 24 · 4"],
      [24, 6, "mine · 24 · 6"],
      [48, 2, "mine · 48 · 2"],
      [48, 4, "mine · 48 · 4"],
      [48, 6, "mine · 48 · 6"],
    ]);
    const of = (dSae: number) => 2 * 6 * dSae + dSae + 6;
    expect(parameters).toBe(3 * (of(24) + of(48)));
    const alone = plan({ k: "5", name: "mine" });
    expect(alone.requests).toHaveLength(1);
    expect(alone.requests[0]).toMatchObject({ k: 5, name: "mine" });
    expect(alone.request).toBe(alone.requests[0]);
  });
  it("list what the variant is sparse by, and the widths that a Matryoshka nests", () => {
    const l1 = plan({ variant: "gated", sweepValues: "0.5 1" }).requests;
    expect(l1.map((one) => "l1" in one && one.l1)).toEqual([0.5, 1]);
    const nested = plan({ ...{ variant: "matryoshka", k: "4", levels: "2", sweepWidths: "4,8" } });
    expect(nested.requests.map((one) => "widths" in one && one.widths)).toEqual([
      [12, 24],
      [24, 48],
    ]);
  });
  it.each([
    [{ sweepWidths: "4, wide" }, "sweepWidths", /width must be a number, got “wide”/],
    [{ sweepWidths: "4, 4" }, "sweepWidths", /twice/],
    [{ sweepValues: "4, 900" }, "sweepValues", /at most the number of features, 48, got 900/],
    [{ sweepWidths: "1 2 3 4 5", sweepValues: "1 2 3 4" }, "sweepWidths", /at most 16 .* name 20/],
  ] as const)("name what is wrong with %o", (patch, field, message) => {
    const { problems, requests } = plan({ k: "2", ...patch });
    expect(problems[field]).toMatch(message);
    expect(requests).toEqual([]);
  });
});
