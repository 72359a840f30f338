/** One prompt run again and again, each time with other edits: what comes back while it goes on. */
import type { TensorData } from "./types.ts";

/** Some experiments that are done. They are not computed in the order in which they were given. */
export interface ExperimentRows {
  /** Which ones: indices into the list that was given, in the order of the rows below. */
  experiments: number[];
  /** [rows, T or 1, vocabulary]; null if no logits were asked for */
  logits: TensorData | null;
  /** [rows, …] */
  cache: [string, TensorData][];
  /** Experiments done so far, of all. */
  done: number;
  total: number;
  /** An estimate; null until the first rows have been timed. */
  secondsLeft: number | null;
}
