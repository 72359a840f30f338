/**
 * The row of each node of a feature circuit: what every node before it gives to it directly. The sum of a row and its bias is
 * the target's value. The definition is in `core/feature-circuit.ts`.
 */
import { type CircuitNode, circuitNodes, type LogitRead } from "./circuit-nodes.ts";
import { addScaled, dot, pullBack, pushOn, throughNorm } from "./frozen-norm.ts";
import type { FrozenModel, Gradient } from "./frozen-model.ts";
import type { FrozenSae } from "./frozen-sae.ts";

export interface CircuitRow {
  source: number[];
  weight: number[];
  /** What depends on no node: biases, what position 0 writes where that is a number, what an MLP's slopes leave. */
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
  const { nodes, tokens, ofSae, ofHeads, ofMlps, firstLogit } = circuitNodes(
    model,
    logits,
    lastScale,
  );

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
