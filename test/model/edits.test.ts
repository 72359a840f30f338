/** Edits compiled to inputs: shapes, composition, positions in a window, and every way in which an edit can be wrong. */
import { describe, expect, it } from "vitest";
import { type BlockSite, stageOf } from "../../src/core/hooks.ts";
import type { DirectEdit } from "../../src/core/edits.ts";
import type { Gpt2Config } from "../../src/core/types.ts";
import { compileEdits, type EditWindow, readEdits } from "../../src/model/edits.ts";
import { stagesOf } from "../../src/model/graph-sites.ts";

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
const prompt: EditWindow = { start: 0, count: 6, lengths: [6], limit: 0 };
/** The inputs of one row: `of(input, layer)` is what that layer's slot holds. */
const compile = (edits: DirectEdit[], window = prompt) => {
  const rows = readEdits(edits, config, window);
  const plan = stagesOf(config).map((stage) => ({ stage, represents: [0], from: [0], at: [0] }));
  const { slots, tensors } = compileEdits(rows, plan, config, window);
  return (name: string, at: number | "embed" = 0) => {
    const { data, dims } = tensors.get(name)!;
    const stage = at === "embed" ? at : stageOf(at, name.replace(/\.(mul|add)$/, "") as BlockSite);
    const plane = data.length / dims[0]!;
    const slot = slots.get(stage)![0]!;
    return { data: data.subarray(slot * plane, (slot + 1) * plane), dims: dims.slice(1) };
  };
};
const iota = (n: number) => Float32Array.from({ length: n }, (_, i) => i + 1);

describe("shapes", () => {
  it("are 1 along every axis where nothing is edited", () => {
    const of = compile([]);
    expect(of("hook_resid_pre.mul")).toEqual({ data: Float32Array.of(1), dims: [1, 1] });
    expect(of("attn.hook_z.add", 1)).toEqual({ data: Float32Array.of(0), dims: [1, 1, 1] });
    expect(of("hook_embed.mul", "embed")).toEqual({ data: Float32Array.of(1), dims: [1, 1] });
  });
  it.each<[string, DirectEdit, mul: number[], add: number[]]>([
    [
      "a number everywhere",
      { hook: "blocks.1.hook_resid_mid", op: "scale", value: 2 },
      [1, 1],
      [1, 1],
    ],
    [
      "a vector everywhere",
      { hook: "blocks.1.hook_resid_mid", op: "add", value: iota(12) },
      [1, 1],
      [1, 12],
    ],
    [
      "a number at a position",
      { hook: "blocks.1.hook_mlp_out", op: "zero", pos: 2 },
      [6, 1],
      [6, 1],
    ],
    ["a neuron", { hook: "blocks.1.mlp.hook_post", op: "zero", neuron: 3 }, [1, 5], [1, 5]],
    [
      "a whole tensor",
      { hook: "blocks.0.mlp.hook_post", op: "replace", value: iota(30) },
      [6, 1],
      [6, 5],
    ],
    ["a head", { hook: "blocks.0.attn.hook_z", op: "zero", head: 1 }, [1, 3, 1], [1, 3, 1]],
    [
      "all heads of a token",
      { hook: "blocks.0.attn.hook_z", op: "add", value: iota(12) },
      [1, 1, 1],
      [1, 3, 4],
    ],
    [
      "a head of the pattern",
      { hook: "blocks.0.attn.hook_pattern", op: "zero", head: 2 },
      [3, 1, 1],
      [3, 1, 1],
    ],
    [
      "a row of the pattern",
      { hook: "blocks.0.attn.hook_pattern", op: "add", value: iota(6), pos: 1 },
      [1, 6, 6],
      [1, 6, 6],
    ],
    [
      "what is added to each head's result",
      { hook: "blocks.0.attn.hook_result", op: "add", value: iota(12) },
      [1, 1, 1],
      [1, 3, 12],
    ],
    ["a scale", { hook: "blocks.0.ln2.hook_scale", op: "replace", value: 2 }, [1, 1], [1, 1]],
  ])("%s", (_, edit, mul, add) => {
    const site = edit.hook.replace(/^blocks\.\d\./, "");
    expect(compile([edit])(`${site}.mul`).dims).toEqual(mul);
    expect(compile([edit])(`${site}.add`).dims).toEqual(add);
  });
});

describe("values", () => {
  it("stay in their layer and position", () => {
    const of = compile([{ hook: "blocks.1.hook_resid_pre", op: "replace", value: 7, pos: -2 }]);
    expect([...of("hook_resid_pre.mul", 0).data]).toEqual([1, 1, 1, 1, 1, 1]);
    expect([...of("hook_resid_pre.mul", 1).data]).toEqual([1, 1, 1, 1, 0, 1]);
    expect([...of("hook_resid_pre.add", 0).data]).toEqual([0, 0, 0, 0, 0, 0]);
    expect([...of("hook_resid_pre.add", 1).data]).toEqual([0, 0, 0, 0, 7, 0]);
  });
  it("stay in their neuron", () => {
    const of = compile([{ hook: "blocks.1.mlp.hook_post", op: "replace", value: 7, neuron: 2 }]);
    expect([...of("mlp.hook_post.mul", 1).data]).toEqual([1, 1, 0, 1, 1]);
    expect([...of("mlp.hook_post.add", 1).data]).toEqual([0, 0, 7, 0, 0]);
  });
  it("compose in order: ((x·2 + 3)·5 + 1) is x·10 + 16", () => {
    const hook = "blocks.0.hook_mlp_out";
    const of = compile([
      { hook, op: "scale", value: 2 },
      { hook, op: "add", value: 3 },
      { hook, op: "scale", value: 5 },
      { hook, op: "add", value: 1 },
    ]);
    expect([...of("hook_mlp_out.mul").data]).toEqual([10]);
    expect([...of("hook_mlp_out.add").data]).toEqual([16]);
    expect([...of("hook_mlp_out.mul", 1).data]).toEqual([1]);
  });
  it("compose where a narrow edit meets a wide one", () => {
    const hook = "blocks.0.attn.hook_q";
    const of = compile([
      { hook, op: "add", value: Float32Array.of(1, 2, 3, 4), head: 2 },
      { hook, op: "scale", value: 10 },
      { hook, op: "zero", head: 0 },
    ]);
    expect([...of("attn.hook_q.mul").data]).toEqual([0, 10, 10]);
    expect([...of("attn.hook_q.add").data]).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 10, 20, 30, 40]);
  });
  it("of a whole tensor are taken at the edit's head and position", () => {
    const value = iota(6 * 3 * 4); // [T, H, h]
    const of = compile([{ hook: "blocks.1.attn.hook_v", op: "replace", value, head: 1, pos: 3 }]);
    const { data } = of("attn.hook_v.add", 1);
    const at = (3 * 3 + 1) * 4;
    expect([...data.subarray(at, at + 4)]).toEqual([...value.subarray(at, at + 4)]);
    expect(data.filter((v) => v !== 0)).toHaveLength(4);
  });
});

describe("rows of a batch", () => {
  const window: EditWindow = { start: 0, count: 6, lengths: [6, 4, 6], limit: 0 };
  const hook = "blocks.1.hook_resid_post";
  const rows = (edits: DirectEdit[]) => {
    const own = readEdits(edits, config, window);
    const all = [0, 1, 2];
    const plan = stagesOf(config).map((stage) => ({ stage, represents: all, from: all, at: all }));
    const { slots, tensors } = compileEdits(own, plan, config, window);
    return { slots, add: tensors.get("hook_resid_post.add")! };
  };
  it("take the edits for them, and those for all; one slot serves equal ones", () => {
    const { slots, add } = rows([
      { hook, op: "add", value: 5 },
      { hook, op: "add", value: 3, row: 1 },
    ]);
    expect(slots.get(0)).toEqual([0]);
    expect(slots.get(1.5)).toEqual([1, 2, 1]);
    expect([...add.data]).toEqual([0, 5, 8]);
  });
  it("count positions from their own ends", () => {
    const { slots, add } = rows([{ hook, op: "add", value: 5, pos: -1 }]);
    expect(slots.get(1.5)).toEqual([1, 2, 1]);
    expect(add.dims).toEqual([3, 6, 1]);
    expect([...add.data.subarray(6)]).toEqual([0, 0, 0, 0, 0, 5, 0, 0, 0, 5, 0, 0]);
  });
  it("are refused a position that one of them does not have, and a row that there is not", () => {
    expect(() => rows([{ hook, op: "zero", pos: 5 }])).toThrow(/pos 5 is not among -4 … 3/);
    expect(() => rows([{ hook, op: "zero", pos: 5, row: 2 }])).not.toThrow();
    expect(() => rows([{ hook, op: "zero", row: 3 }])).toThrow(/row 3 is not among 0 … 2/);
  });
});

describe("a step with a cache", () => {
  const step: EditWindow = { start: 6, count: 1, lengths: [6], limit: 10 };
  it("keeps an edit without position", () => {
    const of = compile([{ hook: "blocks.0.hook_resid_post", op: "add", value: 2 }], step);
    expect([...of("hook_resid_post.add").data]).toEqual([2]);
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
    for (const site of ["hook_resid_post", "hook_resid_mid"]) {
      expect(of(`${site}.mul`).data.every((v) => v === 1)).toBe(true);
      expect(of(`${site}.add`).data.every((v) => v === 0)).toBe(true);
    }
    // Of the seven keys the last is generated: the value covers the six of the prompt, at no query of this step.
    expect(of("attn.hook_pattern.add").data.every((v) => v === 0)).toBe(true);
  });
  it("takes an edit of its own position", () => {
    const of = compile([{ hook: "blocks.1.hook_resid_post", op: "zero", pos: 6 }], step);
    expect([...of("hook_resid_post.mul", 1).data]).toEqual([0]);
  });
  it("cuts a prompt-wide value to the window's own positions", () => {
    const window: EditWindow = { start: 4, count: 4, lengths: [6], limit: 10 };
    const value = iota(6 * 5); // [T, m]
    const of = compile([{ hook: "blocks.0.mlp.hook_pre", op: "add", value }], window);
    const { data, dims } = of("mlp.hook_pre.add");
    expect(dims).toEqual([4, 5]);
    expect([...data]).toEqual([...value.subarray(20, 30), ...Array<number>(10).fill(0)]);
  });
});

describe("refusals name the hook and what it expects", () => {
  const bad = (edit: Partial<DirectEdit> & { hook: string }) => () =>
    compile([{ op: "zero", ...edit }]);
  it.each<[string, Partial<DirectEdit> & { hook: string }, RegExp]>([
    [
      "a hook that is none",
      { hook: "blocks.2.hook_resid_pre" },
      /"blocks.2.hook_resid_pre" is no hook point/,
    ],
    [
      "a coordinate too many",
      { hook: "blocks.0.attn.hook_z", neuron: 4 },
      /neuron 4 is not among 0 … 3, the indices of its last axis/,
    ],
    ["a key too many", { hook: "blocks.0.attn.hook_pattern", neuron: 6 }, /neuron 6 .* 0 … 5/],
    [
      "one coordinate of a head's result zeroed",
      { hook: "blocks.0.attn.hook_result", neuron: 0 },
      /cannot be narrowed to one coordinate/,
    ],
    [
      "a neuron too many",
      { hook: "blocks.0.mlp.hook_pre", neuron: 5 },
      /neuron 5 is not among 0 … 4/,
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
