/** TensorFlow.js on its WASM backend in Node: what the tests of src/train run on. */
import "@tensorflow/tfjs-backend-wasm";
import * as tf from "@tensorflow/tfjs-core";
import { registerWasmKernels } from "../../src/train/kernels/wasm.ts";
import { keyedRandom, normal } from "../../src/math/keyed-random.ts";

export async function useWasm(): Promise<void> {
  registerWasmKernels();
  await tf.setBackend("wasm");
  await tf.ready();
}

/** Standard normal numbers by seed. */
export function normals(count: number, ...key: number[]): Float32Array {
  const random = keyedRandom(...key);
  return Float32Array.from({ length: count }, () => normal(random));
}
