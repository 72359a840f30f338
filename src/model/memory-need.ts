/**
 * How much memory a model takes, estimated from what its files' headers tell, so that one that cannot run is refused
 * before its download. The runtime computes in float32: weights stored in 16 bits are widened when they are loaded.
 */
import { SPLIT_TENSORS } from "./graph-embed.ts";
import { LabError } from "../core/lab-error.ts";
import type { Layout } from "./layout.ts";

const GIB = 2 ** 30;
/** A 32-bit WebAssembly memory ends here; all weights go through it, as float32. */
export const WASM_BYTES = 4 * GIB;
/** Browsers refuse one array of more. */
export const MAX_FILE_BYTES = 2 * GIB;
/** Runtime, graph, activations of one batch: what a page with a small model takes beyond the weights. */
const WORKSPACE_BYTES = 150e6;

export interface MemoryNeed {
  /** In the WebAssembly memory: float32 weights and workspace. */
  wasmBytes: number;
  /** At the highest, while loading: the files are still there beside it. */
  peakBytes: number;
}

type Sized = Pick<Layout, "parameters">;
interface FileSize {
  name: string;
  size: number;
}

/**
 * The estimate, in bytes: 4 · parameters + workspace, and the files on top while loading. Measured with GPT-2 small in
 * Chromium, above an empty page: 0.94 GB at the highest for 1.15 estimated, and 0.76 for 0.90 when it is kept as float16.
 */
export function memoryNeed({ parameters }: Sized, fileBytes: number): MemoryNeed {
  const wasmBytes = 4 * parameters + WORKSPACE_BYTES;
  return { wasmBytes, peakBytes: wasmBytes + fileBytes };
}

function largestWhole({ tensors }: Pick<Layout, "tensors">): {
  name: string;
  elements: number;
} {
  let largest = { name: "", elements: 0 };
  for (const [name, { shape }] of tensors) {
    if (SPLIT_TENSORS.includes(name)) continue;
    const elements = shape.reduce((n, size) => n * size, 1);
    if (elements > largest.elements) largest = { name, elements };
  }
  return largest;
}

/** @throws LabError "unsupported" for a file that no array can hold */
export function refuseLargeFile({ name, size }: FileSize): void {
  if (size <= MAX_FILE_BYTES) return;
  throw new LabError(
    "unsupported",
    `${name} has ${gib(size)}, more than a browser tab can hold in one piece (at most ${gib(MAX_FILE_BYTES)}); ` +
      "take a smaller model, the same one stored as float16, or one in several files",
  );
}

/** @throws LabError "unsupported" for a model that does not fit into WebAssembly's memory */
export function refuseTooLarge(layout: Sized & { files: readonly FileSize[] }): void {
  const { wasmBytes } = memoryNeed(layout, 0);
  if (wasmBytes <= WASM_BYTES) return;
  const millions = Math.round(layout.parameters / 1e6);
  throw new LabError(
    "unsupported",
    `this model has ${millions} million parameters: computing in float32 it needs about ${gib(wasmBytes)}, ` +
      `and WebAssembly in a browser tab has at most ${gib(WASM_BYTES)}; take a smaller model`,
  );
}

/**
 * For a GPU that was asked for by name. The vocabulary's matrices are bound in parts.
 * @param maxBytes what the GPU binds at most
 * @throws LabError "unsupported"
 */
export function refuseForGpu(layout: Pick<Layout, "tensors">, maxBytes: number): void {
  const { name, elements } = largestWhole(layout);
  if (4 * elements <= maxBytes) return;
  throw new LabError(
    "unsupported",
    `tensor "${name}" takes ${gib(4 * elements)}, and this GPU works on at most ${gib(maxBytes)} in one piece; ` +
      "choose WASM or “auto” as the device",
  );
}

const gib = (bytes: number) => `${(bytes / GIB).toFixed(1)} GiB`;
