/** The facts of a loaded model. */

import type { Device, Gpt2Config } from "./types.ts";

export interface ModelInfo {
  /** `tinylab-gpt2-4l`, `openai-community/gpt2`, or a name made from the dropped files. */
  id: string;
  source: "embedded" | "hub" | "files";
  revision: string | null;
  /** The commit that the revision stood for, where the server told it. */
  commit: string | null;
  /** The address that it came from: the Hub's or a mirror's; null off the Hub. */
  hub: string | null;
  /** Whether its float32 weights were rounded to float16 when they were stored here. */
  rounded: boolean;
  config: Gpt2Config;
  device: Device;
  /** Why this device, in words for the chip: "NVIDIA RTX …", "no GPU here". */
  deviceReason: string;
  /** WASM threads (1 without cross-origin isolation). */
  threads: number;
  parameters: number;
  /** Bytes of weights as they lie in the checkpoint. */
  weightBytes: number;
  /** Every hook point that `runWithCache` can return, in forward order. */
  hooks: string[];
  /** Where its weights are not those of a checkpoint: what was changed. `id` is then the edited model's own name. */
  edited?: EditedFacts | undefined;
  /** What went less well than it should while loading ("the browser has no storage left …"); mostly empty. */
  warnings: string[];
}

/** Of the model on the bench. */
export interface EditedFacts {
  id: string;
  /** The base's own name. */
  base: string;
  /** Changes that are switched on. */
  edits: number;
}
