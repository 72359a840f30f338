/** Edited models: what is kept of them, what is measured and trained for them, and what leaves the page. */
import type { EditedModel, EditedSpec, WeightEdit, WeightTarget } from "../core/model-edit.ts";
import type { SteerRow } from "../core/steer.ts";
import type {
  DriftAnswer,
  DriftQuestion,
  TuneOutcome,
  TuneProgress,
  TuneRecipe,
} from "../core/tune.ts";
import type { Procedure } from "./procedure.ts";

export interface EditedApi {
  /** Newest first. */
  "edited.list": Procedure<null, EditedModel[]>;
  "edited.save": Procedure<EditedModel, null>;
  /** With the numbers of those fine-tunings that are named. */
  "edited.delete": Procedure<{ id: string; tuned: string[] }, null>;
  /** The mean of what a target gives, over the lab's corpus, in the model on the bench. */
  "edited.mean": Procedure<{ target: WeightTarget; contexts: number }, number[]>;
  /** What a steering row adds at every position, as a vector at a hook point. */
  "edited.vector": Procedure<SteerRow, { hook: string; vector: number[] }>;
  /** Trains what is chosen on top of `edits`; the numbers are stored under the id of the answer. */
  "edited.tune": Procedure<{ edits: WeightEdit[]; recipe: TuneRecipe }, TuneOutcome, TuneProgress>;
  /** Ends the fine-tuning under way, which then answers with what was best. */
  "edited.stop": Procedure<null, null>;
  "edited.drift": Procedure<DriftQuestion, DriftAnswer, { done: number; total: number }>;
  /** The files of the edited checkpoint. */
  "edited.export": Procedure<
    { model: EditedSpec; card: string },
    { name: string; data: Uint8Array<ArrayBuffer> }[]
  >;
  /** The list of edits as a file, with what was tuned. */
  "edited.write": Procedure<EditedModel, string>;
  /** Reads such a file, and keeps it under an id of its own. @param at ISO 8601 */
  "edited.read": Procedure<{ text: string; at: string }, EditedModel>;
}
