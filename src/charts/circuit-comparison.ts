/** A circuit beside another one: what is in which, by node and by edge, and the curve over τ. Pure. */
import { nodesOf } from "../core/circuit.ts";
import { edgeStrengths } from "../core/circuit-cut.ts";
import { type FoundCircuit, graphOf } from "../core/found-circuit.ts";
import { KNOWN, type KnownCircuitId } from "../core/known-circuits.ts";
import { toLabError } from "../core/lab-error.ts";
import { keptAt, type Roc, rocOf } from "../math/circuit-agreement.ts";

export { agreementOf } from "../math/circuit-agreement.ts";

export interface Comparison {
  what: "nodes" | "heads" | "heads and MLPs" | "edges";
  names: readonly string[];
  found: readonly number[];
  truth: readonly number[];
  /** Largest τ at which each is kept; null without scores. */
  scores: readonly number[] | null;
  /** Of a published circuit: which of each class are here, and which are not. */
  classes?: readonly { name: string; here: readonly string[]; missed: readonly string[] }[];
}

/** @param other a published one by its name, or one of the user's of the same sizes; null: nothing to compare with */
export function compareCircuits(
  circuit: FoundCircuit,
  other: KnownCircuitId | FoundCircuit | null,
): Comparison[] {
  const graph = graphOf(circuit);
  const kept =
    circuit.scores && keptAt(graph, edgeStrengths(circuit.scores, "absolute", circuit.metric));
  const own = new Set(nodesOf(graph, circuit.mask));
  const ofNodes = (
    what: Comparison["what"],
    isNode: (head: number | null) => boolean,
    truth: ReadonlySet<string>,
  ): Comparison => {
    const places = [...graph.senders.keys()].filter((s) => s > 0 && isNode(graph.senders[s]!.head));
    const names = places.map((s) => graph.senders[s]!.name);
    return {
      ...{ what, names },
      found: names.map((name) => (own.has(name) ? 1 : 0)),
      truth: names.map((name) => (truth.has(name) ? 1 : 0)),
      scores: kept && places.map((s) => kept.nodes[s]!),
    };
  };
  if (typeof other === "string") {
    const { classes, mlps } = KNOWN[other].circuit;
    const heads = classes.flatMap((one) =>
      one.heads.map(({ layer, head }) => `a${layer}.h${head}`),
    );
    const truth = new Set([...heads, ...(mlps ?? []).map((layer) => `m${layer}`)]);
    const compared = ofNodes(
      mlps ? "heads and MLPs" : "heads",
      (head) => mlps !== null || head !== null,
      truth,
    );
    const split = (name: string, members: readonly { node: string; shown: string }[]) => {
      const shown = (is: boolean) =>
        members.filter(({ node }) => own.has(node) === is).map((one) => one.shown);
      return { name, here: shown(true), missed: shown(false) };
    };
    return [
      {
        ...compared,
        classes: [
          ...classes.map(({ name, heads }) =>
            split(
              name,
              heads.map(({ layer, head }) => ({
                node: `a${layer}.h${head}`,
                shown: `${layer}.${head}`,
              })),
            ),
          ),
          ...(mlps
            ? [
                split(
                  "MLPs",
                  mlps.map((layer) => ({ node: `m${layer}`, shown: String(layer) })),
                ),
              ]
            : []),
        ],
      },
    ];
  }
  if (!other) return [];
  const edges = [...circuit.mask.keys()];
  return [
    ofNodes("nodes", () => true, new Set(nodesOf(graph, other.mask))),
    {
      ...{
        what: "edges",
        names: edges.map(String),
        found: [...circuit.mask],
        truth: [...other.mask],
      },
      scores: kept && [...kept.edges],
    },
  ];
}

/** The curve, or why there is none. */
export function curveOf(scores: readonly number[] | null, truth: readonly number[]): Roc | string {
  if (!scores) return "This circuit has no scores, so there is no curve.";
  if (!scores.some(Number.isFinite)) {
    return "At no τ do scored edges make a path from the input to the logits, so there is no curve.";
  }
  try {
    return rocOf(scores, truth);
  } catch (e) {
    return toLabError(e).message;
  }
}
