/** Codes that programs may switch on; each has its advice in `ui/advice.ts`. */
export type ErrorCode =
  | "bad-input" // what the user typed or chose cannot be used
  | "bad-file" // a file is broken, cut off, or not what it says it is
  | "unsupported" // well formed, but not something this lab can run
  | "not-found" // no such model, feature, run …
  | "network" // the other side could not be reached, or stopped answering
  | "quota" // the browser gives no more storage
  | "out-of-memory"
  | "device-lost" // the GPU went away
  | "no-webgpu"
  | "worker-crash"
  | "shape" // arrays whose lengths do not fit together
  | "degenerate" // the quantity is 0/0 here: it cannot be said
  | "cancelled"
  | "internal";

/** The one error that crosses layers: `code` for programs, `message` for people, `cause` for us. */
export class LabError extends Error {
  readonly code: ErrorCode;
  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = "LabError";
    this.code = code;
  }
}

/** Wraps whatever was thrown, so that nothing but a `LabError` travels further. */
export function toLabError(e: unknown): LabError {
  if (e instanceof LabError) return e;
  if (e instanceof DOMException && e.name === "AbortError") {
    return new LabError("cancelled", "cancelled", { cause: e });
  }
  if (e instanceof DOMException && e.name === "QuotaExceededError") {
    return new LabError("quota", "the browser has no storage left for this site", { cause: e });
  }
  return new LabError("internal", e instanceof Error ? e.message : String(e), { cause: e });
}
