/** What the figures of neurons show: plain words, the formula, its source. */
import type { What } from "../../../ui/figure.tsx";

export const WHAT_TOP: What = {
  basis: "bench",
  words:
    "Every layer’s MLP has many hidden units, its neurons. A neuron reads one direction of the residual stream, and adds " +
    "its own direction, W_out[n], in proportion to its activation. Each column lists the neurons that are strongest on " +
    "that token, L2N40 being neuron 40 of layer 2; darker is stronger. In a comparison the third drawing lists, of the " +
    "neurons strongest on either side, those that differ most.",
  formula:
    "a = gelu(LN(x) · W_in[:, n] + b_in[n])     written: a · W_out[n], of length |a|·‖W_out[n]‖",
  source: "TransformerLens blocks.{l}.mlp.hook_post, the same in both bases; ‖W_out[n]‖ is not",
};
export const WHAT_MATRIX: What = {
  basis: "same",
  words:
    "The activation of some neurons on every token of the prompt. GELU lets a little of the negative through, at most " +
    "−0.17, so a faint vermilion is a neuron that is just off.",
  formula: "a[n, t] = mlp.hook_post[t, n]",
  source: "TransformerLens blocks.{l}.mlp.hook_post",
};
export const WHAT_WRITES: What = {
  basis: "bench",
  words:
    "The tokens whose logits rise and fall most for one unit of the neuron’s activation, by the direct path alone: what " +
    "later layers make of it is not in it, and the scale of the last LayerNorm is left out.",
  formula: "effect(v) = W_out[n] · W_U[:, v]",
};
export const WHAT_READS: What = {
  basis: "bench",
  words:
    "The tokens whose embedding alone would add most to the neuron’s input, and least. This ignores everything in between: " +
    "positions, attention, all earlier layers, and LayerNorm’s centring and scale. In the first layers it can say something; " +
    "in later ones the residual stream is no longer an embedding.",
  formula: "W_E[v] · W_in[:, n]",
};
export const whatFeatures = (count: number, chance: number): What => ({
  basis: "raw",
  words:
    "On the left, where the neuron is strongest; on the right, the features of the autoencoder on the bench whose decoder " +
    "direction is nearest to what the neuron writes, each with where it is strongest. A neuron that is strong on unlike " +
    "texts while each feature’s are alike is what is called polysemantic; whether these are, is yours to read. The cosine " +
    "compares what they write, not when they are active; the correlation compares when.",
  formula:
    "cosine = W_out[n] · W_dec[f] / (‖W_out[n]‖ ‖W_dec[f]‖)     r: Pearson’s, of the two activations",
  source: `Of ${count.toLocaleString("en-US")} random directions the largest |cosine| has the median ${chance.toFixed(2)}.`,
});
