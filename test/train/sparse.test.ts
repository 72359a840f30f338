/** Products over the few features that are kept: equal to the full ones, by our kernel and by plain operations alike. */
import "@tensorflow/tfjs"; // registers a backend without kernels of ours
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor, Tensor2D } from "@tensorflow/tfjs-core";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import {
  denseProducts,
  fullProductsRunOn,
  type Products,
  payFor,
  sparseProducts,
} from "../../src/train/sparse.ts";
import { rowLoopsIn } from "../../src/train/kernels/row-loops.ts";
import { keepLargest } from "../../src/train/fused.ts";
import { normals, useWasm } from "./wasm.ts";

const [B, D, E, F, K] = [7, 5, 6, 41, 3];
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
    const { W_enc, W_decT, b_enc, activity } = products.backward(f, g, x);
    expect([W_enc.shape, W_decT.shape]).toEqual([
      [D, F],
      [E, F],
    ]);
    const all: Tensor[] = [products.decode(f), products.decode(f, bias), W_enc, W_decT];
    const range = { from: 11, to: 30 };
    const part = products.backwardOf(range, f, g, x);
    expect([part.W_enc.shape, part.W_decT.shape]).toEqual([
      [D, 19],
      [E, 19],
    ]);
    const ofRange = [products.decodeOf(range, f), part.W_enc, part.W_decT, part.b_enc];
    return [...all, b_enc, activity, ...ofRange, part.activity].map((t) =>
      Array.from(t.dataSync<"float32">()),
    );
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
    expect(dot(1000, 3001, length)).toBeCloseTo(wanted, 4);
    addRow(3001, 0.5, 1000, length);
    const found = Array.from(numbers.subarray(3001, 3002 + length));
    found.forEach((value, i) =>
      expect(value).toBeCloseTo(b[i]! + (i < length ? 0.5 * a[i]! : 0), 5),
    );
  });
});
