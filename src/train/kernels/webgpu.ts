/** Our kernels on TensorFlow.js's WebGPU backend: a training step is dozens of small ones otherwise, each a launch. */
import * as tf from "@tensorflow/tfjs-core";
import type { TensorInfo } from "@tensorflow/tfjs-core";
import { type AdamRates, isRegistered, KERNELS, type OwnKernel } from "./names.ts";
import { columnReduction, elementwise, largestOfRow } from "./programs.ts";
import { type Gpu, type Inputs, real, runProgram as run, whole } from "./run-program.ts";
import type { FeatureRange } from "./sparse-products.ts";
import { sparseGradients, sparseTimes } from "./webgpu-of-few.ts";
import { BYTES, countByByte, findByte, groupsFor } from "./programs-of-all.ts";

type Attributes = Record<string, number>;
type Run = (gpu: Gpu, inputs: Inputs, attributes: Attributes) => TensorInfo | TensorInfo[];

/** Sums over the rows of a matrix, in its columns. */
function reduce(gpu: Gpu, name: string, inputs: Inputs, terms: string[]): TensorInfo {
  const [rows, columns] = Object.values(inputs)[0]!.shape as [number, number];
  const program = columnReduction(name, columns, Object.keys(inputs), terms);
  return run(gpu, program, inputs, whole(rows, columns));
}

const WEBGPU: Partial<Record<OwnKernel, Run>> = {
  [KERNELS.keepLargest]: (gpu, { x }, { k }) => {
    const [rows, columns] = x!.shape as [number, number];
    return run(gpu, largestOfRow(rows, columns), { x: x! }, whole(columns, k!));
  },
  [KERNELS.keepLargestOfAll]: (gpu, { x, start }) => {
    const length = x!.shape.reduce((a, b) => a * b, 1);
    const groups = groupsFor(length);
    let found = start!;
    for (const byte of BYTES) {
      const counts = run(gpu, countByByte(byte, groups), { x: x!, found }, whole(length, groups));
      const next = run(gpu, findByte(byte), { counts, found }, whole(groups));
      gpu.disposeData(counts.dataId);
      if (found !== start) gpu.disposeData(found.dataId);
      found = next;
    }
    // Compared by their bits, which NaN is above too.
    const value =
      "select(0.0, x[i], !(x[i] <= 0.0) && bitcast<u32>(x[i]) >= bitcast<u32>(least[0]))";
    const kept = elementwise("keep_at_least", x!.shape, ["x", "least"], value);
    return [run(gpu, kept, { x: x!, least: found }, []), found];
  },
  [KERNELS.jump]: (gpu, { x, threshold }) => {
    const value = "select(x[i], 0.0, x[i] <= threshold[i % uniforms.columns])";
    const program = elementwise("jump", x!.shape, ["x", "threshold"], value, "columns : i32,");
    return run(gpu, program, { x: x!, threshold: threshold! }, whole(x!.shape[1]!));
  },
  [KERNELS.windowSums]: (gpu, { x, d, low, high }) => {
    const inside = "x[i] > low[column] && x[i] < high[column]";
    return reduce(gpu, "window_sums", { x: x!, d: d!, low: low!, high: high! }, [
      `select(0.0, 1.0, ${inside})`,
      `select(0.0, d[i], ${inside})`,
    ]);
  },
  [KERNELS.gate]: (gpu, { d, f }) =>
    run(
      gpu,
      elementwise("gate", d!.shape, ["d", "f"], "select(0.0, d[i], f[i] > 0.0)"),
      { d: d!, f: f! },
      [],
    ),
  [KERNELS.sparseTimes]: (gpu, { f, W }, range) =>
    sparseTimes(gpu, { f: f!, W: W! }, range as unknown as FeatureRange),
  [KERNELS.sparseGradients]: (gpu, { f, g, x, W }, range) =>
    sparseGradients(gpu, { f: f!, g: g!, x: x!, W: W! }, range as unknown as FeatureRange),
  [KERNELS.columnSums]: (gpu, { a }) => reduce(gpu, "column_sums", { a: a! }, ["a[i]"]),
  [KERNELS.columnDots]: (gpu, { a, b }) =>
    reduce(gpu, "column_dots", { a: a!, b: b! }, ["a[i] * b[i]"]),
  [KERNELS.countFires]: (gpu, { f }) =>
    reduce(gpu, "count_fires", { f: f! }, ["select(0.0, 1.0, f[i] > 0.0)"]),
  [KERNELS.tokenSums]: (gpu, { error, x, centre }) =>
    reduce(gpu, "token_sums", { error: error!, x: x!, centre: centre! }, [
      "error[i] * error[i]",
      "x[i] - centre[column]",
      "(x[i] - centre[column]) * (x[i] - centre[column])",
    ]),
  [KERNELS.adam]: (gpu, { w, g, m, v }, rates) => {
    const { share1, share2, rate, epsilon } = rates as unknown as AdamRates;
    const { shape } = w!;
    const moment = (name: string, value: string) =>
      elementwise(name, shape, ["m", "g"], value, "share : f32,");
    const mNext = run(
      gpu,
      moment("adam_mean", "m[i] + uniforms.share * (g[i] - m[i])"),
      { m: m!, g: g! },
      real(share1),
    );
    const vNext = run(
      gpu,
      moment("adam_square", "m[i] + uniforms.share * (g[i] * g[i] - m[i])"),
      { m: v!, g: g! },
      real(share2),
    );
    const update = "w[i] - uniforms.rate * m[i] / (sqrt(v[i]) + uniforms.epsilon)";
    const uniforms = "rate : f32, epsilon : f32,";
    const program = elementwise("adam_update", shape, ["w", "m", "v"], update, uniforms);
    return [run(gpu, program, { w: w!, m: mNext, v: vNext }, real(rate, epsilon)), mNext, vNext];
  },
  [KERNELS.silence]: (gpu, { silence, activity }, { tokens }) =>
    run(
      gpu,
      elementwise(
        "silence",
        silence!.shape,
        ["silence", "activity"],
        "select(silence[i] + uniforms.tokens, 0.0, activity[i] > 0.0)",
        "tokens : f32,",
      ),
      { silence: silence!, activity: activity! },
      real(tokens!),
    ),
};

/** Makes them known to TensorFlow.js; again does no harm. */
export function registerWebGpuKernels(): void {
  if (isRegistered(KERNELS.keepLargest, "webgpu")) return;
  for (const [kernelName, kernel] of Object.entries(WEBGPU)) {
    tf.registerKernel({
      kernelName,
      backendName: "webgpu",
      kernelFunc: ({ inputs, backend, attrs }) =>
        kernel(backend as Gpu, inputs as Inputs, attrs as Attributes),
    });
  }
}
