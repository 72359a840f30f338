/** Each way to train in words: its name, what it does in one sentence, and its formula. */
import type { TrainVariant } from "../../core/sae-recipe.ts";

interface VariantWords {
  name: string;
  sentence: string;
  formula: string;
}
export const VARIANT_WORDS: Record<TrainVariant, VariantWords> = {
  topk: {
    name: "TopK",
    sentence:
      "Every token keeps its k strongest features: the simplest to set, and steady to train.",
    formula: "TopK: f = the k largest of a token, above 0; … auxiliary loss of dead features",
  },
  batchtopk: {
    name: "BatchTopK",
    sentence:
      "The strongest of a whole batch stay, k a token on average, so hard tokens may use more; a threshold takes over once it is trained.",
    formula: "BatchTopK: f = the k·B largest of a batch of B tokens, above 0; … as TopK",
  },
  jumprelu: {
    name: "JumpReLU",
    sentence:
      "Each feature learns its own threshold, and the loss pulls towards about N active features.",
    formula: "JumpReLU: f = pre where pre > θ, else 0; … c · D · (L0 / target − 1)²",
  },
  standard: {
    name: "ReLU with L1",
    sentence:
      "The textbook form: a penalty on every activation makes features rare, and makes them a little too weak.",
    formula: "L1: f = max(pre, 0); … λ · Σ f, or λ · Σ f · ‖W_dec row‖",
  },
  gated: {
    name: "Gated",
    sentence:
      "A gate decides which features are active and a second path how strongly, so that the penalty weakens none.",
    formula:
      "Gated: f = max(x · W_enc · e^r + b_mag, 0) where pre > 0; … λ · Σ max(pre, 0) + ‖x − x̂ of the gate‖²",
  },
  matryoshka: {
    name: "Matryoshka",
    sentence:
      "BatchTopK in which the first features alone must rebuild the input too, so that general features come first and fine ones later.",
    formula:
      "Matryoshka: f as BatchTopK; loss = mean over nested widths of ‖x − x̂ of the first m‖² …",
  },
};
