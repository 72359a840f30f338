import { describe, expect, it } from "vitest";
import type { Edit } from "../../src/core/edits.ts";
import { checkSlopes } from "../../src/lab/slopes.ts";

const hook = "blocks.1.hook_resid_mid";
const at = { hook, sae: "sae", feature: 1 };
const asked = (name: string, edit: Edit) => () => checkSlopes([edit], [name], { n_layer: 3 });

describe("a gradient with a computed edit in force", () => {
  const followed: Edit[] = [
    { ...at, op: "clamp", value: 2 },
    { ...at, op: "ablate" },
    { hook, op: "splice", sae: "sae" },
    { hook, op: "project", directions: Float32Array.of(1) },
  ];
  it.each(followed)("is refused before $op", (edit) => {
    expect(asked("blocks.1.hook_attn_out", edit)).toThrow(
      `at blocks.1.hook_attn_out would have to go through op "${edit.op}" at ${hook}`,
    );
    expect(asked(hook, edit)).not.toThrow();
    expect(asked("ln_final.hook_scale", edit)).not.toThrow();
  });
  const constant: Edit[] = [
    { hook, op: "mean", over: [[1]] },
    { hook, op: "resample", from: [1] },
    { ...at, op: "steer", value: 3 },
    { hook, op: "scale", value: 2 },
  ];
  it.each(constant)("is given before $op, which does not depend on the activation", (edit) => {
    expect(asked("hook_embed", edit)).not.toThrow();
  });
});
