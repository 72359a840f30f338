/** What the Circuits lab asks of the worker. Every method reads or computes and changes nothing. */
import type {
  PatchAnswer,
  PatchProgress,
  PatchQuestion,
  PreviewProgress,
  PreviewQuestion,
} from "../core/patching.ts";
import type { MadeTask, PairBaseline, ReadPair, RunPair, Task, TaskRequest } from "../core/task.ts";
import type { Procedure } from "./procedure.ts";

export interface CircuitApi {
  "task.make": Procedure<TaskRequest, MadeTask>;
  /** The pairs as the model reads them. Pairs that cannot be run say why. */
  "task.read": Procedure<Task, ReadPair[]>;
  "task.baseline": Procedure<RunPair[], PairBaseline[], { done: number; total: number }>;
  /** The metric of every patched run comes as progress. */
  "patching.sweep": Procedure<PatchQuestion, PatchAnswer, PatchProgress>;
  /** Estimates of all cells, pair by pair, as progress. */
  "patching.preview": Procedure<PreviewQuestion, null, PreviewProgress>;
}
