/**
 * Our kernels on TensorFlow.js's WASM backend: loops over its memory (`row-loops.ts`), for what it has no fast kernel for. Products
 * stay its own.
 */
import * as tf from "@tensorflow/tfjs-core";
import type { TensorInfo } from "@tensorflow/tfjs-core";
import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import { selectLargest, selectLargestOfAll } from "./select-largest.ts";
import { isRegistered, KERNELS, type OwnKernel } from "./names.ts";
import { type RowLoops, rowLoopsIn } from "./row-loops.ts";
import { type Placed, sparseGradients, sparseTimes } from "./sparse-products.ts";

type Inputs = Record<string, TensorInfo>;
type Attributes = Record<string, number | number[]>;
type Wasm = Pick<BackendWasm, "makeOutput" | "typedArrayFromHeap" | "disposeData" | "wasm">;
type Run = (wasm: Wasm, inputs: Inputs, attributes: Attributes) => TensorInfo | TensorInfo[];

/** Its numbers where they lie. To be asked for after all memory has been taken: taking some may move it. */
const numbers = (wasm: Wasm, tensor: TensorInfo) => wasm.typedArrayFromHeap(tensor) as Float32Array;

/** Where it lies, and how wide its rows are. */
const placed = (wasm: Wasm, tensor: TensorInfo): Placed => ({
  at: numbers(wasm, tensor).byteOffset / 4,
  width: tensor.shape.at(-1)!,
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

/** An array that a loop over rows goes through: the rows of a matrix, or one row again and again. */
interface Through {
  at: number;
  step: number;
}
const rowsOf = (wasm: Wasm, tensor: TensorInfo): Through => {
  const { at, width } = placed(wasm, tensor);
  return { at, step: width };
};
const row = (wasm: Wasm, tensor: TensorInfo, index = 0): Through => {
  const { at, width } = placed(wasm, tensor);
  return { at: at + index * width, step: 0 };
};

function eachRow(
  { shape }: TensorInfo,
  loop: (length: number, ...places: number[]) => unknown,
  arrays: readonly Through[],
  values: readonly number[] = [],
): void {
  const [rows, columns] = shape as [number, number];
  for (let r = 0; r < rows; r++) {
    loop(columns, ...arrays.map(({ at, step }) => at + r * step), ...values);
  }
}

/** Sums over the rows of a matrix, of so many quantities. @param others arrays of the loop, after those of its sums */
function reduce(
  wasm: Wasm,
  of: TensorInfo,
  quantities: number,
  loop: keyof RowLoops,
  others: () => Through[],
): TensorInfo {
  const columns = of.shape[1]!;
  const result = wasm.makeOutput(quantities === 1 ? [columns] : [quantities, columns], "float32");
  numbers(wasm, result).fill(0);
  eachRow(of, rowLoops(wasm)[loop], [...sumsOf(wasm, result, quantities), ...others()]);
  return result;
}
const sumsOf = (wasm: Wasm, result: TensorInfo, quantities: number): Through[] =>
  Array.from({ length: quantities }, (_, q) => row(wasm, result, q));

/** d where f > 0, and the first three of `quantities` sums; the others are 0. */
function gateInto(
  wasm: Wasm,
  d: TensorInfo,
  f: TensorInfo,
  quantities: number,
): [gated: TensorInfo, sums: TensorInfo] {
  const gated = wasm.makeOutput(d.shape, "float32");
  const sums = wasm.makeOutput([quantities, d.shape[1]!], "float32");
  numbers(wasm, sums).fill(0);
  const into = [rowsOf(wasm, gated), ...sumsOf(wasm, sums, 3)];
  eachRow(d, rowLoops(wasm).gate, [...into, rowsOf(wasm, d), rowsOf(wasm, f)]);
  return [gated, sums];
}

const ratesOf = ({ share1, share2, rate, epsilon }: Attributes) =>
  [share1, share2, rate, epsilon] as number[];

const WASM: Partial<Record<OwnKernel, Run>> = {
  [KERNELS.keepLargest]: (wasm, { x }, { k }) => {
    const result = wasm.makeOutput(x!.shape, "float32");
    selectLargest(numbers(wasm, x!), x!.shape[1]!, k as number, numbers(wasm, result));
    return result;
  },
  [KERNELS.keepLargestOfAll]: (wasm, { x }, { count }) => {
    const kept = wasm.makeOutput(x!.shape, "float32");
    const least = wasm.makeOutput([1], "float32");
    const value = selectLargestOfAll(numbers(wasm, x!), count as number, numbers(wasm, kept));
    numbers(wasm, least)[0] = value;
    return [kept, least];
  },
  [KERNELS.jump]: (wasm, { x, threshold }) => {
    const result = wasm.makeOutput(x!.shape, "float32");
    const arrays = [rowsOf(wasm, result), rowsOf(wasm, x!), row(wasm, threshold!)];
    eachRow(x!, rowLoops(wasm).jump, arrays);
    return result;
  },
  [KERNELS.gate]: (wasm, { d, f }) => gateInto(wasm, d!, f!, 3),
  [KERNELS.jumpGate]: (wasm, { d, f, x, low, high }) => {
    const [gated, sums] = gateInto(wasm, d!, f!, 5);
    eachRow(x!, rowLoops(wasm).addWindow, [
      ...sumsOf(wasm, sums, 5).slice(3),
      ...[rowsOf(wasm, x!), rowsOf(wasm, d!), row(wasm, low!), row(wasm, high!)],
    ]);
    return [gated, sums];
  },
  [KERNELS.openGate]: (wasm, { pi, gain, shift }) => {
    const [open, f] = [pi!, pi!].map(({ shape }) => wasm.makeOutput(shape, "float32"));
    eachRow(pi!, rowLoops(wasm).openGate, [
      ...[rowsOf(wasm, open!), rowsOf(wasm, f!)],
      ...[rowsOf(wasm, pi!), row(wasm, gain!), row(wasm, shift!)],
    ]);
    return [open!, f!];
  },
  [KERNELS.throughGate]: (wasm, { dMag, dGate, f, open, gain }) => {
    const dPre = wasm.makeOutput(f!.shape, "float32");
    const sums = wasm.makeOutput([5, f!.shape[1]!], "float32");
    numbers(wasm, sums).fill(0);
    eachRow(f!, rowLoops(wasm).throughGate, [
      ...[rowsOf(wasm, dPre), ...sumsOf(wasm, sums, 5)],
      ...[dMag!, dGate!, f!, open!].map((tensor) => rowsOf(wasm, tensor)),
      row(wasm, gain!),
    ]);
    return [dPre, sums];
  },
  [KERNELS.sparseTimes]: (wasm, { f, W }, { ends }) => {
    const blocks = ends as number[];
    const result = wasm.makeOutput([blocks.length, f!.shape[0]!, W!.shape[1]!], "float32");
    numbers(wasm, result).fill(0);
    const [decoder, out] = [placed(wasm, W!), placed(wasm, result)];
    sparseTimes(rowLoops(wasm), numbers(wasm, f!), blocks, decoder, out);
    return result;
  },
  [KERNELS.sparseGradients]: (wasm, { f, g, x, W }, { ends }) => {
    const F = f!.shape[1]!;
    const shapes = [
      [F, g!.shape[2]!],
      [F, x!.shape[1]!],
      [3, F],
    ];
    const results = shapes.map((shape) => wasm.makeOutput(shape, "float32"));
    for (const result of results) numbers(wasm, result).fill(0);
    const [W_dec, W_enc] = results.map((result) => placed(wasm, result));
    const operands = { g: placed(wasm, g!), x: placed(wasm, x!), W: placed(wasm, W!) };
    const found = { W_dec: W_dec!, W_enc: W_enc!, sums: numbers(wasm, results[2]!) };
    sparseGradients(rowLoops(wasm), numbers(wasm, f!), ends as number[], operands, found);
    return results;
  },
  [KERNELS.columnSums]: (wasm, { a }) => reduce(wasm, a!, 1, "addTo", () => [rowsOf(wasm, a!)]),
  [KERNELS.columnDots]: (wasm, { a, b }) =>
    reduce(wasm, a!, 1, "addProducts", () => [rowsOf(wasm, a!), rowsOf(wasm, b!)]),
  [KERNELS.dotsAndSquares]: (wasm, { g, w }) =>
    reduce(wasm, g!, 2, "addDots", () => [rowsOf(wasm, g!), rowsOf(wasm, w!)]),
  [KERNELS.countFires]: (wasm, { f }) => reduce(wasm, f!, 1, "addFires", () => [rowsOf(wasm, f!)]),
  [KERNELS.tokenSums]: (wasm, { error, x, centre }) =>
    reduce(wasm, x!, 3, "addTokens", () => [
      ...[rowsOf(wasm, error!), rowsOf(wasm, x!), row(wasm, centre!)],
    ]),
  [KERNELS.sumsOnward]: (wasm, { x }, { factor }) => {
    const result = wasm.makeOutput(x!.shape, "float32");
    numbers(wasm, result).fill(0);
    const [n, size] = [x!.shape[0]!, sizeOf(x!) / x!.shape[0]!];
    const [from, to] = [placed(wasm, x!).at, placed(wasm, result).at];
    const { addRow } = rowLoops(wasm);
    for (let at = (n - 1) * size; at >= 0; at -= size) {
      if (at < (n - 1) * size) addRow(size, to + at, to + at + size, 1);
      addRow(size, to + at, from + at, factor as number);
    }
    return result;
  },
  [KERNELS.clip]: (wasm, { across, ...gradients }, { longest }) => {
    const result = wasm.makeOutput([2], "float32");
    const { dot } = rowLoops(wasm);
    const squares = Object.values(gradients).map((g) => {
      const { at } = placed(wasm, g);
      return dot(sizeOf(g), at, at);
    });
    if (across) {
      const F = across.shape[1]!;
      const { at } = placed(wasm, across);
      const whole = numbers(wasm, across)
        .subarray(F)
        .reduce((sum, square) => sum + square, 0);
      squares[squares.length - 1] = whole - dot(F, at, at);
    }
    const norm = Math.sqrt(squares.reduce((a, b) => a + b, 0));
    numbers(wasm, result).set([norm, Math.min((longest as number) / (norm + 1e-6), 1)]);
    return result;
  },
  [KERNELS.adam]: (wasm, { w, g, m, v, clip }, rates) => {
    const results = [w!, w!, w!].map(({ shape }) => wasm.makeOutput(shape, "float32"));
    const places = [...results, w!, m!, v!, g!].map((tensor) => placed(wasm, tensor).at);
    const factor = numbers(wasm, clip!)[1]!;
    rowLoops(wasm).adam(sizeOf(w!), ...places, factor, ...ratesOf(rates));
    return results;
  },
  [KERNELS.adamAcross]: (wasm, { w, g, m, v, clip, across }, rates) => {
    const results = [w!, w!, w!].map(({ shape }) => wasm.makeOutput(shape, "float32"));
    const squares = wasm.makeOutput([w!.shape[1]!], "float32");
    numbers(wasm, squares).fill(0);
    const through = (tensor: TensorInfo) => rowsOf(wasm, tensor);
    const along = row(wasm, across!);
    const arrays = [...results.map(through), row(wasm, squares), ...[w!, m!, v!, g!].map(through)];
    const { adamAcross, divideByRoots } = rowLoops(wasm);
    eachRow(w!, adamAcross, [...arrays, along], [numbers(wasm, clip!)[1]!, ...ratesOf(rates)]);
    eachRow(w!, divideByRoots, [through(results[0]!), row(wasm, squares)]);
    wasm.disposeData(squares.dataId);
    return results;
  },
};

const sizeOf = ({ shape }: TensorInfo) => shape.reduce((a, b) => a * b, 1);

/** Makes them known to TensorFlow.js; again does no harm. */
export function registerWasmKernels(): void {
  if (isRegistered(KERNELS.keepLargest, "wasm")) return;
  for (const [kernelName, kernel] of Object.entries(WASM)) {
    tf.registerKernel({
      kernelName,
      backendName: "wasm",
      kernelFunc: ({ inputs, backend, attrs }) =>
        kernel(backend as Wasm, inputs as Inputs, attrs as Attributes),
    });
  }
}
