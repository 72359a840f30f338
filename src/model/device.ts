/**
 * Where the model runs: a hardware GPU through WebGPU if there is one, else WebAssembly. Browsers also offer WebGPU in
 * software; it is right but far slower than WebAssembly, so it is used only when WebGPU is asked for by name.
 * There is one GPU device for the life of the worker: ONNX Runtime cannot change its device, and training shares it. After
 * a loss the page starts another worker (`rpc/recover.ts`).
 */
import { LabError } from "../core/lab-error.ts";
import type { Device, DevicePreference } from "../core/types.ts";
import { watchFaults } from "./gpu-faults.ts";

export interface DeviceChoice {
  device: Device;
  /** For the chip, in words. */
  reason: string;
  gpu: GPUDevice | null;
  /** Resolves if the GPU goes away; null without one. */
  lost: Promise<LabError> | null;
}
interface HeldGpu {
  gpu: GPUDevice;
  name: string;
  software: boolean;
  lost: Promise<LabError>;
  /** Set when it has been lost. */
  error: LabError | null;
}

/** The defaults are too small for an embedding of 154 MB. */
const LIMITS = [
  "maxBufferSize",
  "maxStorageBufferBindingSize",
  "maxStorageBuffersPerShaderStage",
  "maxComputeInvocationsPerWorkgroup",
  "maxComputeWorkgroupStorageSize",
  "maxComputeWorkgroupSizeX",
  "maxComputeWorkgroupSizeY",
  "maxComputeWorkgroupSizeZ",
  "maxComputeWorkgroupsPerDimension",
] as const;
const FEATURES = ["shader-f16", "timestamp-query", "subgroups"] as const;

const WASM = { device: "wasm", gpu: null, lost: null } as const;
/** Such a page gets neither the GPU nor shared memory for threads. */
const PLAIN_HTTP = "slow, as this page is not served over https";
const isSecure = () => (globalThis as { isSecureContext?: boolean }).isSecureContext !== false;
let held: HeldGpu | null = null;

/** @throws LabError "no-webgpu" if WebGPU was asked for and there is none, "device-lost" if this worker's GPU was lost */
export async function chooseDevice(preference: DevicePreference): Promise<DeviceChoice> {
  if (preference === "wasm") return { ...WASM, reason: "CPU, as asked" };
  if (held?.error) throw held.error;
  const adapter = held ? null : await requestAdapter();
  if (!held && !adapter) {
    if (preference === "auto") return { ...WASM, reason: isSecure() ? "no GPU here" : PLAIN_HTTP };
    throw new LabError(
      "no-webgpu",
      isSecure()
        ? "this browser offers no WebGPU here; use a browser with WebGPU and a GPU, or leave the choice of device to the lab"
        : "browsers offer WebGPU only to pages that come over https or from localhost; serve this one so, or leave the choice of device to the lab",
    );
  }
  if (preference === "auto" && (held?.software ?? isSoftware(adapter!.info))) {
    return { ...WASM, reason: "no GPU here (WebGPU only in software)" };
  }
  held ??= await requestDevice(adapter!);
  const { gpu, name, software, lost } = held;
  return { device: "webgpu", gpu, lost, reason: software ? `${name} in software, as asked` : name };
}

async function requestAdapter(): Promise<GPUAdapter | null> {
  const gpu = (navigator as Partial<Navigator>).gpu; // absent where the page is not served securely
  return (await gpu?.requestAdapter({ powerPreference: "high-performance" })) ?? null;
}

async function requestDevice(adapter: GPUAdapter): Promise<HeldGpu> {
  const gpu = await adapter.requestDevice({
    requiredLimits: Object.fromEntries(LIMITS.map((name) => [name, adapter.limits[name]])),
    requiredFeatures: FEATURES.filter((name) => adapter.features.has(name)),
  });
  watchFaults(gpu);
  const lost = gpu.lost.then(({ message }) => {
    const why = message ? ` (${message})` : "";
    const error = new LabError("device-lost", `the GPU stopped${why}`);
    if (held?.gpu === gpu) held.error = error;
    return error;
  });
  const software = isSoftware(adapter.info);
  return { gpu, name: nameOf(adapter.info), software, lost, error: null };
}

const isSoftware = (info: GPUAdapterInfo): boolean =>
  info.isFallbackAdapter || /swiftshader|llvmpipe|lavapipe|basic render/i.test(words(info));

const words = ({ vendor, architecture, description }: GPUAdapterInfo) =>
  [vendor, architecture, description].join(" ");

/** What the browser tells of the GPU: often no more than vendor and architecture. */
function nameOf({ vendor, architecture, description }: GPUAdapterInfo): string {
  const name = description || [vendor, architecture].filter(Boolean).join(" ");
  return name || "GPU";
}
