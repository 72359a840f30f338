/** Products over the few features that are kept: equal to the full ones, by our kernel and by plain operations alike. */
import "@tensorflow/tfjs"; // registers a backend without kernels of ours
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor, Tensor2D } from "@tensorflow/tfjs-core";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import {
  denseProducts,
  type FeatureGradients,
  fullProductsRunOn,
  type Products,
  payFor,
  sparseProducts,
} from "../../src/train/sparse.ts";
import { rowLoopsIn } from "../../src/train/kernels/row-loops.ts";
import { keepLargest } from "../../src/train/fused.ts";
import { normals, useWasm } from "./wasm.ts";

const [B, D, E, F, K] = [7, 5, 6, 41, 3];
const ENDS = [11, 30, F];
beforeAll(useWasm);
afterEach(() => fullProductsRunOn(1));

/** All that a step asks of them. */
function results(make: (W_decT: Tensor2D) => Products, pre = normals(B * F, 4)): number[][] {
  const before = tf.memory().numTensors;
  const found = tf.tidy(() => {
    const products = make(tf.tensor2d(normals(E * F, 1), [E, F]));
    const f = keepLargest(tf.tensor2d(pre, [B, F]), K);
    const bias = tf.tensor1d(normals(E, 5));
    const g = tf.tensor2d(normals(B * E, 2), [B, E]);
    const x = tf.tensor2d(normals(B * D, 3), [B, D]);
    const shapes = [
      ...[
        [D, F],
        [E, F],
      ],
      [3, F],
    ];
    const gradients = ({ W_enc, W_decT, sums }: FeatureGradients): Tensor[] => {
      expect([W_enc, W_decT, sums].map(({ shape }) => shape)).toEqual(shapes);
      return [W_enc, W_decT, sums];
    };
    const gs = tf.tensor3d(normals(3 * B * E, 6), [3, B, E]);
    const nested = products.decodeNested(ENDS, f);
    expect(nested.shape).toEqual([3, B, E]);
    return [
      ...[products.decode(f), products.decode(f, bias), nested],
      ...gradients(products.backward(f, g, x)),
      ...gradients(products.backwardNested(ENDS, f, gs, x)),
    ].map((t: Tensor) => Array.from(t.dataSync<"float32">()));
  });
  expect(tf.memory().numTensors).toBe(before);
  return found;
}

const expectClose = (found: number[][], wanted: number[][]) =>
  found.forEach((values, i) =>
    values.forEach((v, j) => expect(v, `${i}[${j}]`).toBeCloseTo(wanted[i]![j]!, 5)),
  );

describe("products over few features", () => {
  it("are the full ones", () => {
    const wanted = results(denseProducts);
    expect(wanted.flat().some((v) => v !== 0)).toBe(true);
    expectClose(results(sparseProducts), wanted);
  });

  it("are the full ones where there is no kernel of ours", async () => {
    const wanted = results(denseProducts);
    await tf.setBackend("cpu");
    expectClose(results(sparseProducts), wanted);
    await useWasm();
  });

  it("pass broken numbers on", () => {
    const pre = normals(B * F, 4);
    pre[2 * F + 9] = NaN;
    expect(
      results(sparseProducts, pre)[0]!
        .slice(2 * E, 3 * E)
        .every(Number.isNaN),
    ).toBe(true);
  });

  it("pay where few enough are kept for the threads that full ones run on", () => {
    fullProductsRunOn(2);
    expect([payFor(40, 640), payFor(41, 640)]).toEqual([true, false]);
    fullProductsRunOn(8);
    expect([payFor(40, 640), payFor(10, 640)]).toEqual([false, true]);
  });
});

describe.each([
  ["a memory", { initial: 1 }],
  ["one that threads share", { initial: 1, maximum: 65536, shared: true }],
])("row loops in %s", (_, descriptor) => {
  const memory = new WebAssembly.Memory(descriptor);
  const numbers = new Float32Array(memory.buffer);
  const { addRow, dot } = rowLoopsIn(memory);

  it.each([0, 1, 3, 4, 5, 8, 191, 192])("take %i numbers, and no more", (length) => {
    const [a, b] = [normals(length + 1, 1), normals(length + 1, 2)];
    numbers.set(a, 1000);
    numbers.set(b, 3001); // not on a boundary of 16 bytes
    let wanted = 0;
    for (let i = 0; i < length; i++) wanted += a[i]! * b[i]!;
    expect(dot(length, 1000, 3001)).toBeCloseTo(wanted, 4);
    addRow(length, 3001, 1000, 0.5);
    const found = Array.from(numbers.subarray(3001, 3002 + length));
    found.forEach((value, i) =>
      expect(value).toBeCloseTo(b[i]! + (i < length ? 0.5 * a[i]! : 0), 5),
    );
  });
});
