/** How far a step is, by its run. */
import { asSentence } from "../../../ui/advice.ts";
import type { StepStatus } from "./step.tsx";

interface SweepRun {
  status: "running" | "done" | "stopped" | "failed";
  done: number;
  total: number;
  error: { message: string } | null;
}
/** The state of a step by its run, if it can be run. */
export function stateOf(run: SweepRun | null, waitsFor: string | null) {
  const status: StepStatus = run?.status ?? (waitsFor === null ? "ready" : "waiting");
  const error = run?.error ? asSentence(run.error.message) : null;
  return { status, waitsFor, error, progress: run && { done: run.done, total: run.total } };
}
