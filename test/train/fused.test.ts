/** Each kernel of ours on the WASM backend against what `fused.ts` defines it to be; on WebGPU test/e2e/sae.spec.ts does it. */
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor } from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import * as fused from "../../src/train/fused.ts";
import { KERNELS, type OwnKernel } from "../../src/train/kernels/names.ts";
import { selectLargest, selectLargestOfAll } from "../../src/train/kernels/select-largest.ts";
import { normals, useWasm } from "./wasm.ts";

const [R, C] = [7, 13];
const matrix = (seed: number) => tf.tensor2d(normals(R * C, seed), [R, C]);
const vector = (seed: number) => tf.tensor1d(normals(C, seed));

const keptOfAll = (count: number) => {
  const { kept, least } = fused.keepLargestOfAll(matrix(1), count);
  return [kept, least];
};

const tensorsOf = (found: object): Tensor[] => Object.values(found) as Tensor[];
const gateSlopes = () => ({
  ...{ dMag_BF: matrix(1), dGate_BF: matrix(2), f_BF: matrix(3), open_BF: matrix(4) },
  gain_F: vector(5),
});
const RATES = { share1: 0.1, share2: 0.2, rate: 0.3, epsilon: 0.01 };
const shorter = () => tf.tensor1d([4, 0.25]);
const stateOf = <T extends Tensor>(make: (seed: number) => T) => ({
  ...{ w: make(7), m: make(8), v: tf.square(make(9)) },
});
const acrossOf = (g: tf.Tensor2D) => fused.dotsAndSquares(g, fused.unitColumns(matrix(7)));

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
  ["keepLargestOfAll", () => keptOfAll(9)],
  ["jump", () => [fused.jump(matrix(1), tf.abs<tf.Tensor1D>(vector(4)))]],
  ["jumpGate", () => tensorsOf(fused.jumpGate(matrix(1), matrix(2), matrix(3), vector(4), 0.9))],
  ["gate", () => tensorsOf(fused.gate(matrix(1), matrix(2)))],
  ["openGate", () => tensorsOf(fused.openGate(matrix(1), vector(2), vector(3)))],
  ["throughGate", () => tensorsOf(fused.throughGate(gateSlopes()))],
  ["columnSums", () => [fused.columnSums(matrix(1))]],
  ["dotsAndSquares", () => [fused.dotsAndSquares(matrix(1), matrix(2))]],
  ["columnDots", () => [fused.columnDots(matrix(1), matrix(2))]],
  ["countFires", () => [fused.countFires(matrix(1))]],
  ["tokenSums", () => [fused.tokenSums(matrix(1), matrix(2), vector(3))]],
  ["sumsOnward", () => [fused.sumsOnward(tf.stack([1, 2, 3].map(matrix)) as tf.Tensor3D, 0.5)]],
  ["clip", () => [fused.clip([vector(1), matrix(2)], 1, null)]],
  ["clip", () => [fused.clip([matrix(1), matrix(2)], 1, acrossOf(matrix(2)))]],
  ["clip", () => [fused.clip([tf.mul(vector(1), 1e-3)], 1, null)]],
  ["adam", () => tensorsOf(fused.adamUpdate(stateOf(matrix), matrix(2), shorter(), RATES))],
  ["adam", () => tensorsOf(fused.adamUpdate(stateOf(vector), vector(2), shorter(), RATES))],
  [
    "adamAcross",
    () => {
      const g = matrix(2);
      const state = stateOf(matrix);
      const across = fused.dotsAndSquares(g, state.w);
      return tensorsOf(fused.adamUpdateAcross(state, g, across, shorter(), RATES));
    },
  ],
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

it("the plain operations, by hand", () => {
  const d = tf.tensor2d([1, 2, 3, 4, 5, 6], [2, 3]);
  const f = tf.tensor2d([0, 1, 3, 2, 0, 0.5], [2, 3]);
  const { gated, sums } = fused.gate(d, f);
  expect(evaluate(() => [gated, sums, fused.countFires(f)]).values).toEqual([
    [0, 2, 3, 4, 0, 6],
    [...[4, 2, 9], ...[2, 1, 3.5], ...[1, 1, 2]],
    [1, 1, 2],
  ]);
  const silence = tf.tensor1d([10, 20, 30]);
  const fires = tf.tensor1d([0, 1, 0]);
  expect(evaluate(() => [fused.silenceAfter(silence, fires, 5)]).values).toEqual([[15, 0, 35]]);
  const [w, m, v] = [tf.tensor1d([1]), tf.tensor1d([0.5]), tf.tensor1d([4])];
  const rates = { share1: 0.5, share2: 0.25, rate: 0.1, epsilon: 1 };
  const next = evaluate(() => {
    const clip = tf.tensor1d([8, 0.5]); // of a gradient of 4 half is taken
    const state = fused.adamUpdate({ w, m, v }, tf.tensor1d([4]), clip, rates);
    return [state.w, state.m, state.v];
  });
  expect(next.values.map(([value]) => value)).toEqual([
    expect.closeTo(1 - 0.1 * (1.25 / 3), 6),
    1.25,
    4,
  ]);
  tf.dispose([d, f, silence, fires, w, m, v]);
});

describe("the largest of all", () => {
  const byHand = (x: number[], count: number) => {
    const least = x.filter((v) => v > 0).sort((a, b) => b - a)[count - 1] ?? 0;
    return { least, kept: x.map((v) => (v > 0 && v >= least ? v : 0)) };
  };
  const found = (x: number[], count: number) => {
    const out = new Float32Array(x.length).fill(9);
    const least = selectLargestOfAll(Float32Array.from(x), count, out);
    return { least, kept: Array.from(out) };
  };
  it("are those, ties and too few included", () => {
    const value = fc.oneof(fc.float({ noNaN: true }), fc.integer({ min: -2, max: 3 }));
    fc.assert(
      fc.property(
        fc.array(value, { minLength: 1 }),
        fc.integer({ min: 1, max: 30 }),
        (x, count) => {
          const rounded = x.map(Math.fround);
          expect(found(rounded, count)).toEqual(byHand(rounded, count));
        },
      ),
      { numRuns: 500 },
    );
  });
  it("are those of many too, where a sample tells where to look, or cannot", () => {
    const many = Array.from(normals(100_000, 8));
    for (const count of [1, 40, 3000, 49_000, 60_000]) {
      expect(found(many, count)).toEqual(byHand(many, count));
    }
    const misled = many.map((_, i) => (i % 2 === 0 ? 1 : 1e-3 * (i % 7))); // few values, in a pattern
    expect(found(misled, 60_000)).toEqual(byHand(misled.map(Math.fround), 60_000));
  });
  it("show what is broken", () => expect(found([3, NaN, 1, 2], 1).kept[1]).toBeNaN());
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
