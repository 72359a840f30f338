/** Our kernels on TensorFlow.js's WebGPU backend: a training step is dozens of small ones otherwise, each a launch. */
import * as tf from "@tensorflow/tfjs-core";
import type { TensorInfo } from "@tensorflow/tfjs-core";
import { type AdamRates, isRegistered, KERNELS, type OwnKernel } from "./names.ts";
import { clipOf, columnReduction, elementwise, largestOfRow } from "./programs.ts";
import { type Gpu, type Inputs, real, runProgram as run, whole } from "./run-program.ts";
import { sparseGradients, sparseTimes } from "./webgpu-of-few.ts";
import { BYTES, countByByte, findByte, groupsFor } from "./programs-of-all.ts";

type Attributes = Record<string, number | number[]>;
type Run = (gpu: Gpu, inputs: Inputs, attributes: Attributes) => TensorInfo | TensorInfo[];

/** Sums over the rows of a matrix, in its columns. */
function reduce(gpu: Gpu, name: string, inputs: Inputs, terms: string[]): TensorInfo {
  const [rows, columns] = Object.values(inputs)[0]!.shape as [number, number];
  const program = columnReduction(name, columns, Object.keys(inputs), terms);
  return run(gpu, program, inputs, whole(rows, columns));
}

const SLOPE = "select(0.0, d[i], f[i] > 0.0)";
const gated = (gpu: Gpu, inputs: Record<"d" | "f", TensorInfo>): TensorInfo =>
  run(gpu, elementwise("gate", inputs.d.shape, ["d", "f"], SLOPE), inputs, []);
const FIRES = "select(0.0, 1.0, f[i] > 0.0)";
const sizeOf = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);

/** w, m and v after an update. @param slope WGSL of what the gradient at i is after all, of its own `inputs` */
function adam(
  gpu: Gpu,
  { w, m, v }: Record<"w" | "m" | "v", TensorInfo>,
  inputs: Inputs,
  slope: string,
  rates: Attributes,
): TensorInfo[] {
  const { share1, share2, rate, epsilon } = rates as unknown as AdamRates;
  const kind = `adam_${Object.keys(inputs).join("_")}`;
  const columns = w.shape.at(-1)!;
  const uses = slope.includes("columns");
  const moment = (name: string, of: TensorInfo, value: string, share: number) => {
    const uniforms = `share : f32,${uses ? " columns : i32," : ""}`;
    const names = ["moment", ...Object.keys(inputs)];
    const change = `moment[i] + uniforms.share * (${value} - moment[i])`;
    const program = elementwise(`${kind}_${name}`, w.shape, names, change, uniforms);
    const given = [...real(share), ...(uses ? whole(columns) : [])];
    return run(gpu, program, { moment: of, ...inputs }, given);
  };
  const mNext = moment("mean", m, slope, share1);
  const vNext = moment("square", v, `${slope} * ${slope}`, share2);
  const update = "w[i] - uniforms.rate * m[i] / (sqrt(v[i]) + uniforms.epsilon)";
  const uniforms = "rate : f32, epsilon : f32,";
  const program = elementwise("adam_update", w.shape, ["w", "m", "v"], update, uniforms);
  return [run(gpu, program, { w, m: mNext, v: vNext }, real(rate, epsilon)), mNext, vNext];
}

const WEBGPU: Partial<Record<OwnKernel, Run>> = {
  [KERNELS.keepLargest]: (gpu, { x }, { k }) => {
    const [rows, columns] = x!.shape as [number, number];
    return run(gpu, largestOfRow(rows, columns), { x: x! }, whole(columns, k as number));
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
  [KERNELS.gate]: (gpu, { d, f }) => {
    const inputs = { d: d!, f: f! };
    return [gated(gpu, inputs), reduce(gpu, "gate_sums", inputs, [SLOPE, "f[i]", FIRES])];
  },
  [KERNELS.jumpGate]: (gpu, { d, f, x, low, high }) => {
    const inputs = { d: d!, f: f!, x: x!, low: low!, high: high! };
    const inside = (value: string) =>
      `select(0.0, ${value}, x[i] > low[column] && x[i] < high[column])`;
    const terms = [SLOPE, "f[i]", FIRES, inside("1.0"), inside("d[i]")];
    return [gated(gpu, { d: d!, f: f! }), reduce(gpu, "jump_gate_sums", inputs, terms)];
  },
  [KERNELS.openGate]: (gpu, { pi, gain, shift }) => {
    const open = elementwise("open", pi!.shape, ["pi"], "max(pi[i], 0.0)");
    const magnitude = "max(pi[i] * gain[i % uniforms.columns] + shift[i % uniforms.columns], 0.0)";
    const value = `select(0.0, ${magnitude}, pi[i] > 0.0)`;
    const names = ["pi", "gain", "shift"];
    const f = elementwise("open_gate", pi!.shape, names, value, "columns : i32,");
    const columns = whole(pi!.shape[1]!);
    return [
      run(gpu, open, { pi: pi! }, []),
      run(gpu, f, { pi: pi!, gain: gain!, shift: shift! }, columns),
    ];
  },
  [KERNELS.throughGate]: (gpu, { dMag, dGate, f, open, gain }) => {
    const [m, p] = ["select(0.0, dMag[i], f[i] > 0.0)", "select(0.0, dGate[i], open[i] > 0.0)"];
    const inputs = { dMag: dMag!, dGate: dGate!, f: f!, open: open! };
    const names = [...Object.keys(inputs), "gain"];
    const value = `${m} * gain[i % uniforms.columns] + ${p}`;
    const program = elementwise("through_gate", f!.shape, names, value, "columns : i32,");
    return [
      run(gpu, program, { ...inputs, gain: gain! }, whole(f!.shape[1]!)),
      reduce(gpu, "through_gate_sums", inputs, [m, `${m} * f[i]`, FIRES, p, "open[i]"]),
    ];
  },
  [KERNELS.sparseTimes]: (gpu, { f, W }, { ends }) =>
    sparseTimes(gpu, { f: f!, W: W! }, ends as number[]),
  [KERNELS.sparseGradients]: (gpu, { f, g, x, W }, { ends }) =>
    sparseGradients(gpu, { f: f!, g: g!, x: x!, W: W! }, ends as number[]),
  [KERNELS.columnSums]: (gpu, { a }) => reduce(gpu, "column_sums", { a: a! }, ["a[i]"]),
  [KERNELS.columnDots]: (gpu, { a, b }) =>
    reduce(gpu, "column_dots", { a: a!, b: b! }, ["a[i] * b[i]"]),
  [KERNELS.dotsAndSquares]: (gpu, { g, w }) =>
    reduce(gpu, "dots_and_squares", { g: g!, w: w! }, ["g[i] * w[i]", "g[i] * g[i]"]),
  [KERNELS.countFires]: (gpu, { f }) => reduce(gpu, "count_fires", { f: f! }, [FIRES]),
  [KERNELS.tokenSums]: (gpu, { error, x, centre }) =>
    reduce(gpu, "token_sums", { error: error!, x: x!, centre: centre! }, [
      "error[i] * error[i]",
      "x[i] - centre[column]",
      "(x[i] - centre[column]) * (x[i] - centre[column])",
    ]),
  [KERNELS.sumsOnward]: (gpu, { x }, { factor }) => {
    const [n, R, C] = x!.shape as [number, number, number];
    const terms = Array.from({ length: n }, (_, j) => {
      const at = `i + ${j} * uniforms.each`;
      return `select(0.0, x[min(${at}, uniforms.size - 1)], ${at} < uniforms.size)`;
    });
    const value = `uniforms.factor * (${terms.join(" + ")})`;
    const program = elementwise(
      `sums_onward_${n}`,
      x!.shape,
      ["x"],
      value,
      "each : i32, factor : f32,",
    );
    return run(gpu, program, { x: x! }, [...whole(R * C), ...real(factor as number)]);
  },
  [KERNELS.clip]: (gpu, { across, ...gradients }, { longest }) => {
    const parts = Object.entries(gradients).map(([name, g], i, all): [string, TensorInfo] => {
      if (across && i === all.length - 1) return ["across", across];
      if (g.shape.length === 1) return [`values_${name}`, g];
      return [`squares_${name}`, reduce(gpu, "squares", { g }, ["g[i] * g[i]"])];
    });
    const sizes = parts.map(([, { shape }]) => sizeOf(shape));
    const program = clipOf(
      parts.map(([name]) => name),
      sizes,
    );
    const result = run(gpu, program, Object.fromEntries(parts), real(longest as number));
    for (const [name, { dataId }] of parts) if (name.startsWith("squares")) gpu.disposeData(dataId);
    return result;
  },
  [KERNELS.adam]: (gpu, { w, g, m, v, clip }, rates) =>
    adam(gpu, { w: w!, m: m!, v: v! }, { g: g!, clip: clip! }, "(g[i] * clip[1])", rates),
  [KERNELS.adamAcross]: (gpu, { w, g, m, v, clip, across }, rates) => {
    const turning = "((g[i] - across[i % uniforms.columns] * w[i]) * clip[1])";
    const inputs = { g: g!, w: w!, across: across!, clip: clip! };
    const state = { w: w!, m: m!, v: v! };
    const [moved, ...moments] = adam(gpu, state, inputs, turning, rates) as [
      ...[TensorInfo, TensorInfo, TensorInfo],
    ];
    const squares = reduce(gpu, "squares", { g: moved }, ["g[i] * g[i]"]);
    const value = "w[i] / sqrt(squares[i % uniforms.columns])";
    const unit = elementwise("unit", w!.shape, ["w", "squares"], value, "columns : i32,");
    const result = run(gpu, unit, { w: moved, squares }, whole(w!.shape[1]!));
    for (const { dataId } of [moved, squares]) gpu.disposeData(dataId);
    return [result, ...moments];
  },
  [KERNELS.silence]: (gpu, { silence, fires }, { tokens }) =>
    run(
      gpu,
      elementwise(
        "silence",
        silence!.shape,
        ["silence", "fires"],
        "select(silence[i] + uniforms.tokens, 0.0, fires[i] > 0.0)",
        "tokens : f32,",
      ),
      { silence: silence!, fires: fires! },
      real(tokens as number),
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
