/** `lab.model.makeTask`, `readTask`, `taskBaseline`, `patch`, `previewPatches` and `edgeAttribution`: tasks of prompt pairs, and patching on them. */
import type { EapAnswer, EapProgress, EapQuestion } from "../core/edge-attribution.ts";
import type {
  PatchAnswer,
  PatchProgress,
  PatchQuestion,
  PreviewProgress,
  PreviewQuestion,
} from "../core/patching.ts";
import type { MadeTask, PairBaseline, ReadPair, RunPair, Task, TaskRequest } from "../core/task.ts";
import type { LabClient } from "../rpc/client.ts";

export interface LongOptions<P> {
  signal?: AbortSignal;
  onProgress?: (progress: P) => void;
}
export interface CircuitMethods {
  /** Pairs from a recipe of templates and words, by seed. */
  makeTask(request: TaskRequest): Promise<MadeTask>;
  /** The pairs of a task as tokens; those that cannot be run say why. */
  readTask(task: Task): Promise<ReadPair[]>;
  /** Every metric of both prompts of each pair. */
  taskBaseline(
    pairs: readonly RunPair[],
    options?: LongOptions<{ done: number; total: number }>,
  ): Promise<PairBaseline[]>;
  /** Activation patching: the metric of each patched run comes by `onProgress`. */
  patch(question: PatchQuestion, options?: LongOptions<PatchProgress>): Promise<PatchAnswer>;
  /** Attribution patching: estimates of all cells come by `onProgress`, pair by pair. */
  previewPatches(question: PreviewQuestion, options?: LongOptions<PreviewProgress>): Promise<null>;
  /** Edge attribution patching: what corrupting each edge of the circuit graph is estimated to add to the metric. */
  edgeAttribution(question: EapQuestion, options?: LongOptions<EapProgress>): Promise<EapAnswer>;
}

export const circuitMethods = (client: LabClient): CircuitMethods => ({
  makeTask: async (request) => client.call("task.make", request),
  readTask: async (task) => client.call("task.read", task),
  taskBaseline: async (pairs, options = {}) => client.call("task.baseline", [...pairs], options),
  patch: async (question, options = {}) => client.call("patching.sweep", question, options),
  previewPatches: async (question, options = {}) =>
    client.call("patching.preview", question, options),
  edgeAttribution: async (question, options = {}) => client.call("circuits.eap", question, options),
});
