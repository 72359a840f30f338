/** What of the bench a Python program must know to do the same: plain data. */
import type { Basis } from "../core/basis.ts";
import type { BenchEdit } from "../core/bench-edit.ts";
import type { InputNorm, SaeVariant } from "../core/sae.ts";
import type { Gpt2Config } from "../core/types.ts";

export interface ModelFacts {
  id: string;
  source: "embedded" | "hub" | "files";
  /** Branch or tag; null off the Hub. */
  revision: string | null;
  /** What it stood for, where the server told it. */
  commit: string | null;
  /** The server; null off the Hub. */
  hub: string | null;
  /** Whether the app rounded its float32 weights to float16 when it stored them. */
  rounded: boolean;
  /** Whether its weights were edited in the app: then it is a folder that the app exported. */
  edited?: boolean;
  config: Gpt2Config;
}

export interface SaeFacts {
  id: string;
  name: string;
  hook: string;
  /** Where a transcoder writes; not there for an autoencoder, which writes where it reads. */
  hookOut?: string;
  variant: SaeVariant;
  dSae: number;
  /** Of one that reads normalised activations. */
  normalize?: InputNorm;
  /** Shipped with the app, or in this browser only. */
  shipped: boolean;
}

export interface RunFacts {
  /** Where the app is served; its own model, SAE and corpus lie there. Ends with "/". */
  app: string;
  model: ModelFacts;
  prompt: string | readonly number[];
  prependBos: boolean;
  /** How many tokens of it were run, where the prompt was cut; else null. */
  cutTo: number | null;
  /** The second prompt of a comparison. */
  other: string | null;
  basis: Basis;
  /** Those that are on, and fit the model. */
  edits: readonly BenchEdit[];
  /** Of the edits' features. */
  saes: readonly SaeFacts[];
}
