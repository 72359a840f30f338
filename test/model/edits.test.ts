/** Edits compiled to inputs: shapes, composition, positions in a window, and every way in which an edit can be wrong. */
import { describe, expect, it } from "vitest";
import type { Edit, Gpt2Config } from "../../src/core/types.ts";
import { compileEdits } from "../../src/model/edits.ts";

// No two sizes are equal, so that a swapped axis cannot go unseen.
const config: Gpt2Config = {
  n_layer: 2,
  n_head: 3,
  n_embd: 12,
  n_inner: 5,
  n_positions: 10,
  vocab_size: 7,
  layer_norm_epsilon: 1e-5,
  activation_function: "gelu_new",
  scale_attn_weights: true,
  scale_attn_by_inverse_layer_idx: false,
  bos_token_id: 0,
};
const prompt = { start: 0, count: 6, length: 6, limit: 6 };
const compile = (edits: Edit[], window = prompt) => {
  const inputs = compileEdits(edits, config, window);
  return (name: string) => inputs.get(name)!;
};
const iota = (n: number) => Float32Array.from({ length: n }, (_, i) => i + 1);

describe("shapes", () => {
  it("are 1 along every axis where nothing is edited", () => {
    const of = compile([]);
    expect(of("hook_resid_pre.mul")).toEqual({ data: Float32Array.of(1, 1), dims: [2, 1, 1, 1] });
    expect(of("attn.hook_z.add")).toEqual({ data: Float32Array.of(0, 0), dims: [2, 1, 1, 1, 1] });
  });
  it.each<[string, Edit, number[]]>([
    ["a number everywhere", { hook: "blocks.1.hook_resid_mid", op: "scale", value: 2 }, [1, 1]],
    [
      "a vector everywhere",
      { hook: "blocks.1.hook_resid_mid", op: "add", value: iota(12) },
      [1, 12],
    ],
    ["a number at a position", { hook: "blocks.1.hook_mlp_out", op: "zero", pos: 2 }, [6, 1]],
    ["a whole tensor", { hook: "blocks.0.mlp.hook_post", op: "replace", value: iota(30) }, [6, 5]],
    ["a head", { hook: "blocks.0.attn.hook_z", op: "zero", head: 1 }, [1, 3, 1]],
    [
      "all heads of a token",
      { hook: "blocks.0.attn.hook_z", op: "add", value: iota(12) },
      [1, 3, 4],
    ],
    [
      "a head of the pattern",
      { hook: "blocks.0.attn.hook_pattern", op: "zero", head: 2 },
      [3, 1, 1],
    ],
    [
      "a row of the pattern",
      { hook: "blocks.0.attn.hook_pattern", op: "add", value: iota(6), pos: 1 },
      [1, 6, 6],
    ],
  ])("%s", (_, edit, sizes) => {
    const site = edit.hook.replace(/^blocks\.\d\./, "");
    expect(compile([edit])(`${site}.mul`).dims).toEqual([2, 1, ...sizes]);
    expect(compile([edit])(`${site}.add`).dims).toEqual([2, 1, ...sizes]);
  });
});

describe("values", () => {
  it("stay in their layer and position", () => {
    const of = compile([{ hook: "blocks.1.hook_resid_pre", op: "replace", value: 7, pos: -2 }]);
    expect([...of("hook_resid_pre.mul").data]).toEqual([1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 1]);
    expect([...of("hook_resid_pre.add").data]).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7, 0]);
  });
  it("compose in order: ((x·2 + 3)·5 + 1) is x·10 + 16", () => {
    const hook = "blocks.0.hook_mlp_out";
    const of = compile([
      { hook, op: "scale", value: 2 },
      { hook, op: "add", value: 3 },
      { hook, op: "scale", value: 5 },
      { hook, op: "add", value: 1 },
    ]);
    expect([...of("hook_mlp_out.mul").data]).toEqual([10, 1]);
    expect([...of("hook_mlp_out.add").data]).toEqual([16, 0]);
  });
  it("compose where a narrow edit meets a wide one", () => {
    const hook = "blocks.0.attn.hook_q";
    const of = compile([
      { hook, op: "add", value: Float32Array.of(1, 2, 3, 4), head: 2 },
      { hook, op: "scale", value: 10 },
      { hook, op: "zero", head: 0 },
    ]);
    expect([...of("attn.hook_q.mul").data.subarray(0, 12)]).toEqual([
      0, 0, 0, 0, 10, 10, 10, 10, 10, 10, 10, 10,
    ]);
    expect([...of("attn.hook_q.add").data.subarray(0, 12)]).toEqual([
      0, 0, 0, 0, 0, 0, 0, 0, 10, 20, 30, 40,
    ]);
  });
  it("of a whole tensor are taken at the edit's head and position", () => {
    const value = iota(6 * 3 * 4); // [T, H, h]
    const of = compile([{ hook: "blocks.1.attn.hook_v", op: "replace", value, head: 1, pos: 3 }]);
    const { data } = of("attn.hook_v.add");
    const at = (3 * 3 + 1) * 4;
    expect([...data.subarray(72 + at, 72 + at + 4)]).toEqual([...value.subarray(at, at + 4)]);
    expect(data.filter((v) => v !== 0)).toHaveLength(4);
  });
});

describe("a step with a cache", () => {
  const step = { start: 6, count: 1, length: 6, limit: 10 };
  it("keeps an edit without position", () => {
    const of = compile([{ hook: "blocks.0.hook_resid_post", op: "add", value: 2 }], step);
    expect([...of("hook_resid_post.add").data]).toEqual([2, 0]);
  });
  it("leaves out an edit of a prompt position, and a value that covers the prompt", () => {
    const of = compile(
      [
        { hook: "blocks.0.hook_resid_post", op: "add", value: 2, pos: -1 },
        { hook: "blocks.0.hook_resid_mid", op: "add", value: iota(72) },
        { hook: "blocks.0.attn.hook_pattern", op: "replace", value: iota(6) },
      ],
      step,
    );
    for (const site of ["hook_resid_post", "hook_resid_mid", "attn.hook_pattern"]) {
      expect(of(`${site}.mul`).data.every((v) => v === 1)).toBe(true);
      expect(of(`${site}.add`).data.every((v) => v === 0)).toBe(true);
    }
  });
  it("takes an edit of its own position", () => {
    const of = compile([{ hook: "blocks.1.hook_resid_post", op: "zero", pos: 6 }], step);
    expect([...of("hook_resid_post.mul").data]).toEqual([1, 0]);
  });
  it("cuts a prompt-wide value to the window's own positions", () => {
    const window = { start: 4, count: 4, length: 6, limit: 10 };
    const value = iota(6 * 5); // [T, m]
    const of = compile([{ hook: "blocks.0.mlp.hook_pre", op: "add", value }], window);
    const { data, dims } = of("mlp.hook_pre.add");
    expect(dims).toEqual([2, 1, 4, 5]);
    expect([...data.subarray(0, 20)]).toEqual([
      ...value.subarray(20, 30),
      ...Array<number>(10).fill(0),
    ]);
  });
});

describe("refusals name the hook and what it expects", () => {
  const bad = (edit: Partial<Edit> & { hook: string }) => () => compile([{ op: "zero", ...edit }]);
  it.each<[string, Partial<Edit> & { hook: string }, RegExp]>([
    [
      "a hook that is none",
      { hook: "blocks.2.hook_resid_pre" },
      /"blocks.2.hook_resid_pre" is no hook point/,
    ],
    [
      "a hook that cannot be edited",
      { hook: "blocks.0.ln1.hook_normalized" },
      /ln1.hook_normalized: can be read but not edited/,
    ],
    ["an unknown op", { hook: "blocks.0.hook_mlp_out", op: "invert" as "zero" }, /no op "invert"/],
    [
      "a head where there is none",
      { hook: "blocks.0.hook_mlp_out", head: 0 },
      /hook_mlp_out: it has no head axis/,
    ],
    ["a head too many", { hook: "blocks.0.attn.hook_z", head: 3 }, /head 3 is not among 0 … 2/],
    ["half a head", { hook: "blocks.0.attn.hook_z", head: 0.5 }, /head 0.5/],
    [
      "a position past the end",
      { hook: "blocks.0.hook_mlp_out", pos: 6 },
      /pos 6 is not among -6 … 5 \(6 tokens\)/,
    ],
    ["a position before the start", { hook: "blocks.0.hook_mlp_out", pos: -7 }, /pos -7/],
    ["a value for zero", { hook: "blocks.0.hook_mlp_out", value: 1 }, /"zero" takes no value/],
    [
      "no factor",
      { hook: "blocks.0.hook_mlp_out", op: "scale" },
      /"scale" takes a finite number, got undefined/,
    ],
    [
      "a factor that is none",
      { hook: "blocks.0.hook_mlp_out", op: "scale", value: NaN },
      /got NaN/,
    ],
    [
      "a vector of another length",
      { hook: "blocks.0.attn.hook_z", op: "add", value: iota(5) },
      /Float32Array of 4 or 12 .*\[6, 3, 4\]; got Float32Array of 5/,
    ],
    [
      "a vector with NaN",
      { hook: "blocks.0.mlp.hook_pre", op: "add", value: Float32Array.of(1, 2, NaN, 4, 5) },
      /its value holds NaN/,
    ],
    [
      "a plain array",
      { hook: "blocks.0.mlp.hook_pre", op: "add", value: [1, 2, 3, 4, 5] as never },
      /got an array of 5/,
    ],
  ])("%s", (_, edit, message) => {
    expect(bad(edit)).toThrow(message);
  });
});
