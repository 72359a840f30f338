/**
 * Our kernels on TensorFlow.js's WASM backend: plain loops over its memory, for what it has no fast kernel for. Where it has
 * one (products and anything element by element, on all threads) that one stays.
 */
import * as tf from "@tensorflow/tfjs-core";
import type { TensorInfo } from "@tensorflow/tfjs-core";
import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import { selectLargest, selectLargestOfAll } from "./select-largest.ts";
import { isRegistered, KERNELS, type OwnKernel } from "./names.ts";
import { type RowLoops, rowLoopsIn } from "./row-loops.ts";
import { type FeatureRange, type Placed, sparseGradients, sparseTimes } from "./sparse-products.ts";

type Inputs = Record<string, TensorInfo>;
type Wasm = Pick<BackendWasm, "makeOutput" | "typedArrayFromHeap" | "wasm">;
type Run = (
  wasm: Wasm,
  inputs: Inputs,
  attributes: Record<string, number>,
) => TensorInfo | TensorInfo[];

/** Its numbers where they lie. To be asked for after all memory has been taken: taking some may move it. */
const numbers = (wasm: Wasm, tensor: TensorInfo) => wasm.typedArrayFromHeap(tensor) as Float32Array;

/** As products ask for it: its kept columns lie in its rows. */
const placed = (wasm: Wasm, tensor: TensorInfo): Placed => ({
  at: numbers(wasm, tensor).byteOffset / 4,
  width: tensor.shape[1]!,
});

/** The backend's memory: its own with threads, else what its module exports. */
interface WithMemory {
  wasmMemory?: WebAssembly.Memory;
  asm: { memory: WebAssembly.Memory };
}
const loops = new WeakMap<WebAssembly.Memory, RowLoops>();
function rowLoops({ wasm }: Wasm): RowLoops {
  const { wasmMemory, asm } = wasm as unknown as WithMemory;
  const memory = wasmMemory ?? asm.memory;
  const known = loops.get(memory) ?? rowLoopsIn(memory);
  loops.set(memory, known);
  return known;
}

/** Σ over rows of so many quantities per column, in float64, rounded once. `add` takes in the row that begins at `at`. */
function reduce(
  wasm: Wasm,
  tensors: readonly (TensorInfo | undefined)[],
  quantities: number,
  add: (sums: Float64Array, at: number, columns: number, values: readonly Float32Array[]) => void,
): TensorInfo {
  const [rows, columns] = tensors[0]!.shape as [number, number];
  const result = wasm.makeOutput(quantities === 1 ? [columns] : [quantities, columns], "float32");
  const values = tensors.map((tensor) => numbers(wasm, tensor!));
  const sums = new Float64Array(quantities * columns);
  for (let row = 0; row < rows; row++) add(sums, row * columns, columns, values);
  numbers(wasm, result).set(sums);
  return result;
}

const WASM: Partial<Record<OwnKernel, Run>> = {
  [KERNELS.keepLargest]: (wasm, { x }, { k }) => {
    const result = wasm.makeOutput(x!.shape, "float32");
    selectLargest(numbers(wasm, x!), x!.shape[1]!, k!, numbers(wasm, result));
    return result;
  },
  [KERNELS.keepLargestOfAll]: (wasm, { x }, { count }) => {
    const kept = wasm.makeOutput(x!.shape, "float32");
    const least = wasm.makeOutput([1], "float32");
    const value = selectLargestOfAll(numbers(wasm, x!), count!, numbers(wasm, kept));
    numbers(wasm, least)[0] = value;
    return [kept, least];
  },
  [KERNELS.jump]: (wasm, { x, threshold }) => {
    const result = wasm.makeOutput(x!.shape, "float32");
    const [values, theta, out] = [x!, threshold!, result].map((t) => numbers(wasm, t)) as [
      ...[Float32Array, Float32Array, Float32Array],
    ];
    const C = theta.length;
    for (let at = 0; at < values.length; at += C) {
      for (let c = 0; c < C; c++) {
        const value = values[at + c]!;
        out[at + c] = value <= theta[c]! ? 0 : value;
      }
    }
    return result;
  },
  [KERNELS.windowSums]: (wasm, { x, d, low, high }) =>
    reduce(wasm, [x, d, low, high], 2, (sums, at, C, [values, slopes, from, to]) => {
      for (let c = 0; c < C; c++) {
        const value = values![at + c]!;
        if (value > from![c]! && value < to![c]!) {
          sums[c]! += 1;
          sums[C + c]! += slopes![at + c]!;
        }
      }
    }),
  [KERNELS.sparseTimes]: (wasm, { f, W }, attributes) => {
    const [B, F] = f!.shape as [number, number];
    const result = wasm.makeOutput([B, W!.shape[1]!], "float32");
    numbers(wasm, result).fill(0);
    const range = attributes as unknown as FeatureRange;
    const [decoder, out] = [placed(wasm, W!), placed(wasm, result)];
    sparseTimes(rowLoops(wasm), numbers(wasm, f!), F, range, decoder, out);
    return result;
  },
  [KERNELS.sparseGradients]: (wasm, { f, g, x, W }, attributes) => {
    const range = attributes as unknown as FeatureRange;
    const R = range.to - range.from;
    const shapes = [[R, g!.shape[1]!], [R, x!.shape[1]!], [R], [R]];
    const results = shapes.map((shape) => wasm.makeOutput(shape, "float32"));
    const [, , b_enc, activity] = results.map((result) => numbers(wasm, result).fill(0));
    const [W_dec, W_enc] = results.map((result) => placed(wasm, result));
    const operands = { g: placed(wasm, g!), x: placed(wasm, x!), W: placed(wasm, W!) };
    sparseGradients(rowLoops(wasm), numbers(wasm, f!), f!.shape[1]!, range, operands, {
      ...{ W_dec: W_dec!, W_enc: W_enc!, b_enc: b_enc!, activity: activity! },
    });
    return results;
  },
  [KERNELS.columnSums]: (wasm, { a }) =>
    reduce(wasm, [a], 1, (sums, at, C, [values]) => {
      for (let c = 0; c < C; c++) sums[c]! += values![at + c]!;
    }),
  [KERNELS.columnDots]: (wasm, { a, b }) =>
    reduce(wasm, [a, b], 1, (sums, at, C, [left, right]) => {
      for (let c = 0; c < C; c++) sums[c]! += left![at + c]! * right![at + c]!;
    }),
  [KERNELS.countFires]: (wasm, { f }) =>
    reduce(wasm, [f], 1, (sums, at, C, [values]) => {
      for (let c = 0; c < C; c++) if (values![at + c]! > 0) sums[c]! += 1;
    }),
  [KERNELS.tokenSums]: (wasm, { error, x, centre }) =>
    reduce(wasm, [error, x, centre], 3, (sums, at, D, [errors, inputs, middle]) => {
      for (let d = 0; d < D; d++) {
        const miss = errors![at + d]!;
        const off = inputs![at + d]! - middle![d]!;
        sums[d]! += miss * miss;
        sums[D + d]! += off;
        sums[2 * D + d]! += off * off;
      }
    }),
};

/** Makes them known to TensorFlow.js; again does no harm. */
export function registerWasmKernels(): void {
  if (isRegistered(KERNELS.keepLargest, "wasm")) return;
  for (const [kernelName, kernel] of Object.entries(WASM)) {
    tf.registerKernel({
      kernelName,
      backendName: "wasm",
      kernelFunc: ({ inputs, backend, attrs }) =>
        kernel(backend as Wasm, inputs as Inputs, attrs as Record<string, number>),
    });
  }
}
