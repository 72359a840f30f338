/** Each kernel of ours on the WASM backend against what `fused.ts` defines it to be; on WebGPU test/e2e/sae.spec.ts does it. */
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor } from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import * as fused from "../../src/train/fused.ts";
import { KERNELS, type OwnKernel } from "../../src/train/kernels/names.ts";
import { selectLargest } from "../../src/train/kernels/select-largest.ts";
import { normals, useWasm } from "./wasm.ts";

const [R, C] = [7, 13];
const matrix = (seed: number) => tf.tensor2d(normals(R * C, seed), [R, C]);
const vector = (seed: number) => tf.tensor1d(normals(C, seed));

beforeAll(useWasm);

/** The numbers of `make`'s tensors, and how many tensors were left over. */
function run(make: () => Tensor[]): { shapes: number[][]; values: number[][]; left: number } {
  const before = tf.memory().numTensors;
  const { shapes, values } = evaluate(make);
  return { shapes, values, left: tf.memory().numTensors - before };
}
function evaluate(make: () => Tensor[]) {
  const tensors = tf.tidy(make);
  const values = tensors.map((t) => Array.from(t.dataSync<"float32">()));
  tf.dispose(tensors);
  return { shapes: tensors.map(({ shape }) => shape), values };
}

/** The same by plain operations. */
function plainly(name: OwnKernel, make: () => Tensor[]) {
  const kernel = tf.getKernel(name, "wasm");
  tf.unregisterKernel(name, "wasm");
  try {
    return run(make);
  } finally {
    tf.registerKernel(kernel);
  }
}

describe.each([
  ["keepLargest", () => [fused.keepLargest(matrix(1), 4)]],
  ["columnSums", () => [fused.columnSums(matrix(1))]],
  ["columnDots", () => [fused.columnDots(matrix(1), matrix(2))]],
  ["tokenSums", () => [fused.tokenSums(matrix(1), matrix(2), vector(3))]],
] as const)("the kernel %s", (name, make) => {
  it("does what it is defined to do, and leaves nothing behind", () => {
    const [ours, plain] = [run(() => make()), plainly(KERNELS[name], () => make())];
    expect(ours.shapes).toEqual(plain.shapes);
    expect([ours.left, plain.left]).toEqual([0, 0]);
    ours.values.forEach((values, t) =>
      values.forEach((value, i) => expect(value).toBeCloseTo(plain.values[t]![i]!, 4)),
    );
  });
});

it("what no backend but a GPU has a kernel for, by hand", () => {
  const d = tf.tensor2d([1, 2, 3, 4, 5, 6], [2, 3]);
  const f = tf.tensor2d([0, 1, 0, 2, 0, 0.5], [2, 3]);
  expect(evaluate(() => [fused.gate(d, f), fused.countActive(f)]).values).toEqual([
    [0, 2, 0, 4, 0, 6],
    [3],
  ]);
  const silence = tf.tensor1d([10, 20, 30]);
  const activity = tf.tensor1d([0, 0.1, 0]);
  expect(evaluate(() => [fused.silenceAfter(silence, activity, 5)]).values).toEqual([[15, 0, 35]]);
  const [w, m, v] = [tf.tensor1d([1]), tf.tensor1d([0.5]), tf.tensor1d([4])];
  const rates = { share1: 0.5, share2: 0.25, rate: 0.1, epsilon: 1 };
  const next = evaluate(() => {
    const state = fused.adamUpdate({ w, m, v }, tf.tensor1d([2]), rates);
    return [state.w, state.m, state.v];
  });
  expect(next.values.map(([value]) => value)).toEqual([
    expect.closeTo(1 - 0.1 * (1.25 / 3), 6),
    1.25,
    4,
  ]);
  tf.dispose([d, f, silence, activity, w, m, v]);
});

describe("the k largest of each row", () => {
  /** As one would say it. */
  const byHand = (row: number[], k: number) => {
    const kth = row.filter((x) => x > 0).sort((a, b) => b - a)[k - 1] ?? 0;
    return row.map((x) => (x > 0 && x >= kth ? x : 0));
  };
  it("are those, in any rows, ties and rows with too few included", () => {
    const value = fc.oneof(fc.float({ noNaN: true }), fc.integer({ min: -2, max: 3 }));
    const rows = fc
      .integer({ min: 1, max: 40 })
      .chain((columns) =>
        fc.tuple(
          fc.array(fc.array(value, { minLength: columns, maxLength: columns }), { minLength: 1 }),
          fc.integer({ min: 1, max: columns }),
        ),
      );
    fc.assert(
      fc.property(rows, ([x, k]) => {
        const columns = x[0]!.length;
        const out = new Float32Array(x.length * columns).fill(9);
        selectLargest(Float32Array.from(x.flat()), columns, k, out);
        expect(Array.from(out)).toEqual(x.flatMap((row) => byHand(row.map(Math.fround), k)));
      }),
      { numRuns: 500 },
    );
  });
  it("show what is broken", () => {
    const out = new Float32Array(4);
    selectLargest(Float32Array.of(3, Number.NaN, 1, 2), 4, 1, out);
    expect(out[1]).toBeNaN();
  });
});
