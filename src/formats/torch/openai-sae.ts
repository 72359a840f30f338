/**
 * OpenAI's GPT-2 autoencoders, state dicts of encoder.weight [F, D], decoder.weight [D, F], pre_bias [D], latent_bias [F]:
 * f = act((x − pre_bias) · encoder.weightᵀ + latent_bias), x̂ = f · decoder.weightᵀ + pre_bias. A tied one has no decoder of
 * its own. Those with TopK read and write activations that LayerNorm (without weight and bias) has normalised.
 * Source: openai/sparse_autoencoder, sparse_autoencoder/model.py (LN, Autoencoder.from_state_dict) and paths.py (places).
 */
import { LabError } from "../../core/lab-error.ts";
import { quoted } from "../../core/quoted.ts";
import type { SaidOfSae } from "../../core/sae-import.ts";
import type { SaeConfig, SaeWeights } from "../../core/sae.ts";
import { badFile, type StateDict } from "./state-dict.ts";

export const isOpenAiSae = (state: StateDict): boolean =>
  state.has("encoder.weight", "pre_bias", "latent_bias");

/** Width and number of latents. */
export function openAiShape(state: StateDict): { dIn: number; dSae: number } {
  const [dSae, dIn] = state.shapeWith("encoder.weight", "latent_bias", 0);
  return { dIn, dSae };
}

export function readOpenAiSae(
  state: StateDict,
  { hook, modelId }: SaidOfSae,
): { config: SaeConfig; weights: SaeWeights; notes: string[] } {
  const { dIn, dSae } = openAiShape(state);
  const W_enc = state.transposed("encoder.weight", dIn, dSae);
  const tied = !state.has("decoder.weight");
  const weights: SaeWeights = {
    W_enc,
    W_dec: tied
      ? state.matrix("encoder.weight", dSae, dIn).slice()
      : state.transposed("decoder.weight", dSae, dIn),
    b_enc: state.vector("latent_bias", dSae),
    b_dec: state.vector("pre_bias", dIn),
  };
  const facts = { dIn, dSae, hook, modelId, applyBDecToInput: true, prependBos: false };
  // Trained on contexts of 64 tokens.
  const base = { ...facts, contextSize: 64 };
  const activation = state.get("activation") ?? "ReLU";
  if (activation === "ReLU")
    return { config: { variant: "standard", ...base }, weights, notes: [] };
  if (activation !== "TopK") {
    throw new LabError(
      "unsupported",
      `this SAE cannot be run here: its activation is ${quoted(activation)}; known are "ReLU" and "TopK"`,
    );
  }
  const inner = state.get("activation_state_dict");
  const k: unknown = inner instanceof Map ? inner.get("k") : undefined;
  const after: unknown = inner instanceof Map ? (inner.get("postact_fn") ?? "ReLU") : "ReLU";
  if (typeof k !== "number" || !Number.isSafeInteger(k) || k < 1 || k > dSae) {
    throw badFile(state.file, `its k is ${quoted(k)}, not a whole number from 1 to ${dSae}`);
  }
  if (after !== "ReLU") {
    throw new LabError(
      "unsupported",
      `this SAE cannot be run here: what its TopK keeps goes through ${quoted(after)}, not "ReLU"`,
    );
  }
  return {
    config: { variant: "topk", k, normalize: "layer_norm", ...base },
    weights,
    notes: ["It reads activations after LayerNorm; its reconstruction is scaled back."],
  };
}

/** OpenAI's names of places: what attention and MLP add, the stream after them, and MLP neurons. */
const PLACES: Readonly<Record<string, string>> = {
  resid_delta_attn: "hook_attn_out",
  resid_delta_mlp: "hook_mlp_out",
  resid_post_attn: "hook_resid_mid",
  resid_post_mlp: "hook_resid_post",
  mlp_post_act: "mlp.hook_post",
};

/** The hook point that a path like "v5_32k/resid_post_mlp/layer_8.pt" tells; null if it tells none. */
export function hookOfOpenAiPath(path: string): string | null {
  const place = Object.keys(PLACES).find((name) => path.includes(name));
  const layer =
    /layer_?(\d+)/.exec(path)?.[1] ?? /(?:^|\/)(\d+)(?:\.pt|\/autoencoder\.pt)$/.exec(path)?.[1];
  if (!place || layer === undefined) return null;
  return `blocks.${Number(layer)}.${PLACES[place]!}`;
}
