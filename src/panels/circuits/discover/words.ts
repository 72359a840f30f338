/** What figures of the search for circuits say of themselves. */
import type { FoundCircuit } from "../../../core/found-circuit.ts";
import type { What } from "../../../ui/figure.tsx";
import { METRIC } from "../words.ts";

/** Of a circuit, also of one that was found by another formula than the one that is written now. */
type Measured = Pick<FoundCircuit, "metric" | "formula">;
const measure = ({ metric, formula }: Measured): string => formula ?? METRIC[metric].formula;

export const whatCircuit = (circuit: Measured): What => ({
  words:
    "Heads, MLPs, the input and the logits, with an edge from each that writes into the residual stream to each that reads it and " +
    "is in the circuit; a head reads by q, k and v. An edge’s score by EAP is an estimate of what corrupting that edge alone adds to " +
    "the metric, the mean over the pairs: gradients see no saturation and no interplay of edges, so verify what is found. EAP-IG " +
    "takes the mean of the gradients at midpoints of equal steps from the corrupted prompt’s token embeddings to the clean one’s. " +
    "Edges on no path from the input to the logits are taken out.",
  formula: `score(s→r) = Σ over positions (corrupt_s − clean_s) · ∂m/∂input_r, input_r before its LayerNorm; m = ${measure(circuit)}`,
  source:
    "Syed, Rager and Conmy 2023 (EAP); Hanna, Pezzelle and Belinkov 2024 (EAP-IG, greedy cuts); the graph is that of Conmy et al. 2023 (ACDC).",
});

export const whatAcdc = (circuit: Measured): What => ({
  words:
    "Automatic circuit discovery: readers from the logits backwards, each edge into one is cut, so that it brings the corrupted " +
    "prompt’s activation (or nothing); where the metric, the mean over the pairs, does not get worse by τ, it stays cut for all " +
    "that follows. An edge’s score is what cutting it added when its turn came, with all edges gone that were cut before: of two " +
    "edges that stand in for each other only the one tried last is kept. Edges on no path from the input to the logits are taken out " +
    "at the end.",
  formula: `kept ⇔ worsening of m when the edge is cut, too, ≥ τ; m = ${measure(circuit)}`,
  source: "Conmy et al. 2023 (ACDC).",
});

export const WHAT_COMPARE: What = {
  words:
    "The circuit’s nodes, or its edges, beside those of another one. Precision: how much of it is in the other; recall: how much of " +
    "the other it has. The curve shows both rates for every τ: a node’s score is the largest τ at which it still lies on a path from " +
    "the input to the logits, edges taken by the size of their scores; what is on no path has the least score of all. The area is the chance that something of the other " +
    "circuit scores above something that is not in it, ties counting half. 0.5 is chance.",
  formula:
    "F1 = 2·both / (2·both + extra + missed); AUC = ∫ true-positive rate d false-positive rate, straight between points",
  source:
    "Conmy et al. 2023 (ACDC); Wang et al. 2022 and Hanna, Liu and Variengien 2023 for the published circuits.",
};
