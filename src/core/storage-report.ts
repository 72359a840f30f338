/** What this browser keeps for the lab. */

/** A model of the Hub in this browser's storage. */
export interface KeptModel {
  /** Names it for `storage.delete`. */
  key: string;
  id: string;
  hub: string;
  /** The branches and tags that it was loaded for. */
  revisions: string[];
  commit: string | null;
  /** What it takes here. */
  bytes: number;
  /** What it will take when it is complete. */
  totalBytes: number;
  complete: boolean;
  /** Whether its float32 weights are kept rounded to float16. */
  rounded: boolean;
  /** ISO 8601 */
  savedAt: string;
}

/** What this browser keeps for the lab. */
export interface StorageReport {
  models: KeptModel[];
  saes: { count: number; bytes: number };
  /** The browser's own estimate of all that this site keeps, and of what it may; null where it gives none. */
  usedBytes: number | null;
  quotaBytes: number | null;
  /** Whether the browser has promised not to clear it by itself. */
  persisted: boolean;
}
