import { expect, it } from "vitest";
import { LabError } from "../../src/core/lab-error.ts";
import { explain, guard } from "../../src/model/run-guard.ts";

const loss = new LabError("device-lost", "the GPU stopped");

/** A device that can be lost: `resolve` loses it. */
function device() {
  let resolve: (error: LabError) => void = () => {};
  const promise = new Promise<LabError>((done) => (resolve = done));
  return { promise, resolve: (error: LabError) => resolve(error) };
}

it("passes results and errors on while the device is there", async () => {
  const guarded = guard(new Promise(() => {}));
  expect(await guarded(() => Promise.resolve(3))).toBe(3);
  await expect(guarded(() => Promise.reject(new Error("odd")))).rejects.toThrow("odd");
});

it("ends a run that the lost device leaves unanswered, and refuses all later ones", async () => {
  const { promise, resolve } = device();
  const guarded = guard(promise);
  const run = guarded(() => new Promise(() => {}));
  resolve(loss);
  await expect(run).rejects.toBe(loss);
  let ran = false;
  const later = guarded(() => {
    ran = true;
    return Promise.resolve();
  });
  await expect(later).rejects.toBe(loss);
  expect(ran).toBe(false);
});

it("reports the loss, not the error that came of it", async () => {
  const { promise, resolve } = device();
  const guarded = guard(promise);
  resolve(loss);
  const run = guarded(async () => {
    await promise;
    throw new Error("OrtRun() failed");
  });
  await expect(run).rejects.toBe(loss);
});

it("waits for the loss after a buffer could not be read, and tells it instead", async () => {
  const { promise, resolve } = device();
  const run = guard(promise)(() => Promise.reject(new DOMException("unmapped", "AbortError")));
  setTimeout(() => resolve(loss), 20);
  await expect(run).rejects.toBe(loss);
});

it("does not wait where somebody gave up", async () => {
  const cancelled = new LabError("cancelled", "cancelled");
  const run = guard(new Promise(() => {}))(() => Promise.reject(cancelled));
  await expect(run).rejects.toBe(cancelled);
});

it("tells a lack of memory apart", () => {
  const error = explain(new Error("ERROR_CODE: 6, ERROR_MESSAGE: std::bad_alloc"));
  expect(error.code).toBe("out-of-memory");
  expect(error.message).toMatch(/fewer tokens or a smaller model/);
  expect(explain(new Error("other")).code).toBe("internal");
  expect(explain(loss)).toBe(loss);
});
