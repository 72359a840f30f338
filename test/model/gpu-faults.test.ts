import { expect, it, vi } from "vitest";
import { takeFault, watchFaults } from "../../src/model/gpu-faults.ts";
import { guard } from "../../src/model/run-guard.ts";

class OutOfMemory {
  readonly message: string;
  constructor(message: string) {
    this.message = message;
  }
}

/** A device that can tell of errors. */
function device() {
  vi.stubGlobal("GPUOutOfMemoryError", OutOfMemory);
  const gpu = new EventTarget() as GPUDevice;
  watchFaults(gpu);
  const tell = (error: { message: string }) => {
    const event = Object.assign(new Event("uncapturederror", { cancelable: true }), { error });
    gpu.dispatchEvent(event);
    return event;
  };
  return { gpu, tell };
}

it("keeps the first error, in words, until it is taken", () => {
  const { gpu, tell } = device();
  expect(takeFault(gpu)).toBeNull();
  expect(takeFault(null)).toBeNull();
  expect(tell(new OutOfMemory("buffer of 9 GB")).defaultPrevented).toBe(true);
  tell({ message: "invalid buffer" });
  const fault = takeFault(gpu);
  expect(fault).toMatchObject({ code: "out-of-memory" });
  expect(fault!.message).toMatch(/not enough memory.*buffer of 9 GB.*use fewer tokens/);
  expect(takeFault(gpu)).toBeNull();
  tell({ message: "invalid buffer" });
  expect(takeFault(gpu)).toMatchObject({ code: "internal" });
});

it("fails the run during which it came, though that has an answer, and not the next", async () => {
  const { gpu, tell } = device();
  const guarded = guard(null, () => takeFault(gpu));
  const run = guarded(() => {
    tell({ message: "invalid buffer" });
    return Promise.resolve("rubbish");
  });
  await expect(run).rejects.toThrow(/cannot be trusted \(invalid buffer\)/);
  expect(await guarded(() => Promise.resolve(3))).toBe(3);
});

it("is named as the cause of an error that came of it", async () => {
  const { gpu, tell } = device();
  const guarded = guard(null, () => takeFault(gpu));
  const run = guarded(() => {
    tell(new OutOfMemory("buffer of 9 GB"));
    return Promise.reject(new Error("OrtRun() failed"));
  });
  await expect(run).rejects.toMatchObject({ code: "out-of-memory" });
});
