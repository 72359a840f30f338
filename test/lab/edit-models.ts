/** What tests of edits are made with: small SAEs, and where edits find them. */
import type { SaeConfig } from "../../src/core/sae.ts";
import type { EditSources } from "../../src/lab/prepare-edits.ts";
import type { Sae } from "../../src/math/feature-change.ts";
import { keyedRandom, normal } from "../../src/math/keyed-random.ts";

/** SAEs by their names; no corpus. */
export const sourcesOf = (saes: Record<string, Sae>): EditSources => ({
  sae: (id) =>
    saes[id] ? Promise.resolve(saes[id]) : Promise.reject(new Error(`no SAE named ${id}`)),
  corpus: () => Promise.reject(new Error("there is no corpus here")),
});

const cfg = (hook: string, dIn: number, dSae: number): SaeConfig => ({
  variant: "standard",
  dIn,
  dSae,
  k: null,
  hook,
  modelId: "tinylab-gpt2-4l",
  applyBDecToInput: false,
  prependBos: true,
  contextSize: 64,
});

/** Latent f reads coordinate f and writes it back. */
export function coordinateSae(hook: string, D: number, F: number): Sae {
  const W_enc = new Float32Array(D * F);
  const W_dec = new Float32Array(F * D);
  for (let f = 0; f < F; f++) W_enc[f * F + f] = W_dec[f * D + f] = 1;
  const weights = { W_enc, W_dec, b_enc: new Float32Array(F), b_dec: new Float32Array(D) };
  return { config: cfg(hook, D, F), weights };
}

/** Random TopK SAE, for which nothing about f(x) is simple. */
export function randomSae(hook: string, D: number, F: number, seed = 11): Sae {
  const next = keyedRandom(seed);
  const values = (n: number) => Float32Array.from({ length: n }, () => 0.1 * normal(next));
  const weights = {
    W_enc: values(D * F),
    W_dec: values(F * D),
    b_enc: values(F),
    b_dec: values(D),
  };
  return { config: { ...cfg(hook, D, F), variant: "topk", k: 9 }, weights };
}
