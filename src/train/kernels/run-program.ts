/** A compute shader of ours, run by TensorFlow.js's WebGPU backend. */
import type { TensorInfo } from "@tensorflow/tfjs-core";
import type { WebGPUBackend, WebGPUProgram } from "@tensorflow/tfjs-backend-webgpu";

export type Inputs = Record<string, TensorInfo>;
export type Gpu = Pick<WebGPUBackend, "runWebGPUProgram" | "disposeData">;
interface Uniform {
  type: string;
  data: number[];
}

export const whole = (...values: number[]): Uniform[] =>
  values.map((v) => ({ type: "int32", data: [v] }));
export const real = (...values: number[]): Uniform[] =>
  values.map((v) => ({ type: "float32", data: [v] }));

/** Runs a program on the inputs that it names. */
export const runProgram = (
  gpu: Gpu,
  program: WebGPUProgram,
  inputs: Inputs,
  uniforms: Uniform[],
): TensorInfo =>
  gpu.runWebGPUProgram(
    program,
    program.variableNames.map((name) => inputs[name]!),
    "float32",
    uniforms,
  );
