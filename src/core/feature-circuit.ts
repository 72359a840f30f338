/**
 * A feature circuit: what one prompt's tokens, SAE features, heads, MLPs and reconstruction errors give to each other and to the
 * logits, as a graph. Source of the method: Ameisen et al. 2025 ("Circuit tracing") and circuit-tracer; of heads in it: ours.
 *
 * Attribution of a target to a source = what the source writes · the target's gradient there, in the frozen model: attention
 * patterns and LayerNorms' scales are numbers; SAEs stand in the way with their features, their error added as a number. What
 * a target is: a feature's activation, W_enc[:, f]·x + b; a logit, (W_U[v] − mean over the vocabulary)·x, or the difference of
 * two; a head's z, and an MLP's hidden layer that no transcoder replaces, along the gradient that the metric has there
 * (Σ p_v logit_v), an MLP by its own slopes at this prompt.
 * A path ends at the first node it meets. So for each target Σ attributions + bias = its value, to rounding.
 */

/** How much of the graph's influence its nodes explain: each 0 … 1, null where there is nothing to divide by. */
export interface GraphScores {
  /** I_tokens / (I_tokens + I_errors) */
  replacement: number | null;
  /** Σ (1 − share of errors in row i)·(I_i + w_i) / Σ (I_i + w_i) */
  completeness: number | null;
}

export type LogitTarget =
  /** The fewest likeliest next tokens that have `mass` of the probability, at most `most`. */
  | { kind: "top"; mass: number; most: number }
  /** One node: the logit of `token` less that of `against`. */
  | { kind: "difference"; token: number; against: number };

/** Heads as nodes; or, as circuit-tracer has it, passed through. */
export const HEAD_WAYS = ["nodes", "through"] as const;
export type HeadWay = (typeof HEAD_WAYS)[number];

export interface CircuitQuestion {
  ids: readonly number[];
  /** SAEs of the shelf, at most one a place. */
  saes: readonly string[];
  target: LogitTarget;
  heads: HeadWay;
  /** What position 0 writes is a number, not a node: <|endoftext|>'s activations swamp the rest. */
  skipFirst: boolean;
  /** Features, heads and MLPs whose row is computed; the most influential by what is known so far. */
  mostNodes: number;
  /** Share of influence that nodes, then edges, keep together. */
  nodeShare: number;
  edgeShare: number;
}

export const NODE_KINDS = ["token", "feature", "error", "head", "mlp", "logit"] as const;
export type NodeKind = (typeof NODE_KINDS)[number];

export interface GraphNode {
  /** circuit-tracer's name; unique in a graph. */
  id: string;
  kind: NodeKind;
  /** −1 of a token, the number of layers of a logit. */
  layer: number;
  pos: number;
  /** A feature's, a head's, a token's or a logit's number; −1 of an error, an MLP. */
  index: number;
  /** Of a feature and an error: the SAE's id, null where a file does not tell it. */
  sae: string | null;
  /** What the file, or we, call it; labels of features come from the notes. */
  label: string;
  /** A feature's activation; a head's or an MLP's part in the metric; null where there is none. */
  activation: number | null;
  /** activation × gradient of the metric in the frozen model: what the metric would lose without it, to first order. */
  effect: number | null;
  /** Cumulative share of influence at its rank: 0 … 1. */
  influence: number | null;
  probability: number | null;
}
export interface GraphLink {
  source: number;
  target: number;
  weight: number;
}
export interface Supernode {
  name: string;
  /** Ids of nodes. */
  members: readonly string[];
}

/** What can be looked at: computed here, or read from a file. */
export interface FeatureGraph {
  slug: string;
  model: string;
  prompt: string;
  tokens: readonly string[];
  layers: number;
  /** In forward order. */
  nodes: readonly GraphNode[];
  /** By indices of nodes. */
  links: readonly GraphLink[];
  nodeShare: number;
  edgeShare: number;
  /** null where a file does not tell them. */
  scores: GraphScores | null;
  pinned: readonly string[];
  supernodes: readonly Supernode[];
}

/** How a graph came about. */
export interface CircuitFacts {
  /** Active features, and those with heads and MLPs that could be targets. */
  features: number;
  candidates: number;
  /** Whose rows were computed; the others are left out. */
  computed: number;
  /** Share of the logits' absolute attribution that goes to what was left out: 0 … 1. */
  leftOut: number;
  /** Before pruning. */
  nodes: number;
  edges: number;
  seconds: number;
}
export interface CircuitAnswer {
  graph: FeatureGraph;
  facts: CircuitFacts;
}
export interface CircuitProgress {
  what: "run" | "gradient" | "rows";
  done: number;
  total: number;
  secondsLeft: number | null;
}
