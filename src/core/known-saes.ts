/** Autoencoders on the Hub that are offered by name when their model is on the bench. */
import { blockHook } from "./hooks.ts";

export interface KnownSaes {
  repo: string;
  /** Of whose activations. */
  modelId: string;
  /** What they are, in words. */
  words: string;
  /** Folders, each of one hook point. */
  paths: readonly string[];
  /** Of one of them. */
  bytes: number;
}

/**
 * Bloom's SAEs of GPT-2 small's residual stream ("gpt2-small-res-jb" of SAELens): 24,576 ReLU features a hook point, trained on
 * 300M tokens of OpenWebText through TransformerLens, whose weights were centred; `formats/sae-lens.ts` reads them so.
 * Source: the repository's card; bytes: 4·(2·768·24,576 + 24,576 + 768).
 */
export const KNOWN_SAES: readonly KnownSaes[] = [
  {
    repo: "jbloom/GPT2-Small-SAEs-Reformatted",
    modelId: "openai-community/gpt2",
    words: "Residual stream of GPT-2 small, 24,576 features each (Bloom, res-jb)",
    paths: [
      ...Array.from({ length: 12 }, (_, layer) => blockHook(layer, "hook_resid_pre")),
      blockHook(11, "hook_resid_post"),
    ],
    bytes: 4 * (2 * 768 * 24_576 + 24_576 + 768),
  },
];

/** Those of a model, by its name with or without its owner. */
export const knownSaesOf = (modelId: string): readonly KnownSaes[] =>
  KNOWN_SAES.filter((known) => known.modelId.split("/").at(-1) === modelId.split("/").at(-1));
