/** A probe's direction: what it writes into the stream, its files, and its edits. */
import { afterAll, describe, expect, it } from "vitest";
import { toEdit } from "../../src/core/bench-edit.ts";
import type { ProbePlace } from "../../src/core/probe.ts";
import { directionFiles } from "../../src/lab/probe-export.ts";
import { writtenDirection } from "../../src/lab/probe-handlers.ts";
import { resolveEdits } from "../../src/lab/resolve-edits.ts";
import { parseSafetensors, readFloats } from "../../src/formats/safetensors.ts";
import { keyedRandom } from "../../src/math/keyed-random.ts";
import { signal, engine, model, texts } from "./probe-bench.ts";

afterAll(() => engine.release());

describe("a direction", () => {
  it("of a head is written through its rows of W_O", async () => {
    const unit = Float32Array.of(0, 0.6, 0, -0.8);
    const place: ProbePlace = { site: "attn.hook_z", layer: 1, head: 1 };
    const { vector, hook, promoted } = (await writtenDirection(model, place, unit))!;
    expect(hook).toBe("blocks.1.hook_attn_out");
    const W = engine.weight("h.1.attn.c_proj.weight");
    for (let d = 0; d < 12; d++) {
      expect(vector[d]).toBeCloseTo(0.6 * W[5 * 12 + d]! - 0.8 * W[7 * 12 + d]!, 5);
    }
    expect(promoted).toHaveLength(10);
    const found = { to: "b", unit, slope: 2, mean: 1, deviation: 3 };
    const files = directionFiles("m", "a → b", place, found, {
      ...{ vector, hook, promoted, suppressed: [] },
    });
    expect(files.map(({ name }) => name)).toEqual(["probe-a-b.json", "probe-a-b.safetensors"]);
    const { tensors } = parseSafetensors(files[1]!.bytes);
    expect(readFloats(files[1]!.bytes, tensors.get("unit")!)).toEqual(unit);
    expect(JSON.parse(new TextDecoder().decode(files[0]!.bytes))).toMatchObject({
      ...{ hook: "blocks.1.attn.hook_z", head: 1, deviation: 3, towards: "b" },
    });
  });
  it("of a query writes nothing into the stream; its file has the unit vector alone", async () => {
    const unit = Float32Array.of(0, 0.6, 0, -0.8);
    const place: ProbePlace = { site: "attn.hook_q", layer: 1, head: 1 };
    expect(await writtenDirection(model, place, unit)).toBeNull();
    const found = { to: "b", unit, slope: 2, mean: 1, deviation: 3 };
    const [json, tensors] = directionFiles("m", "a → b", place, found, null);
    expect([...parseSafetensors(tensors!.bytes).tensors.keys()]).toEqual(["unit"]);
    const read = JSON.parse(new TextDecoder().decode(json!.bytes)) as object;
    expect(Object.keys(read)).not.toContain("written");
    expect(Object.keys(read)).not.toContain("writes_to");
  });
  it("projected out as an edit leaves nothing along it, and a step adds its length", async () => {
    const hook = "blocks.0.hook_resid_post";
    const draw = keyedRandom(8);
    const raw = Array.from({ length: 12 }, () => draw() - 0.5);
    const vector = raw.map((v) => v / Math.hypot(...raw));
    const target = { kind: "direction", hook, head: null, name: "d", vector } as const;
    const ids = [texts[0]!];
    const along = async (op: "zero" | "add" | null) => {
      const edit = op && toEdit({ target, op, amount: 2.5, pos: null, on: true }, () => null);
      const edits = edit ? await resolveEdits(model, ids, [edit], { signal }) : [];
      const { cache } = await model.run({ ids, names: [hook], edits, logits: "none" });
      const { data } = cache.get(hook)!;
      return ids[0]!.map((_, t) => vector.reduce((s, v, d) => s + v * data[t * 12 + d]!, 0));
    };
    const plain = await along(null);
    for (const v of await along("zero")) expect(v).toBeCloseTo(0, 4);
    (await along("add")).forEach((v, t) => expect(v).toBeCloseTo(plain[t]! + 2.5, 4));
  });
});
