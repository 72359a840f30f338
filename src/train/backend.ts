/**
 * TensorFlow.js on the device the model runs on: the very same GPU device, so that activations go into training where
 * they lie, or else its WASM backend. Made on first need and kept.
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor2D } from "@tensorflow/tfjs-core";
import type { WebGPUBackend as WebGpu } from "@tensorflow/tfjs-backend-webgpu";
import { LabError } from "../core/lab-error.ts";
import { fullProductsRunOn } from "./sparse.ts";

export interface Backend {
  readonly name: "webgpu" | "wasm";
  /**
   * Activations [contexts, T, width] in GPU buffers, one for each width → rows [contexts · (T − 1), Σ widths], side by side,
   * without each context's first token.
   * The rows are a copy on the GPU, handed to the queue before this returns: the buffers may be written again.
   */
  adopt(
    buffers: readonly GPUBuffer[],
    contexts: number,
    length: number,
    widths: readonly number[],
  ): Tensor2D;
  /** Rows that came over the CPU. */
  upload(rows: Float32Array, width: number): Tensor2D;
}

/** The device that TensorFlow.js's "webgpu" backend was made for. */
let registered: GPUDevice | null = null;
let gpuBackend: WebGpu | null = null;
let open: { device: GPUDevice | null; backend: Promise<Backend> } | null = null;

/**
 * @param device the model's; null for WASM
 * @param wasmFolder address of the folder that serves tfjs-backend-wasm's files
 */
export function openBackend(
  device: GPUDevice | null,
  wasmFolder: string,
  threads: number,
): Promise<Backend> {
  if (open?.device === device) return open.backend;
  const backend = device ? openGpu(device) : openWasm(wasmFolder, threads);
  open = { device, backend };
  backend.catch(() => {
    open = null;
  });
  return backend;
}

const upload = (rows: Float32Array, width: number): Tensor2D =>
  tf.tensor2d(rows, [rows.length / width, width]);

async function openGpu(device: GPUDevice): Promise<Backend> {
  const [{ WebGPUBackend }, { registerWebGpuKernels }] = await Promise.all([
    import("@tensorflow/tfjs-backend-webgpu"),
    import("./kernels/webgpu.ts"),
  ]);
  registerWebGpuKernels();
  if (registered !== device) {
    // The name must stay "webgpu": that is what its kernels are registered for. Importing the package has taken it.
    tf.removeBackend("webgpu");
    const made = new WebGPUBackend(device, device.adapterInfo);
    tf.registerBackend("webgpu", () => made);
    registered = device;
    gpuBackend = made;
  }
  await use("webgpu");
  const backend = gpuBackend!;
  return {
    name: "webgpu",
    adopt(buffers, contexts, length, widths) {
      const rows = tf.tidy(() => {
        const parts = buffers.map((buffer, i): Tensor2D => {
          const width = widths[i]!;
          const all = tf.tensor({ buffer, zeroCopy: true }, [contexts, length, width], "float32");
          const kept = tf.slice(all, [0, 1, 0], [contexts, length - 1, width]);
          return tf.reshape(kept, [contexts * (length - 1), width]);
        });
        return parts.length === 1 ? parts[0]! : tf.concat2d(parts, 1);
      });
      backend.ensureCommandEncoderReady();
      backend.endComputePassEncoder();
      backend.submitQueue();
      return rows;
    },
    upload,
  };
}

async function openWasm(folder: string, threads: number): Promise<Backend> {
  const [wasm, { registerWasmKernels }] = await Promise.all([
    import("@tensorflow/tfjs-backend-wasm"),
    import("./kernels/wasm.ts"),
  ]);
  registerWasmKernels();
  fullProductsRunOn(threads);
  wasm.setWasmPaths(folder);
  wasm.setThreadsCount(threads);
  await use("wasm");
  return {
    name: "wasm",
    adopt: () => {
      throw new LabError("internal", "the WASM backend has no GPU buffers");
    },
    upload,
  };
}

async function use(name: "webgpu" | "wasm"): Promise<void> {
  const ready: boolean = await tf.setBackend(name).catch((cause: unknown) => {
    throw notReady(name, cause);
  });
  if (!ready) throw notReady(name);
  await tf.ready();
}

const notReady = (name: string, cause?: unknown) =>
  new LabError("internal", `TensorFlow.js could not start its ${name} backend`, { cause });
