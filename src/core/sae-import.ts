/** What an autoencoder's files do not say, and the user is asked for. Plain data. */
import type { Densities, SaeConfig, SaeSummary, SaeWeights } from "./sae.ts";

/** Kinds of dictionary_learning whose tensors have the same names. */
export const DICTIONARY_KINDS = [
  "AutoEncoderTopK",
  "BatchTopKSAE",
  "MatryoshkaBatchTopKSAE",
] as const;
export type DictionaryKind = (typeof DICTIONARY_KINDS)[number];

/** What the user says of the files. */
export interface SaidOfSae {
  /** The hook point that it reads. */
  hook: string;
  modelId: string;
  kind?: DictionaryKind;
}

/** The files are in order, but do not say what they read. */
export interface SaeQuestion {
  /** Who wrote it. */
  format: "OpenAI" | "dictionary_learning";
  file: string;
  dIn: number;
  dSae: number;
  /** Hook point that the names of file and folder hint at; null if they do not. */
  hook: string | null;
  /** Kinds that it may be; empty where its tensors tell. */
  kinds: readonly DictionaryKind[];
}

/** An autoencoder as its files hold it. */
export interface ReadSae {
  config: SaeConfig;
  weights: SaeWeights;
  /** null where the files give none */
  name: string | null;
  /** How it was read, where more than one way was possible. */
  notes: readonly string[];
  densities: Densities | null;
}

export type ImportOutcome = { summary: SaeSummary } | { question: SaeQuestion };
