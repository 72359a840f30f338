/** Where a model comes from, what is known of it before it is fetched, and how far its loading is. */

/** Where a model comes from. The embedded one is named by its folder under `public/models/`. */
export type ModelSource =
  | { kind: "embedded"; id: string }
  | HubSource
  | {
      kind: "files";
      files: File[];
      /** Of the folder that they came in. */ name?: string | undefined;
    };

/** A model of the Hugging Face Hub, or of a mirror in its place. */
export interface HubSource {
  kind: "hub";
  id: string;
  /** Branch, tag or commit. */
  revision: string;
  /** The mirror's address; the Hub itself without one. */
  hub?: string | undefined;
  /** Keep float32 weights rounded to float16, if they are not kept yet: half the storage. */
  half?: boolean | undefined;
  /** Look for the branch's newest commit, also when an older one is kept. */
  refresh?: boolean | undefined;
}

/** A model of the Hub as it is known before its weights are fetched. */
export interface ModelLook {
  id: string;
  revision: string;
  commit: string | null;
  hub: string;
  parameters: number;
  /** How the weights are stored there: "float32", or several of them. */
  dtype: string;
  /** Of the weight files. */
  fileBytes: number;
  /** What they take when they are kept as float16; null if they are in 16 bits anyway. */
  halfBytes: number | null;
  /** What of them is in this browser already. */
  keptBytes: number;
  /** Whether all of it is, so that it loads without the network. */
  kept: boolean;
  /** Estimate, with the model at work; while it is loaded its files come on top. */
  memoryBytes: number;
  /** Memory of this computer as far as the browser tells (at most 8 GB); null where it does not. */
  deviceBytes: number | null;
}

export interface LoadProgress {
  /** "waiting": another tab is fetching the same model. */
  phase: "config" | "waiting" | "weights" | "session";
  file: string;
  loadedBytes: number;
  /** null while the server has not said. */
  totalBytes: number | null;
  bytesPerSecond: number | null;
  fromCache: boolean;
  /** How much memory the model will take, estimated; once it is known. */
  memoryBytes?: number;
}
