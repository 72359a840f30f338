/** How every piece of asynchronous work is held in the store. */
import type { LabError } from "../core/lab-error.ts";

/** The state of one piece of work: a single value, so "running" and "failed" cannot both be true. */
export type Task<T, P = null> =
  | { status: "idle" }
  | { status: "running"; progress: P | null }
  | { status: "ready"; value: T }
  | { status: "failed"; error: LabError };

export const IDLE = { status: "idle" } as const;
