/** Lines that load SAEs by SAELens. Source: SAELens 6, sae_lens/saes/sae.py (SAE.load_from_disk). */
import { onOneLine, pyString } from "./literal.ts";
import type { SaeFacts } from "./run-facts.ts";

/** The folder that an SAE's two files are to lie in. */
export const saeFolder = ({ id }: SaeFacts): string => id;

/** Defines `variable`. Needs `model`. */
export function loadSaeLines(sae: SaeFacts, app: string, variable = "sae"): string[] {
  const where = sae.shipped
    ? `of ${app}saes/${sae.id}/`
    : `as the Features lab saves them for “${onOneLine(sae.name)}”`;
  return [
    `# A folder with cfg.json and sae_weights.safetensors ${where}`,
    `${variable} = SAE.load_from_disk(${pyString(saeFolder(sae))}, device=str(model.cfg.device))`,
    ...normLines(sae, variable),
  ];
}

/** Where it writes. */
export const hookOutOf = ({ hook, hookOut }: SaeFacts): string => hookOut ?? hook;

/** A transcoder is edited where it writes, by what it reads: a hook before keeps that. */
export const rememberLines = (name: string): string[] => [
  `def ${name}(value, hook):`,
  `    ${name}.value = value`,
  "",
];

export const IMPORT_SAE = 'from sae_lens import SAE  # pip install "sae-lens>=6"';

/** `model` is as the checkpoint is; an SAE of centred weights is given what it was trained on. */
function normLines({ normalize }: SaeFacts, variable: string): string[] {
  if (normalize === undefined) return [];
  if (normalize !== "centre") {
    return [`# Its features are in units of the activation after ${normalize}, token by token.`];
  }
  return [
    "# It was trained on centred weights: each token's mean is taken off before it is encoded (and is not in what it decodes).",
    `encode_centred_${variable} = ${variable}.encode`,
    `${variable}.encode = lambda x: encode_centred_${variable}(x - x.mean(dim=-1, keepdim=True))`,
  ];
}
