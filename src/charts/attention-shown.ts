/** What of attention a picture is of, and how it is called. */
/** What is drawn of attention; formulas in `math/attention-norms.ts`. */
export const SHOWN = ["pattern", "scores", "value", "output"] as const;
export type Shown = (typeof SHOWN)[number];

export const SHOWN_WORDS: Record<Shown, { label: string; title: string; unit: string }> = {
  pattern: { label: "A", title: "Pattern: attention weights after softmax", unit: "" },
  scores: { label: "scores", title: "Scores before softmax: (Q[q] · K[k]) / √d_head", unit: "" },
  value: {
    label: "A·‖v‖",
    title: "Weights times the length of the key’s value vector",
    unit: "length of v",
  },
  output: {
    label: "A·‖v W_O‖",
    title: "Weights times the length of what the head would write for the key",
    unit: "length in the residual stream",
  },
};
