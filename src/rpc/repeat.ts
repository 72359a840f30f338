/**
 * Which calls may be made again after the worker died under them. What only reads or computes may; what changes something
 * may have done so before it was cut off. A training goes on from its last checkpoint, a search for a circuit
 * from the last state that was told.
 */
import type { LabApi, Method } from "./contract.ts";

/** What these have done, a second call would do twice, or would find done. */
const CHANGES: ReadonlySet<Method> = new Set<Method>([
  "circuits.delete",
  "sae.import",
  "sae.delete",
  "sae.rename",
  "sae.pause",
  "storage.delete",
  "text.delete",
  "edited.delete",
  "edited.read",
  "edited.stop",
]);

/** A call to be made in another's place. */
export type Repetition = {
  [M in Method]: { method: M; input: LabApi[M]["input"] };
}[Method];

/**
 * @param heard the progress that had been told, in order
 * @returns what to call; null if nothing may be
 */
export function repetitionOf<M extends Method>(
  method: M,
  input: LabApi[M]["input"],
  heard: readonly unknown[],
): Repetition | null {
  if (CHANGES.has(method)) return null;
  if (method === "sae.train" || method === "sae.sweep" || method === "sae.fork") {
    const last = heard.at(-1) as LabApi["sae.train"]["progress"] | undefined;
    if (last) return { method: "sae.continue", input: { id: last.runId } };
  }
  if (method === "circuits.acdc") {
    const last = heard.at(-1) as LabApi["circuits.acdc"]["progress"] | undefined;
    const question = input as LabApi["circuits.acdc"]["input"];
    if (last) return { method: "circuits.acdc", input: { ...question, state: last.state } };
  }
  return { method, input } as Repetition;
}

/** Whether what a call tells on its way adds up, so that a second telling must not be heard twice. */
export const isStream = (method: Method): boolean => method === "model.generate";
