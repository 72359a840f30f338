/** How nodes are told, and what the figure says it is. */
import type { GraphNode } from "../../../core/feature-circuit.ts";
import type { SaeNotes } from "../../../core/feature-notes.ts";
import type { ShownNode } from "../../../charts/feature-graph.ts";
import type { What } from "../../../ui/figure.tsx";
import { formatPercent, formatSigned } from "../../../ui/format.ts";
import { tokenText } from "../../../ui/token-text.ts";

export type NotesBySae = Readonly<Record<string, SaeNotes>>;

/** A feature's label from the notes, or what the file calls it. */
export function labelOf(notes: NotesBySae, { kind, sae, index, label }: GraphNode): string {
  if (kind !== "feature" || sae === null) return label;
  return notes[sae]?.features.get(index)?.label?.text ?? label;
}

export function nodeName(notes: NotesBySae, node: GraphNode): string {
  const { kind, layer, index, label } = node;
  switch (kind) {
    case "token":
      return `token ${tokenText(label)}`;
    case "logit":
      return node.probability === null
        ? label
        : `logit ${tokenText(label)} (${formatPercent(node.probability)})`;
    case "feature": {
      const said = labelOf(notes, node);
      return `L${layer} feature ${index}${said ? ` “${said}”` : ""}`;
    }
    case "head":
    case "mlp":
      return label || `${kind} of L${layer}`;
    case "error":
      return `L${layer} ${label || "error"}`;
  }
}

export function shownName(notes: NotesBySae, { node, name, members }: ShownNode): string {
  return node ? nodeName(notes, node) : `group “${name}” of ${members.length}`;
}

export function nodeWords(notes: NotesBySae, shown: ShownNode, tokens: readonly string[]): string {
  const { node, pos, influence } = shown;
  const at = `at ${tokenText(tokens[pos] ?? "")} (${pos})`;
  const facts = [
    ...(node?.kind === "feature" && node.activation !== null
      ? [`activation ${node.activation.toPrecision(3)}`]
      : []),
    ...(node && node.effect !== null ? [`effect ${formatSigned(node.effect)}`] : []),
    ...(influence !== null && shown.kind !== "logit"
      ? [`within the first ${formatPercent(influence)} of influence`]
      : []),
  ];
  return `${shownName(notes, shown)} ${at}${facts.length > 0 ? `: ${facts.join(", ")}` : ""}`;
}

export const WHAT: What = {
  words: (
    <>
      <p>
        What this prompt’s parts give to each other: ■ tokens and logits, ● active features, ▲
        heads, ▬ MLPs that no transcoder replaces, ◆ what the autoencoders leave over. A link’s
        weight is what its source adds to its target directly, blue for more and vermilion, dashed,
        for less; all into a target add up to its value, but for biases.
      </p>
      <p>
        Attention patterns and LayerNorms’ scales are held at this prompt’s values, so the circuit
        does not say why a head looks where it looks. An MLP answers by its slopes here. A head and
        an MLP are seen along the gradient that the logits have there. The prompt is run without the
        edits at the foot of the window.
      </p>
      <p>
        Replacement: the share of influence that ends in tokens, not in errors. Completeness: the
        share of what comes into the nodes that is no error. Both are of the whole graph, before it
        is pruned. An MLP that nothing replaces counts as explained: with no autoencoder both are
        100 %, and say nothing.
      </p>
    </>
  ),
  formula:
    "weight(s → t) = write_s · ∂t/∂x,  x frozen but for features, heads, MLPs\nĀ = |A| with rows of sum 1,  influence = w (Ā + Ā² + …),  w = probabilities of the logits\nreplacement = I_tokens / (I_tokens + I_errors)\ncompleteness = Σ (1 − Ā_errors,i)(I_i + w_i) / Σ (I_i + w_i)",
  source:
    "Ameisen et al. 2025, “Circuit tracing”; circuit-tracer (attribution.py, graph.py); heads and MLPs as nodes: this lab’s",
};
