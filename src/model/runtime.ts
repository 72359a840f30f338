/** ONNX Runtime as the engine uses it, handed in: tests bring the build for Node. */
import type { InferenceSession, Tensor, TensorConstructor } from "onnxruntime-web";
import type { TensorData } from "../core/types.ts";

export interface Runtime {
  session: InferenceSession;
  Tensor: TensorConstructor & {
    fromGpuBuffer: (typeof Tensor)["fromGpuBuffer"];
  };
  /** Another session, of a small graph without weights, on the CPU. */
  openGraph: (graph: Uint8Array) => Promise<InferenceSession>;
  /** The device that the session runs on; null for WebAssembly. */
  gpu: GPUDevice | null;
}
export const toTensorData = (tensor: Tensor): TensorData => ({
  data: tensor.data as Float32Array,
  dims: [...tensor.dims],
});
