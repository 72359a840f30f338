/** The bench: the one model that all experiments use. */
import { LabError } from "../core/lab-error.ts";
import type { EditedSpec } from "../core/model-edit.ts";
import type { ModelSource } from "../core/model-source.ts";
import type { LoadedModel } from "../model/loaded-model.ts";

/** Where its checkpoint was got, and what was changed of it then. */
interface Origin {
  source: ModelSource;
  edited: EditedSpec | null;
}
let current: LoadedModel | null = null;
let currentOrigin: Origin | null = null;

export const bench = {
  /** null before the first model has loaded */
  current: (): LoadedModel | null => current,
  /** @throws LabError "not-found" before the first model has loaded */
  require(): LoadedModel {
    if (current) return current;
    throw new LabError("not-found", "no model is loaded yet; load one first");
  },
  /** @throws LabError "not-found" before the first model has loaded */
  origin(): Origin {
    if (currentOrigin) return currentOrigin;
    throw new LabError("not-found", "no model is loaded yet; load one first");
  },
  /** Puts a model on the bench and lets go of the one before it. */
  async set(model: LoadedModel, origin: Origin | null = null): Promise<void> {
    const before = current;
    current = model;
    currentOrigin = origin;
    await before?.dispose();
  },
};
