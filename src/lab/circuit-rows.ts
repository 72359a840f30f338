/**
 * The nodes of a feature circuit in forward order, and the row of each: what every node before it gives to it directly. The sum
 * of a row and its bias is the target's value. The definition is in `core/feature-circuit.ts`.
 */
import type { NodeKind } from "../core/feature-circuit.ts";
import { addScaled, dot, pullBack, pushOn, throughNorm } from "./frozen-norm.ts";
import type { FrozenModel, Gradient } from "./frozen-model.ts";
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
export interface CircuitRow {
  source: number[];
  weight: number[];
  /** What depends on no node: biases, what position 0 writes where that is a number, what an MLP's slopes leave. */
  bias: number;
}
/** A logit as a target: (x − x̄)/scale · direction + bias at the last position. */
export interface LogitRead {
  /** The token, or the one of two that counts positively. */
  token: number;
  direction: Float64Array; // [D], centred
  bias: number;
}
export interface CircuitRows {
  nodes: readonly CircuitNode[];
  row: (node: number) => CircuitRow;
}

export function circuitRows(
  model: FrozenModel,
  logits: readonly LogitRead[],
  lastScale: number,
): CircuitRows {
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

  const give = (row: CircuitRow, source: number, weight: number) => {
    if (weight === 0) return;
    row.source.push(source);
    row.weight.push(weight);
  };

  function absorb(row: CircuitRow, sae: FrozenSae, g: Gradient): void {
    const { features, errors } = ofSae.get(sae)!;
    g.forEach((v, pos) => {
      if (!v) return;
      const t = sae.scale[pos]!;
      row.bias += t * dot(v, sae.bias);
      sae.active[pos]!.features.forEach((feature, i) =>
        give(
          row,
          features[pos]! + i,
          t * sae.active[pos]!.values[i]! * dot(v, sae.direction(feature)),
        ),
      );
      give(row, errors + pos, dot(v, sae.error, pos * D));
    });
  }

  /** Of what reads the stream at a point. @param own the reader is the SAE that stands there */
  function walk(row: CircuitRow, point: number, g: Gradient, own = false): void {
    for (let p = point; p >= 0; p--) {
      if (model.skipFirst && g[0]) {
        row.bias += dot(g[0], stream[p]!);
        g[0] = null;
      }
      const sae = saeAt.get(`stream ${p}`);
      if (sae && !(own && p === point)) return void absorb(row, sae, g);
      if (p === 0) break;
      if (p % 2 === 0) throughMlp(row, p / 2 - 1, g, g);
      else throughAttention(row, (p - 1) / 2, g, g);
    }
    g.forEach((v, pos) => v && give(row, tokens + pos, dot(v, model.tokens, pos * D)));
  }

  /** @param into takes what goes on before the MLP */
  function throughMlp(row: CircuitRow, l: number, out: Gradient, into: Gradient, own = false) {
    const { norm2, mlp, mlpBias } = layers[l]!;
    const outSae = own ? undefined : saeAt.get(`mlp ${l}`);
    if (outSae) return void absorb(row, outSae, out);
    const transcoder = transcoderOf.get(l);
    if (transcoder) {
      absorb(row, transcoder, out);
      if (!transcoder.skip) return;
      out.forEach((v, pos) => {
        if (!v) return;
        const back = pushOn(v, transcoder.skip!);
        if (transcoder.reads.at === "stream") return void plus(into, pos, back);
        row.bias += dot(back, norm2.b);
        plus(into, pos, throughNorm(back, norm2), 1 / norm2.scale[pos]!);
      });
      return;
    }
    out.forEach((v) => v && (row.bias += dot(v, mlpBias)));
    const postSae = saeAt.get(`post ${l}`);
    if (postSae) return void absorb(row, postSae, out);
    out.forEach((v, pos) => v && give(row, ofMlps[l]! + pos, dot(v, mlp, pos * D)));
  }

  function throughAttention(
    row: CircuitRow,
    l: number,
    out: Gradient,
    into: Gradient,
    own = false,
  ) {
    const { results, attnBias, through } = layers[l]!;
    const outSae = own ? undefined : saeAt.get(`attn ${l}`);
    if (outSae) return void absorb(row, outSae, out);
    out.forEach((v) => v && (row.bias += dot(v, attnBias)));
    const zSae = saeAt.get(`z ${l}`);
    if (zSae) return void absorb(row, zSae, out);
    if (through) {
      throughZ(
        row,
        l,
        out.map((v) => v && pullBack(through.out, v)),
        into,
      );
      return;
    }
    out.forEach((v, pos) => {
      if (!v) return;
      for (let h = 0; h < H; h++) {
        give(row, ofHeads[l]! + pos * H + h, dot(v, results, (pos * H + h) * D));
      }
    });
  }

  /** Back through the frozen patterns and the values of a layer. */
  function throughZ(row: CircuitRow, l: number, z: Gradient, into: Gradient): void {
    const { pattern, norm1, through } = layers[l]!;
    const { qkv, valueBias } = through!;
    const width = D / H;
    const values: Gradient = new Array<null>(T).fill(null);
    z.forEach((v, t) => {
      if (!v) return;
      for (let s = 0; s <= t; s++) {
        const sum = (values[s] ??= new Float64Array(D));
        for (let h = 0; h < H; h++) {
          const a = pattern[(h * T + t) * T + s]!;
          for (let i = h * width; i < (h + 1) * width; i++) sum[i]! += a * v[i]!;
        }
      }
    });
    values.forEach((v, s) => {
      if (!v) return;
      const u = pullBack(qkv, v, 3 * D, 2 * D);
      row.bias += dot(v, valueBias) + dot(u, norm1.b);
      plus(into, s, throughNorm(u, norm1), 1 / norm1.scale[s]!);
    });
  }

  const none = (): Gradient => new Array<null>(T).fill(null);
  const at = (pos: number, v: Float64Array): Gradient => none().with(pos, v);
  const plus = (into: Gradient, pos: number, v: Float64Array, factor = 1): void =>
    addScaled((into[pos] ??= new Float64Array(D)), factor, v);

  function featureRow(row: CircuitRow, { sae, index, pos }: CircuitNode): void {
    const { reads } = sae!;
    const seed = sae!.seed(index, pos);
    row.bias += sae!.constant(index, pos);
    if (reads.at === "stream")
      return void walk(row, reads.point, at(pos, seed), !sae!.sae.config.out);
    const l = reads.layer;
    const { norm2, z, post } = layers[l]!;
    const into = none();
    switch (reads.at) {
      case "norm2":
        row.bias += dot(seed, norm2.b);
        plus(into, pos, throughNorm(seed, norm2), 1 / norm2.scale[pos]!);
        return void walk(row, 2 * l + 1, into);
      case "mlp":
        throughMlp(row, l, at(pos, seed), into, true);
        return void walk(row, 2 * l + 1, into);
      case "post":
        return void give(row, ofMlps[l]! + pos, dot(seed, post, pos * seed.length));
      case "attn":
        throughAttention(row, l, at(pos, seed), into, true);
        return void walk(row, 2 * l, into);
      case "z": {
        if (layers[l]!.through) {
          throughZ(row, l, at(pos, seed), into);
          return void walk(row, 2 * l, into);
        }
        const width = D / H;
        for (let h = 0; h < H; h++) {
          const part = seed.subarray(h * width, (h + 1) * width);
          give(row, ofHeads[l]! + pos * H + h, dot(part, z, pos * D + h * width));
        }
      }
    }
  }

  return {
    nodes,
    row: (number) => {
      const node = nodes[number]!;
      const { kind, layer, pos, index } = node;
      const row: CircuitRow = { source: [], weight: [], bias: 0 };
      if (kind === "feature") featureRow(row, node);
      if (kind === "logit") {
        const { direction, bias } = logits[number - firstLogit]!;
        row.bias += bias;
        walk(
          row,
          2 * L,
          at(
            pos,
            direction.map((v) => v / lastScale),
          ),
        );
      }
      if (kind === "mlp") {
        const { read, constant } = layers[layer]!.mlps[pos]!;
        row.bias += constant;
        walk(row, 2 * layer + 1, at(pos, read.slice()));
      }
      if (kind === "head") {
        const { heads, pattern, norm1 } = layers[layer]!;
        const { read, constant } = heads[pos * H + index]!;
        row.bias += constant;
        const g = none();
        for (let s = 0; s <= pos; s++) {
          const a = pattern[(index * T + pos) * T + s]!;
          if (a !== 0) plus(g, s, read, a / norm1.scale[s]!);
        }
        walk(row, 2 * layer, g);
      }
      return row;
    },
  };
}
