/**
 * Errors that a GPU tells of by an event only: memory that could not be had, commands that it refused. Whoever asked for
 * the work gets an answer all the same, made of whatever was in memory. So each run looks here before it is believed.
 */
import { LabError } from "../core/lab-error.ts";

/** The first error of each device since somebody took it; what follows the first mostly comes of it. */
const faults = new WeakMap<GPUDevice, LabError>();

/** @param gpu watched from now on */
export function watchFaults(gpu: GPUDevice): void {
  gpu.addEventListener("uncapturederror", (event) => {
    event.preventDefault(); // it is told to the user, not to the console
    if (!faults.has(gpu)) faults.set(gpu, toFault(event.error));
  });
}

/** The device's error since the last call; null if there was none. */
export function takeFault(gpu: GPUDevice | null): LabError | null {
  if (!gpu) return null;
  const fault = faults.get(gpu) ?? null;
  faults.delete(gpu);
  return fault;
}

function toFault(error: GPUError): LabError {
  const what = error.message.trim();
  if (error instanceof GPUOutOfMemoryError) {
    return new LabError(
      "out-of-memory",
      `the GPU has not enough memory for this (${what}); use fewer tokens, a smaller model or SAE, or the CPU`,
      { cause: error },
    );
  }
  return new LabError(
    "internal",
    `the GPU refused a part of the work, so that its result cannot be trusted (${what}); try again, or load the model on the CPU`,
    { cause: error },
  );
}
