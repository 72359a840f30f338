/** The nodes of a feature circuit, numbered in forward order, each with its value and its effect on the metric. */
import type { NodeKind } from "../core/feature-circuit.ts";
import type { FrozenModel } from "./frozen-model.ts";
import { dot } from "./frozen-norm.ts";
import type { FrozenSae } from "./frozen-sae.ts";

export interface CircuitNode {
  kind: NodeKind;
  layer: number;
  pos: number;
  /** A feature's, a head's, a token's number; of a logit its place among the targets; else −1. */
  index: number;
  sae: FrozenSae | null;
  /** What its row sums up to; null of what has none. */
  value: number | null;
  /** What it writes · the gradient of the metric there; null of logits. */
  effect: number | null;
}
/** A logit as a target: (x − x̄)/scale · direction + bias at the last position. */
export interface LogitRead {
  /** The token, or the one of two that counts positively. */
  token: number;
  direction: Float64Array; // [D], centred
  bias: number;
}
/** Nodes, and the numbers of the first of each sort; those of a position `pos` follow by `pos`, of heads by `pos · H + head`. */
export interface NumberedNodes {
  nodes: readonly CircuitNode[];
  tokens: number;
  /** By SAE: the first feature of each position, and the errors. */
  ofSae: ReadonlyMap<FrozenSae, { features: readonly number[]; errors: number }>;
  /** By layer; heads and MLPs that are no nodes have none. */
  ofHeads: readonly number[];
  ofMlps: readonly number[];
  firstLogit: number;
}

export function circuitNodes(
  model: FrozenModel,
  logits: readonly LogitRead[],
  lastScale: number,
): NumberedNodes {
  const { config, T, layers, saeAt, transcoderOf, stream } = model;
  const { n_layer: L, n_head: H, n_embd: D } = config;
  const first = model.skipFirst ? 1 : 0;
  const nodes: CircuitNode[] = [];
  const ofSae = new Map<FrozenSae, { features: number[]; errors: number }>();
  const ofHeads: number[] = [];
  const ofMlps: number[] = [];
  const add = (node: Omit<CircuitNode, "index" | "sae"> & Partial<CircuitNode>) =>
    nodes.push({ index: -1, sae: null, ...node }) - 1;
  const positions = Array.from({ length: Math.max(0, T - first) }, (_, i) => first + i);

  const addSae = (sae: FrozenSae | undefined) => {
    if (!sae) return;
    const features: number[] = [];
    const { layer } = sae;
    const slopes = model.featureSlopes.get(sae)!;
    for (const pos of positions) {
      features[pos] = nodes.length;
      sae.active[pos]!.features.forEach((index, i) => {
        const value = sae.active[pos]!.values[i]!;
        add({ kind: "feature", layer, pos, index, sae, value, effect: value * slopes[pos]![i]! });
      });
    }
    const errors = nodes.length - first;
    const gradient = model.errorSlopes.get(sae)!;
    for (const pos of positions) {
      const g = gradient[pos];
      const effect = g ? dot(g, sae.error, pos * D) : 0;
      add({ kind: "error", layer, pos, sae, value: null, effect });
    }
    ofSae.set(sae, { features, errors });
  };

  const tokens = nodes.length - first;
  for (const pos of positions) {
    const g = model.tokenSlopes[pos];
    const effect = g ? dot(g, model.tokens, pos * D) : 0;
    add({ kind: "token", layer: -1, pos, value: null, effect });
  }
  for (let l = 0; l < L; l++) {
    addSae(saeAt.get(`stream ${2 * l}`));
    if (model.heads === "nodes") {
      ofHeads[l] = nodes.length - first * H;
      for (const pos of positions) {
        for (let h = 0; h < H; h++) {
          const { value } = layers[l]!.heads[pos * H + h]!;
          add({ kind: "head", layer: l, pos, index: h, value, effect: value });
        }
      }
    }
    addSae(saeAt.get(`z ${l}`));
    addSae(saeAt.get(`attn ${l}`));
    addSae(saeAt.get(`stream ${2 * l + 1}`));
    if (transcoderOf.has(l)) addSae(transcoderOf.get(l));
    else {
      ofMlps[l] = nodes.length - first;
      for (const pos of positions) {
        const { value } = layers[l]!.mlps[pos]!;
        add({ kind: "mlp", layer: l, pos, value, effect: value });
      }
      addSae(saeAt.get(`post ${l}`));
    }
    addSae(saeAt.get(`mlp ${l}`));
  }
  addSae(saeAt.get(`stream ${2 * L}`));
  const firstLogit = nodes.length;
  logits.forEach(({ token, direction, bias }) => {
    const x = stream[2 * L]!;
    const value = dot(direction, x, (T - 1) * D) / lastScale + bias;
    add({ kind: "logit", layer: L, pos: T - 1, index: token, value, effect: null });
  });
  return { nodes, tokens, ofSae, ofHeads, ofMlps, firstLogit };
}
