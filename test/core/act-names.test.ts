import { describe, expect, it } from "vitest";
import { actName, type HookQuery, resolveHook, resolveHooks } from "../../src/core/act-names.ts";
import { hookNames, parseHook } from "../../src/core/hooks.ts";

const hooks = hookNames({ n_layer: 3 });

describe("actName", () => {
  // The examples of TransformerLens's own documentation of get_act_name, and one of each alias.
  it.each([
    [["k", 6, "a"], "blocks.6.attn.hook_k"],
    [["pre", 2], "blocks.2.mlp.hook_pre"],
    [["embed"], "hook_embed"],
    [["pos_embed"], "hook_pos_embed"],
    [["normalized", 27, "ln2"], "blocks.27.ln2.hook_normalized"],
    [["k6"], "blocks.6.attn.hook_k"],
    [["scale4ln1"], "blocks.4.ln1.hook_scale"],
    [["normalized2ln2"], "blocks.2.ln2.hook_normalized"],
    [["pre5"], "blocks.5.mlp.hook_pre"],
    [["z", 5], "blocks.5.attn.hook_z"],
    [["resid_post", 11], "blocks.11.hook_resid_post"],
    [["resid_mid3"], "blocks.3.hook_resid_mid"],
    [["mlp_out", 1], "blocks.1.hook_mlp_out"],
    [["attn_out", 1], "blocks.1.hook_attn_out"],
    [["attn", 7], "blocks.7.attn.hook_pattern"],
    [["attn_logits", 7], "blocks.7.attn.hook_attn_scores"],
    [["attn_scores", 7], "blocks.7.attn.hook_attn_scores"],
    [["query", 0], "blocks.0.attn.hook_q"],
    [["value", 0, "attn"], "blocks.0.attn.hook_v"],
    [["result", 2], "blocks.2.attn.hook_result"],
    [["mlp_post", 2], "blocks.2.mlp.hook_post"],
    [["post", 2, "m"], "blocks.2.mlp.hook_post"],
    [["scale"], "ln_final.hook_scale"],
    [["normalized"], "ln_final.hook_normalized"],
    [["blocks.9.hook_resid_pre"], "blocks.9.hook_resid_pre"],
    [["ln_final.hook_scale"], "ln_final.hook_scale"],
    [["hook_embed"], "hook_embed"],
  ] as [[string, number?, string?], string][])("%j is %s", (query, name) => {
    expect(actName(...query)).toBe(name);
  });
  it.each([
    [["y", 3], /"y, 3" names no hook point; known are resid_pre, .*embed/],
    [["scale", 3], /say in which LayerNorm: \["scale", 3, "ln1"\] or "ln2"/],
    [["z"], /"z" is in every layer; say which/],
    [["z", 1.5], /a name and a layer like \["z", 5\]/],
  ] as [[string, number?], RegExp][])("%j is refused", (query, said) => {
    expect(() => actName(...query)).toThrow(said);
  });
});

describe("resolveHooks", () => {
  it.each([
    ["resid_post", [0, 1, 2].map((l) => `blocks.${l}.hook_resid_post`)],
    ["z1", ["blocks.1.attn.hook_z"]],
    [["z", -1], ["blocks.2.attn.hook_z"]],
    [
      [["scale", 1, "ln2"], "embed"],
      ["hook_embed", "blocks.1.ln2.hook_scale"],
    ],
    [
      ["blocks.2.mlp.hook_post", ["post", 2], "post"],
      [0, 1, 2].map((l) => `blocks.${l}.mlp.hook_post`),
    ],
    [["scale", null, "ln1"], [0, 1, 2].map((l) => `blocks.${l}.ln1.hook_scale`)],
    ["scale", ["ln_final.hook_scale"]],
    [[], []],
  ] as [HookQuery, string[]][])("%j, in the model's order and once each", (query, names) => {
    expect(resolveHooks(query, hooks)).toEqual(names);
  });
  it("takes a test of full names", () => {
    expect(resolveHooks((name) => name.endsWith("hook_pattern"), hooks)).toHaveLength(3);
    expect(resolveHooks(() => false, hooks)).toEqual([]);
  });
  it.each([
    ["blocks.3.hook_resid_post", /"blocks.3.hook_resid_post" is no hook point .*3 layers/],
    [["z", 3], /"z, 3" is no hook point of this model \(3 layers\)/],
    [["z", -4], /"z, -4" is no hook point/],
    ["blocks.0.hook_resid", /is no hook point of this model/],
    ["residual", /names no hook point/],
  ] as [HookQuery, RegExp][])("%j is refused", (query, said) => {
    expect(() => resolveHooks(query, hooks)).toThrow(said);
  });
  it("means one where one is needed", () => {
    expect(resolveHook("z0", hooks)).toBe("blocks.0.attn.hook_z");
    expect(() => resolveHook("z", hooks)).toThrow(/means 3 hook points.*\["z", 0\]/);
  });
});

it("says what TransformerLens's copies of the stream are copies of", () => {
  const of = (query: HookQuery) => () => resolveHooks([query], hooks);
  expect(of("blocks.0.hook_mlp_in")).toThrow("a copy of hook_resid_mid: name that");
  expect(of("blocks.2.attn.hook_q_input")).toThrow("a copy of hook_resid_pre: name that");
  expect(of("attn_in1")).toThrow("a copy of hook_resid_pre: name that");
  expect(of(["v_input", 1])).toThrow("a copy of hook_resid_pre: name that");
  expect(() => parseHook("blocks.1.hook_k_input", { n_layer: 3 })).toThrow(
    "a copy of hook_resid_pre",
  );
  expect(of("blocks.0.hook_in")).not.toThrow("a copy of");
});
