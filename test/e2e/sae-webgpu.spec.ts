/** Training on software WebGPU, on a tiny scale: a file of its own, so that it runs beside the tests on WASM. */
import type { Page } from "@playwright/test";
import type { TrainRequest } from "../../src/core/sae.ts";
import { expect, test } from "./fixtures.ts";
import { TINY, open, start, outcome, untilStep, goesOn, own } from "./sae-runs.ts";

test.describe("on software WebGPU", () => {
  // As little of the model and as few activations as show it: all is slow where there is no GPU.
  const B = 16;
  const ON_GPU: TrainRequest = {
    ...{ ...TINY, hook: "blocks.0.hook_resid_post", dSae: 48 },
    ...{ batchSize: B, tokens: B * 10 },
  };

  /** The device is inside the worker: it is caught when something is made with it. */
  const catchDevice = (page: Page) =>
    page.workers()[0]!.evaluate(() => {
      const createBuffer = Reflect.get(GPUDevice.prototype, "createBuffer") as (
        ...given: unknown[]
      ) => GPUBuffer;
      GPUDevice.prototype.createBuffer = function (this: GPUDevice, ...given) {
        Object.assign(self, { theDevice: this });
        return createBuffer.apply(this, given);
      };
    });

  // One page: where there is no GPU, to make ready for the first step takes half a minute.
  test("a GPU that is lost is taken again; what only the GPU tells of ends the run, and not the next call", async ({
    page,
    expected,
  }) => {
    test.slow();
    expected(/lost|destroyed/i);
    await open(page, "?device=webgpu");
    await catchDevice(page);
    await start(page, { ...ON_GPU, tokens: B * 8000 });
    await untilStep(page, 5);
    await page.workers()[0]!.evaluate(() => {
      (self as unknown as { theDevice: GPUDevice }).theDevice.destroy();
    });
    await goesOn(page);

    await catchDevice(page); // in the worker that took the place of the first
    await expect
      .poll(() => page.workers()[0]!.evaluate(() => "theDevice" in self), { timeout: 60_000 })
      .toBe(true);
    await page.workers()[0]!.evaluate(() => {
      const { theDevice } = self as unknown as { theDevice: GPUDevice };
      theDevice.createBuffer({ size: 16, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.STORAGE });
    });
    const { error } = await outcome(page);
    expect(error!.code).toBe("internal");
    expect(error!.message).toMatch(/the GPU refused a part of the work/);
    expect(await own(page)).toMatchObject([{ name: "tiny", status: "unfinished" }]);
    const dims = await page.evaluate(async () => {
      const { logits } = await window.lab.model!.runWithCache("Once", { names: [] });
      return logits.dims.length;
    });
    expect(dims).toBe(3);
  });

  // One variant: it takes a minute where there is no GPU. The bench steps every one of them there.
  test("activations go from the model into training on the one device, to the same numbers as on WASM", async ({
    page,
  }) => {
    test.slow();
    const run = async (device: "webgpu" | "wasm") => {
      await open(page, `?device=${device}`);
      expect(await page.evaluate(() => window.lab.model!.device)).toBe(device);
      await start(page, ON_GPU);
      const { summary, error } = await outcome(page);
      expect(error).toBeUndefined();
      expect(summary).toMatchObject({ status: "finished", trainedTokens: B * 10 });
      const points = await page.evaluate(() => window.run.progress.flatMap((p) => p.points));
      expect(points.map(({ step }) => step)).toEqual([5, 10]);
      return { points, metrics: summary!.metrics! };
    };
    const [gpu, cpu] = [await run("webgpu"), await run("wasm")];
    for (const i of [0, 1]) {
      const [a, b] = [gpu.points[i]!, cpu.points[i]!];
      expect(Math.abs(a.reconstructionLoss / b.reconstructionLoss - 1)).toBeLessThan(0.01);
      expect(Math.abs(a.explainedVariance - b.explainedVariance)).toBeLessThan(0.01);
      expect(Math.abs(a.l0 - b.l0)).toBeLessThan(0.05);
    }
    const difference = gpu.metrics.explainedVariance - cpu.metrics.explainedVariance;
    expect(Math.abs(difference)).toBeLessThan(0.01);
  });
});
