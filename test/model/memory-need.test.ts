/** What a GPU cannot bind is refused before the download; the vocabulary's matrices are bound in parts. */
import { expect, it } from "vitest";
import { refuseForGpu } from "../../src/model/memory-need.ts";
import type { WeightEntry } from "../../src/model/layout.ts";

const tensors = (shapes: Record<string, number[]>) => ({
  tensors: new Map(
    Object.entries(shapes).map(([name, shape]): [string, WeightEntry] => [
      name,
      { dtype: "F32", shape, file: "model.safetensors", begin: 0, end: 0 },
    ]),
  ),
});

it("counts every tensor but the vocabulary's", () => {
  const small = { "wte.weight": [50257, 768], "h.0.mlp.c_fc.weight": [768, 3072] };
  expect(() => refuseForGpu(tensors(small), 2 ** 27)).not.toThrow();
  const wide = { ...small, "h.1.mlp.c_fc.weight": [8192, 32768] };
  expect(() => refuseForGpu(tensors(wide), 2 ** 27)).toThrow(
    /"h.1.mlp.c_fc.weight" takes 1\.0 GiB, and this GPU works on at most 0\.1 GiB/,
  );
});
