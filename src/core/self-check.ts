/** What the self-check says: known values and internal identities of the model on the bench, each with its verdict. */
import type { ModelInfo } from "./model-info.ts";
import type { Device } from "./types.ts";

/** "error": the check could not be made; its note says why. It counts as failed: what cannot be said is not right. */
export type CheckStatus = "pass" | "fail" | "error";

export interface CheckResult {
  id: string;
  /** `reference`: values known from elsewhere, of these very weights. `identity`: what holds in every GPT-2. */
  group: "reference" | "identity";
  /** In words, with the formula. */
  what: string;
  /** Of many values compared, the one that is furthest off. */
  expected: number | string | null;
  found: number | string | null;
  /** |found − expected|; null where they are no numbers. */
  difference: number | null;
  /** The largest difference that passes, in the same unit. */
  tolerance: number | null;
  /** Which of the values it was. */
  where: string | null;
  /** How many values were compared. */
  compared: number;
  status: CheckStatus;
  note: string | null;
}

export interface SelfCheckReport {
  model: Pick<ModelInfo, "id" | "source" | "revision" | "commit" | "rounded" | "parameters">;
  device: Device;
  deviceReason: string;
  /** What the values were compared with, or why there was nothing to compare them with. */
  reference: string;
  results: CheckResult[];
  passed: number;
  failed: number;
  milliseconds: number;
  /** ISO 8601 */
  at: string;
}

export interface SelfCheckProgress {
  done: number;
  total: number;
  /** What is being checked now. */
  what: string;
  /** All results up to now. */
  results: CheckResult[];
}
