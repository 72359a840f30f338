/** What of the bench can be made permanent, and vectors out of files. */
import { describe, expect, it } from "vitest";
import type { BenchEdit } from "../../src/core/bench-edit.ts";
import { directionFiles } from "../../src/lab/probe-export.ts";
import { lastingEdit } from "../../src/panels/circuits/edit-model/lasting-edit.ts";
import { readVector, readVectorFile } from "../../src/panels/circuits/edit-model/read-vector.ts";
import { FACTS } from "../python/facts.ts";

const { config } = FACTS.model;
const on = true;
const direction = (hook: string, head: number | null): BenchEdit["target"] => ({
  ...{ kind: "direction", hook, head, name: "good, q 1.0", vector: [1, -2] },
});

describe("an edit of the bench for good", () => {
  it("of a part scales its weights, or measures its mean", () => {
    const target = { kind: "head", layer: 0, head: 1 } as const;
    const edit = { target, amount: 0.5, pos: null, on };
    expect(lastingEdit({ ...edit, op: "scale" }, config)).toEqual({
      ...{ kind: "scale", target, factor: 0.5, on },
    });
    expect(lastingEdit({ ...edit, op: "zero" }, config)).toMatchObject({ factor: 0 });
    expect(lastingEdit({ ...edit, op: "mean" }, config)).toEqual({ meanOf: target });
  });
  it("of a direction that is added is a vector in the bias before it", () => {
    const target = direction("blocks.1.attn.hook_q", 0);
    expect(lastingEdit({ target, op: "add", amount: 2, pos: null, on }, config)).toEqual({
      ...{ kind: "bias", hook: "blocks.1.attn.hook_q", head: 0, vector: [1, -2], amount: 2 },
      ...{ from: "good, q 1.0", on },
    });
  });
  it.each([
    [direction("blocks.1.hook_resid_post", null), "zero", null, /depends on the activation/],
    [direction("blocks.0.hook_resid_pre", null), "add", null, /blocks\.0\.hook_resid_pre/],
    [direction("blocks.1.hook_resid_post", null), "add", 3, /one position/],
    [{ kind: "resid", layer: 1 }, "zero", null, /no weights/],
    [{ kind: "feature", sae: "s", feature: 3 }, "clamp", null, /depends on the activation/],
  ] as const)("of %j, %s at %s says why it cannot be", (target, op, pos, why) => {
    const edit = { target, op, amount: 1, pos, on } as BenchEdit;
    expect(() => lastingEdit(edit, config)).toThrow(why);
  });
});

describe("a file of a vector", () => {
  it("is a text of numbers, or the file that a probe's direction is saved as", () => {
    expect(readVectorFile(" 1, 2\n")).toEqual({ numbers: "1, 2", name: null, place: null });
    const found = {
      ...{ to: "good", unit: Float32Array.of(0.6, -0.8), slope: 1, mean: 0, deviation: 2.5 },
    };
    const place = { site: "attn.hook_v", layer: 1, head: 0 } as const;
    const [json] = directionFiles("m", "good, v 1.0", place, found, null);
    const read = readVectorFile(new TextDecoder().decode(json!.bytes));
    expect(read).toMatchObject({ name: "good, v 1.0", place: { ...place, step: 2.5 } });
    expect(Float32Array.from(readVector(read.numbers, 2))).toEqual(found.unit);
  });
  it.each([
    ["{nonsense", /no JSON/],
    ["{}", /hook of the direction is/],
    ['{"hook":"blocks.0.hook_scale"}', /hook_scale/],
    ['{"hook":"blocks.0.hook_resid_post","head":-1}', /head of the direction is -1/],
    ['{"hook":"blocks.0.hook_resid_post","unit":3}', /unit of the direction is 3/],
    ['{"hook":"blocks.0.hook_resid_post","unit":[1],"deviation":"a"}', /deviation .* "a"/],
  ])("%s is refused", (text, why) => {
    expect(() => readVectorFile(text)).toThrow(why);
  });
  it("with a hole or of another length says so", () => {
    expect(() => readVector("1, x", 2)).toThrow(/number 2 of the vector is/);
    expect(() => readVector("[1, 2, 3]", 2)).toThrow(/3 numbers; here it needs 2/);
  });
});
