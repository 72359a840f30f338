/** What the figures of a circuit's tests say of themselves. */
import type {
  CircuitAblation,
  RANDOM_BY,
  RANDOM_EDGES_BY,
  VerifyQuestion,
} from "../../../core/verify.ts";
import { verifyEdgesPython } from "../../../python/verify-edges.ts";
import { verifyPython, type VerifyTest } from "../../../python/verify.ts";
import type { What } from "../../../ui/figure.tsx";
import type { TEST_AS } from "./use-verify-options.ts";

/** The Python of a test, of nodes or of edges. */
export const testPython = (
  facts: Parameters<typeof verifyPython>[0],
  question: VerifyQuestion,
  test: VerifyTest,
): string =>
  question.edges ? verifyEdgesPython(facts, question, test) : verifyPython(facts, question, test);

/** What the circuit is of, one of them. */
export const partOf = ({ edges }: Pick<VerifyQuestion, "edges">) => (edges ? "edge" : "node");

/** Of the span |F(M) − F(∅)|. */
export const shareText = (share: number): string =>
  `${(100 * share).toFixed(1).replace("-", "−")} %`;

const SOURCE =
  "Wang, Variengien, Conmy, Shlegeris and Steinhardt 2022, “Interpretability in the Wild”, §4.";

export const ABLATION: Record<CircuitAblation, { label: string; title: string }> = {
  mean: {
    label: "mean",
    title: "By the mean over corrupted prompts of the same template, position by position",
  },
  resample: { label: "resample", title: "By the value on the pair’s corrupted prompt" },
  zero: { label: "zero", title: "By 0" },
};
export const BY_WORDS: Record<(typeof RANDOM_BY)[number], { label: string; title: string }> = {
  layer: { label: "same layers", title: "As many heads in each layer as the circuit has" },
  any: { label: "anywhere", title: "As many heads as the circuit has, in whichever layers" },
};
export const EDGES_BY_WORDS: Record<
  (typeof RANDOM_EDGES_BY)[number],
  { label: string; title: string }
> = {
  paths: {
    label: "on paths",
    title: "Paths drawn by chance from the input to the logits, until there are as many edges",
  },
  layer: {
    label: "same layers",
    title: "As many edges between each two layers as the circuit has",
  },
};

export const AS_WORDS: Record<(typeof TEST_AS)[number], { label: string; title: string }> = {
  edges: { label: "its edges", title: "Every edge that is not in it is cut" },
  nodes: { label: "its nodes", title: "Every head and MLP at no end of its edges is replaced" },
};

export const WHAT_CIRCUIT: What = {
  words:
    "The heads, or the edges between heads and MLPs, that are said to do the task. Of a circuit that was found, the edges are " +
    "tested themselves, each reader with a stream of its own, or the nodes at their ends. A head with “@” and roles counts only at the tokens of those roles, and is replaced at " +
    "all others. MLPs stay as they are unless the circuit names them. Press a cell to take a head in or out: the arrow keys go from " +
    "cell to cell, Space presses.",
  source: SOURCE,
};

export const WHAT_FAITHFULNESS: What = {
  words:
    "The model is run with every node outside the circuit replaced; of a circuit of edges, each edge outside it brings what would " +
    "stand in its sender’s place. F is the metric’s mean over the pairs’ clean prompts: of the whole " +
    "model M, of the circuit C alone, and with nothing of the graph left, ∅. Random circuits of the same size show what chance gives. " +
    "± is the standard error over pairs, s/√n; of the share, the two ends held fixed.",
  formula: "(F(C) − F(∅)) / (F(M) − F(∅));   p = (1 + #{random ≥ circuit}) / (1 + n)",
  source: `${SOURCE} The normalised form is ours, so that 1 is the whole model and 0 nothing, whatever the metric.`,
};
export const WHAT_COMPLETENESS: What = {
  words:
    "A part K of the circuit is removed from the circuit and from the whole model. If the circuit is complete, both do as badly: points " +
    "lie on the line. A point far from it says that the model has something else in K’s place. K are the circuit’s classes, random " +
    "halves of it, and one that is looked for node by node.",
  formula: "|F(C∖K) − F(M∖K)|",
  source: SOURCE,
};
export const WHAT_MINIMALITY: What = {
  words:
    "What each node, or edge, v does in the circuit once a part K of it is gone; of the K that were tried, the one with the largest effect. " +
    "K: nothing, each class, and the random halves, all without v. Two shares are told of it: of the way |F(M) − F(∅)|, and of F(M), as the paper has it; they are the same where F(∅) is 0. " +
    "The verdict goes by the first, which does not depend on where the metric’s zero is: below 1 % nothing shows that the node is needed.",
  formula: "max over K of |F(C∖(K∪{v})) − F(C∖K)|, over |F(M) − F(∅)| and over |F(M)|",
  source: SOURCE,
};
