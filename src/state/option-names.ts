/**
 * The options that figures have, by name. A new one is named here; its values are the figure's own concern. A link that names
 * another is told so.
 */
import { SAMPLING_KEYS, type SamplingKey } from "../core/sampling.ts";

/** A group's name → what it sets. */
const GROUPS = {
  acdc: ["absolute", "corruption", "metric", "order", "pairs", "seed", "threshold"],
  activity: ["dense", "first", "marks", "sort"],
  attention: ["heads", "order", "show", "side"],
  attribution: ["by", "minus", "minusToken", "most", "of", "token", "where"],
  discover: ["open", "search"],
  dose: ["from", "points", "row", "text", "to", "tokens"],
  circuits: [
    "by",
    "columns",
    "count",
    "direction",
    "form",
    "formula",
    "layer",
    "method",
    "metric",
    "part",
    "seed",
    "task",
    "unit",
  ],
  eap: ["against", "method", "order", "sign", "steps"],
  edit: [
    ...["batch", "chosen", "clip", "contexts", "decay", "heldOut", "kind", "pairs"],
    ...["rate", "seed", "steps"],
  ],
  examples: ["hook", "length", "measure", "minus", "plus", "token", "tokens", "what"],
  features: ["notes", "query"],
  feature: ["ablated", "examples", "more", "near"],
  map: ["colour"],
  gallery: ["entry"],
  generate: ["shade"],
  graph: [
    "against",
    "edges",
    "first",
    "heads",
    "made",
    "most",
    "node",
    "nodes",
    "saes",
    "shown",
    "target",
    "token",
  ],
  heads: ["bos", "excludeCurrent", "excludeFirst", "least", "length", "rows", "score", "seed"],
  lens: ["mid", "show", "state", "token"],
  neurons: ["by", "layer", "list", "n", "tokens"],
  paths: ["by", "channel", "chosen", "direction", "form", "level", "levels", "mlps"],
  prediction: ["k", "temperature"],
  probes: [
    "balanced",
    "by",
    "data",
    "folds",
    "heads",
    "loss",
    "most",
    "read",
    "rule",
    "seed",
    "shown",
    "shuffles",
    "sites",
    "task",
    "texts",
    "toward",
  ],
  report: ["score", "which", "with"],
  roles: ["attention", "copying", "correlation", "diagonal", "effect", "errors"],
  residual: ["added", "between", "states"],
  steer: ["attention", "samples"],
  strip: ["shade"],
  trace: ["key", "of", "query", "token"],
  track: ["show", "tokens"],
  verify: [
    "ablation",
    "as",
    "by",
    "circuit",
    "count",
    "draw",
    "edgesBy",
    "greedy",
    "of",
    "prompts",
    "random",
    "seed",
    "subsets",
  ],
  weights: ["base", "circuit", "form", "kind", "pair", "pairs", "plane", "show", "threshold"],
} as const;
type Groups = typeof GROUPS;

export type OptionName =
  { [G in keyof Groups]: `${G}.${Groups[G][number]}` }[keyof Groups] | `sampling.${SamplingKey}`;

export const OPTION_NAMES: readonly OptionName[] = [
  ...Object.entries(GROUPS).flatMap(([group, keys]) =>
    keys.map((key) => `${group}.${key}` as OptionName),
  ),
  ...SAMPLING_KEYS.map((key) => `sampling.${key}` as const),
];
const KNOWN: ReadonlySet<string> = new Set(OPTION_NAMES);
export const isOptionName = (name: string): name is OptionName => KNOWN.has(name);
