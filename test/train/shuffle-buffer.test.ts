import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { type Rows, ShuffleBuffer } from "../../src/train/shuffle-buffer.ts";
import { useWasm } from "./wasm.ts";

const D = 3;
/** Chunks of rows (n, n, −n), n counting up. */
function source(chunk: number, onDevice: boolean) {
  let at = 0;
  return async (): Promise<Rows> => {
    const rows = Float32Array.from({ length: chunk * D }, (_, i) => {
      const row = at + Math.floor(i / D);
      return i % D === 2 ? -row : row;
    });
    at += chunk;
    return Promise.resolve(onDevice ? tf.tensor2d(rows, [chunk, D]) : rows);
  };
}
async function serve(buffer: ShuffleBuffer, batches: number): Promise<number[]> {
  const seen: number[] = [];
  for (let i = 0; i < batches; i++) {
    const x = await buffer.next();
    const data = x.dataSync<"float32">();
    for (let r = 0; r < x.shape[0]; r++) {
      expect([data[r * D + 1], data[r * D + 2]! + 0]).toEqual([data[r * D], -data[r * D]! + 0]);
      seen.push(data[r * D]!);
    }
    x.dispose();
  }
  return seen;
}

beforeAll(useWasm);

describe("shuffle buffer", () => {
  it("serves each row at most once, and keeps all it has not served", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 6 }),
        fc.integer({ min: 4, max: 40 }),
        fc.integer({ min: 1, max: 25 }),
        fc.boolean(),
        async (batchSize, capacity, chunk, onDevice) => {
          const before = tf.memory().numTensors;
          const harvest = source(chunk, onDevice);
          let harvested = 0;
          const counting = async () => {
            harvested += chunk;
            return harvest();
          };
          const buffer = new ShuffleBuffer({
            dIn: D,
            batchSize,
            capacity,
            seed: 1,
            harvest: counting,
          });
          const seen = await serve(buffer, 12);
          expect(new Set(seen).size).toBe(12 * batchSize);
          expect(buffer.unserved).toBe(harvested - 12 * batchSize);
          buffer.dispose();
          expect(tf.memory().numTensors).toBe(before);
        },
      ),
      { numRuns: 60 },
    );
  });
  it("mixes: a batch holds rows from all over the buffer", async () => {
    const buffer = new ShuffleBuffer({
      dIn: D,
      batchSize: 50,
      capacity: 1000,
      seed: 4,
      harvest: source(10, false),
    });
    const [first] = [await serve(buffer, 1)];
    expect(Math.min(...first)).toBeLessThan(200);
    expect(Math.max(...first)).toBeGreaterThan(800);
  });
  it("gives the same from an array and from the device, and by the seed", async () => {
    const run = (onDevice: boolean, seed: number) =>
      serve(
        new ShuffleBuffer({
          dIn: D,
          batchSize: 4,
          capacity: 30,
          seed,
          harvest: source(7, onDevice),
        }),
        20,
      );
    const one = await run(false, 1);
    expect(await run(true, 1)).toEqual(one);
    expect(await run(false, 2)).not.toEqual(one);
  });
  it("keeps what it has when a harvest fails, and leaks nothing", async () => {
    const before = tf.memory().numTensors;
    const harvest = source(10, true);
    let calls = 0;
    const failing = async () => {
      if (++calls === 5) throw new Error("lost");
      return harvest();
    };
    const buffer = new ShuffleBuffer({
      dIn: D,
      batchSize: 10,
      capacity: 40,
      seed: 1,
      harvest: failing,
    });
    const seen = await serve(buffer, 2);
    await expect(buffer.next()).rejects.toThrow("lost");
    expect(buffer.unserved).toBe(20);
    seen.push(...(await serve(buffer, 3)));
    expect(new Set(seen).size).toBe(50);
    buffer.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});
