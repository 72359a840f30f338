/** The histogram of densities against counts by hand. */
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, expect, it } from "vitest";
import { DENSITY_EDGES, DENSITY_WINDOW, denseCount } from "../../src/core/density.ts";
import { DensityWindow } from "../../src/train/density.ts";
import { useWasm } from "./wasm.ts";

beforeAll(useWasm);

const add = (window: DensityWindow, fires: number[], tokens: number) => {
  const counts = tf.tensor1d(fires);
  window.add(counts, tokens);
  counts.dispose();
};

it("has an edge at each power of ten, the last at 1", () => {
  expect(DENSITY_EDGES).toHaveLength(31);
  [-6, -5, -4, -3, -2, -1, 0].forEach((power, i) =>
    expect(DENSITY_EDGES[5 * i]).toBeCloseTo(10 ** power, 12),
  );
});

it("puts each latent into one bin; an edge belongs to the bin above it", async () => {
  const window = new DensityWindow(7);
  //            never, 1e-3, 9.99e-3, 0.01, 0.1, 0.999, always
  add(window, [0, 10, 99, 100, 1000, 9990, 10_000], 10_000);
  const found = await window.histogram();
  expect(found).toMatchObject({ tokens: 10_000, never: 1, below: 0, always: 1 });
  const bins = found.counts.flatMap((count, i) => (count > 0 ? [[i, count]] : []));
  expect(bins).toEqual([
    [15, 1], // 1e-3
    [19, 1], // up to 1e-2
    [20, 1], // from 1e-2
    [25, 1], // from 0.1
    [29, 1], // up to 1
  ]);
  expect(denseCount(found)).toBe(3);
  window.dispose();
});

it("tells those below the least edge from those that never fire", async () => {
  const window = new DensityWindow(3);
  add(window, [0, 1, 2], 2_000_000);
  expect(await window.histogram()).toMatchObject({ never: 1, below: 1, always: 0 });
  window.dispose();
});

it("forgets what is more than two windows ago, and leaves no tensors", async () => {
  const before = tf.memory().numTensors;
  const window = new DensityWindow(1);
  add(window, [5], DENSITY_WINDOW);
  add(window, [0], 1000); // a window of its own
  expect(await window.histogram()).toMatchObject({ tokens: DENSITY_WINDOW + 1000, never: 0 });
  add(window, [0], DENSITY_WINDOW);
  add(window, [0], 1000);
  expect(await window.histogram()).toMatchObject({ tokens: DENSITY_WINDOW + 2000, never: 1 });
  window.dispose();
  expect(tf.memory().numTensors).toBe(before);
});
