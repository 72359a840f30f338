/** `lab.edited`: models with edited weights. One of them comes to the bench by `lab.load(base, { edited })`. */
import type { EditedModel, EditedSpec, WeightEdit, WeightTarget } from "../core/model-edit.ts";
import type { SteerRow } from "../core/steer.ts";
import type {
  DriftAnswer,
  DriftQuestion,
  TuneOutcome,
  TuneProgress,
  TuneRecipe,
} from "../core/tune.ts";
import type { LabClient } from "../rpc/client.ts";

interface Long<P> {
  signal?: AbortSignal;
  onProgress?: (progress: P) => void;
}
export interface LabEdited {
  /** Those that this browser keeps, newest first. */
  list(): Promise<EditedModel[]>;
  save(model: EditedModel): Promise<void>;
  delete(model: EditedModel): Promise<void>;
  /** What mean ablation puts in a target's place: over contexts of the lab's corpus, in the model on the bench. */
  mean(target: WeightTarget, contexts?: number): Promise<number[]>;
  /** What a steering row adds at every position, times its amount. */
  vector(row: SteerRow): Promise<{ hook: string; vector: number[] }>;
  /** Fine-tunes chosen components of the base on the bench, on top of edits. */
  tune(
    edits: readonly WeightEdit[],
    recipe: TuneRecipe,
    options?: Long<TuneProgress>,
  ): Promise<TuneOutcome>;
  /** Ends the fine-tuning under way with what was best. */
  stop(): Promise<void>;
  /** The base on the bench, and it with each list of edits: on neutral text, and on a task. */
  drift(
    question: DriftQuestion,
    options?: Long<{ done: number; total: number }>,
  ): Promise<DriftAnswer>;
  /** The files of the edited checkpoint, with a model card. */
  export(model: EditedSpec, card: string): Promise<File[]>;
  /** The list of edits as JSON, with what was tuned; and back. */
  write(model: EditedModel): Promise<string>;
  read(text: string): Promise<EditedModel>;
}

const MEAN_CONTEXTS = 32;

export const createEdited = (client: LabClient): LabEdited => ({
  list: async () => client.call("edited.list", null),
  save: async (model) => void (await client.call("edited.save", model)),
  delete: async ({ id, edits }) => {
    const tuned = edits.flatMap((edit) => (edit.kind === "tuned" ? [edit.id] : []));
    await client.call("edited.delete", { id, tuned });
  },
  mean: async (target, contexts = MEAN_CONTEXTS) =>
    client.call("edited.mean", { target, contexts }),
  vector: async (row) => client.call("edited.vector", row),
  tune: async (edits, recipe, options = {}) =>
    client.call("edited.tune", { edits: [...edits], recipe }, options),
  stop: async () => void (await client.call("edited.stop", null)),
  drift: async (question, options = {}) => client.call("edited.drift", question, options),
  export: async ({ id, name, edits }, card) => {
    const files = await client.call("edited.export", { model: { id, name, edits }, card });
    return files.map(({ name: file, data }) => new File([data], file));
  },
  write: async (model) => client.call("edited.write", model),
  read: async (text) => client.call("edited.read", { text, at: new Date().toISOString() }),
});
