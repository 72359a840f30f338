/** bfloat16 weights become float32 ones of the same value; others stay where they lie. */
import { expect, it } from "vitest";
import { widen } from "../../src/model/widen.ts";
import type { WeightEntry } from "../../src/model/layout.ts";

const entry = (
  dtype: "F32" | "BF16",
  shape: number[],
  begin: number,
  end: number,
): WeightEntry => ({
  dtype,
  shape,
  file: "model.safetensors",
  begin,
  end,
});

it("widens what is narrow, from any byte on", () => {
  const data = new Uint8Array(15);
  new DataView(data.buffer).setFloat32(0, 7, true);
  // 1.5, −2 and 0.15625 as the upper halves of their float32, from an odd byte on.
  [0x3fc0, 0xc000, 0x3e20].forEach((bits, i) =>
    new DataView(data.buffer).setUint16(5 + 2 * i, bits, true),
  );
  const tensors = new Map([
    ["a", entry("F32", [1], 0, 4)],
    ["b", entry("BF16", [2], 5, 9)],
    ["c", entry("BF16", [1], 9, 11)],
  ]);
  const weights = [{ name: "model.safetensors", data }];
  const wide = widen({ tensors, weights });
  expect(wide.weights).toHaveLength(2);
  expect(wide.tensors.get("a")).toBe(tensors.get("a"));
  const read = (name: string) => {
    const { dtype, file, begin, end } = wide.tensors.get(name)!;
    expect(dtype).toBe("F32");
    const { data } = wide.weights.find((each) => each.name === file)!;
    return [...new Float32Array(data.slice(begin, end).buffer)];
  };
  expect(read("b")).toEqual([1.5, -2]);
  expect(read("c")).toEqual([0.15625]);
  expect(tensors.get("b")!.dtype).toBe("BF16"); // what was given stays as it is
});

it("gives back what has nothing narrow in it", () => {
  const given = { tensors: new Map([["a", entry("F32", [1], 0, 4)]]), weights: [] };
  const { tensors, weights } = widen(given);
  expect([tensors, weights]).toEqual([given.tensors, given.weights]);
});
