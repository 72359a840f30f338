import { describe, expect, it } from "vitest";
import {
  type BenchEdit,
  decodeBenchEdits,
  encodeBenchEdits,
  isInModel,
  toEdit,
} from "../../src/core/bench-edit.ts";

const edit = (patch: Partial<BenchEdit>): BenchEdit => ({
  target: { kind: "head", layer: 1, head: 3 },
  op: "zero",
  amount: 0,
  pos: null,
  on: true,
  ...patch,
});
const hookOf = (id: string) => (id === "mine" ? "blocks.1.hook_resid_post" : null);

describe("an edit of the bench", () => {
  it("is one of the engine's at the place's hook point", () => {
    const of = (patch: Partial<BenchEdit>) => toEdit(edit(patch), hookOf);
    expect(of({})).toEqual({ hook: "blocks.1.attn.hook_z", head: 3, op: "zero" });
    expect(
      of({ target: { kind: "neuron", layer: 0, neuron: 40 }, op: "scale", amount: 2.5 }),
    ).toEqual({
      hook: "blocks.0.mlp.hook_post",
      neuron: 40,
      op: "scale",
      value: 2.5,
    });
    expect(of({ target: { kind: "mlp", layer: 2 }, op: "mean", pos: -1 })).toEqual({
      hook: "blocks.2.hook_mlp_out",
      op: "mean",
      over: "corpus",
      pos: -1,
    });
    expect(of({ target: { kind: "attn", layer: 2 } })?.hook).toBe("blocks.2.hook_attn_out");
    expect(of({ target: { kind: "resid", layer: 0 } })?.hook).toBe("blocks.0.hook_resid_post");
  });

  it("of a feature needs its autoencoder", () => {
    const target = { kind: "feature", sae: "mine", feature: 7 } as const;
    const place = { hook: "blocks.1.hook_resid_post", sae: "mine", feature: 7 };
    expect(toEdit(edit({ target }), hookOf)).toEqual({ ...place, op: "ablate" });
    expect(toEdit(edit({ target, op: "clamp", amount: 4 }), hookOf)).toEqual({
      ...place,
      op: "clamp",
      value: 4,
    });
    expect(toEdit(edit({ target: { ...target, sae: "gone" } }), hookOf)).toBeNull();
  });

  it("of a direction projects it out or adds so much of it", () => {
    const at = { hook: "blocks.1.attn.hook_z", head: 2, name: "my probe", vector: [0.6, 0.8] };
    const target = { kind: "direction", ...at } as const;
    const place = { hook: at.hook, head: 2, pos: -1 };
    const vector = Float32Array.of(0.6, 0.8);
    expect(toEdit(edit({ target, pos: -1 }), hookOf)).toEqual({
      ...{ ...place, op: "project", directions: vector },
    });
    expect(toEdit(edit({ target, op: "add", amount: 2, pos: -1 }), hookOf)).toEqual({
      ...{ ...place, op: "add", value: vector.map((v) => v * 2) },
    });
    const config = { n_layer: 2, n_head: 3, n_inner: 10, n_embd: 6 };
    expect(isInModel(target, config)).toBe(true);
    expect(isInModel({ ...target, head: 3 }, config)).toBe(false);
    expect(isInModel({ ...target, hook: "blocks.0.hook_resid_post", head: null }, config)).toBe(
      false,
    );
    expect(isInModel({ ...target, vector: [1, 0, 0] }, config)).toBe(false);
    expect(isInModel({ ...target, hook: "blocks.2.attn.hook_z" }, config)).toBe(false);
    expect(encodeBenchEdits([edit({ target }), edit({})])).toBe("h1.3z"); // a link holds no vectors
  });

  it("knows which model has its place", () => {
    const config = { n_layer: 2, n_head: 3, n_inner: 10, n_embd: 6 };
    expect(isInModel({ kind: "head", layer: 1, head: 2 }, config)).toBe(true);
    expect(isInModel({ kind: "head", layer: 1, head: 3 }, config)).toBe(false);
    expect(isInModel({ kind: "mlp", layer: 2 }, config)).toBe(false);
    expect(isInModel({ kind: "neuron", layer: 0, neuron: 10 }, config)).toBe(false);
  });
});

describe("edits in a link", () => {
  const list: BenchEdit[] = [
    edit({}),
    edit({ target: { kind: "neuron", layer: 0, neuron: 40 }, op: "scale", amount: 2.5, pos: -1 }),
    edit({ target: { kind: "mlp", layer: 2 }, op: "mean", on: false }),
    edit({ target: { kind: "feature", sae: "mine", feature: 7 }, op: "clamp", amount: -0.25 }),
  ];

  it("are short, and come back", () => {
    const text = encodeBenchEdits(list);
    expect(text).toBe("h1.3z_n0.40x2.5@-1_~m2m_f7c-0.25");
    expect(decodeBenchEdits(text, "mine")).toEqual(list);
  });

  it("that make no sense are left out", () => {
    const junk = "h1z_n0.4z9_h1.2x_m2c3_m2x1e999_f1z_a0z_x_h1.2q__m2.1z_r0x--1";
    expect(decodeBenchEdits(junk, null)).toEqual([edit({ target: { kind: "attn", layer: 0 } })]);
    expect(decodeBenchEdits(null, null)).toEqual([]);
  });
});
