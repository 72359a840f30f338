/** The bench: the one model that all experiments use. */
import { LabError } from "../core/lab-error.ts";
import type { LoadedModel } from "../model/loaded-model.ts";

let current: LoadedModel | null = null;

export const bench = {
  /** null before the first model has loaded */
  current: (): LoadedModel | null => current,
  /** @throws LabError "not-found" before the first model has loaded */
  require(): LoadedModel {
    if (current) return current;
    throw new LabError("not-found", "no model is loaded yet; load one first");
  },
  /** Puts a model on the bench and lets go of the one before it. */
  async set(model: LoadedModel): Promise<void> {
    const before = current;
    current = model;
    await before?.dispose();
  },
};
