/** Names of imports. */
import { describe, expect, it } from "vitest";
import { importedName, tellingName } from "../../src/core/sae-name.ts";

const config = {
  ...{ modelId: "openai-community/gpt2", hook: "blocks.8.hook_resid_post", dSae: 32768 },
};

describe("an import is named", () => {
  it.each([
    [["v5_32k/layer_8.pt"], "layer_8.pt · gpt2 · blocks.8.resid_post · 32768"],
    [[undefined, "sae_weights.safetensors"], "gpt2 · blocks.8.resid_post · 32768"],
    [["runs/my-sae", "ae.pt"], "my-sae · gpt2 · blocks.8.resid_post · 32768"],
    [["Downloads", "8.pt"], "8.pt · gpt2 · blocks.8.resid_post · 32768"],
    [["blocks.8.hook_resid_post/", "x.pt"], "blocks.8.hook_resid_post · gpt2 · 32768"],
    [["gpt2-blocks.8.resid_post"], "gpt2-blocks.8.resid_post · 32768"],
    [[""], "gpt2 · blocks.8.resid_post · 32768"],
  ])("from %o: %s", (places, name) => expect(importedName(places, config)).toBe(name));
  it("without a model that is not known", () => {
    expect(importedName([], { ...config, modelId: "unknown" })).toBe("blocks.8.resid_post · 32768");
  });
});

describe("where a name is taken", () => {
  const relu = { variant: "standard", dSae: 64 } as const;
  const topk = { variant: "topk", k: 32, dSae: 64 } as const;
  const now = "2026-11-23 22:05:10";
  const name = (own: typeof relu | typeof topk, ...others: [string, typeof relu | typeof topk][]) =>
    tellingName("x", own, others.map(([name, config]) => ({ name, config })), now); // prettier-ignore

  it("it stays as it is if it is not", () => expect(name(relu, ["y", relu])).toBe("x"));
  it("the kind tells, or the width, where they differ", () => {
    expect(name(topk, ["x", relu])).toBe("x · TopK, k 32");
    expect(tellingName("x", { ...relu, dSae: 128 }, [{ name: "x", config: relu }], now)).toBe("x · 128"); // prettier-ignore
  });
  it("else the time; and a number only after that", () => {
    expect(name(relu, ["x", relu])).toBe("x · 2026-11-23 22:05:10");
    expect(name(topk, ["x", relu], ["x · TopK, k 32", topk])).toBe("x · 2026-11-23 22:05:10");
    expect(name(relu, ["x", relu], ["x · 2026-11-23 22:05:10", relu])).toBe(
      "x · 2026-11-23 22:05:10 2",
    );
  });
});
