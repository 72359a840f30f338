/**
 * A GPT-2 with a planted circuit: weights set by hand, so that the true edges are known. It continues "… A B … A" with B.
 * - a0.h1 looks one position back and writes the token there: it reads tokens by v (and positions, which no corruption of
 *   tokens changes, by q and k).
 * - a1.h0 looks where the token before is the present one (q of the input, k of a0.h1) and writes the token there (v).
 * - m1 writes that token where the logits read it.
 * All other heads and MLPs have small weights at random: they do a little of everything, and nothing that matters.
 *
 * Codes are one-hot in four parts of the stream beside the positions, small beside ε, so that every LayerNorm divides by
 * nearly the same; attention is soft enough to have a slope.
 */
import { circuitGraph, type EdgeMask, parseEdge } from "../../src/core/circuit.ts";
import type { RunPair } from "../../src/core/task.ts";
import { writeSafetensors } from "../../src/formats/safetensors-write.ts";
import { keyedRandom, normal } from "../../src/math/keyed-random.ts";
import { parseConfig } from "../../src/model/config.ts";
import { expectedShapes } from "../../src/model/layout.ts";

const V = 8;
const P = 6;
const H = 2;
const D = 40; // P + 4·V = 38, and a multiple of H
const DH = D / H;
const MLP = 11;
const NOISE = 0.03;
const EPSILON = 0.1;
/** Of a code in the stream; and after a LayerNorm, whose variance is nearly ε alone. */
const SIZE = 0.03;
const UNIT = SIZE / Math.sqrt(EPSILON);
/** What attention adds to the score where a code matches, before the softmax. */
const MATCH = 4.5;
const LOGIT = 9;

/** Where in the stream the parts begin. */
const POSITION = 0;
const TOKEN = P;
const BEFORE = TOKEN + V;
const COPIED = BEFORE + V;
const ANSWER = COPIED + V;

/** The edges that carry the answer where all tokens are corrupted and positions are not. */
export const PLANTED_EDGES = [
  "input->a0.h1<v>",
  "input->a1.h0<q>",
  "a0.h1->a1.h0<k>",
  "input->a1.h0<v>",
  "a1.h0->m1",
  "m1->logits",
] as const;

const pair = (
  clean: readonly number[],
  corrupted: readonly number[],
  answer: number,
  wrong: number,
): RunPair => ({ clean, corrupted, answers: [answer], wrong: [wrong] });
export const PLANTED_PAIRS: readonly RunPair[] = [
  pair([0, 1, 2, 3, 4, 1], [3, 5, 6, 7, 0, 5], 2, 6),
  pair([7, 3, 5, 6, 2, 3], [1, 0, 4, 2, 5, 0], 5, 4),
  pair([4, 6, 2, 0, 6, 2], [1, 3, 7, 5, 3, 7], 0, 5),
];

/** The files of the checkpoint; the output head is its own. */
export function plantedCheckpoint(seed = 1) {
  const config = JSON.stringify({
    ...{ model_type: "gpt2", n_layer: 3, n_head: H, n_embd: D, n_inner: MLP, n_positions: P },
    ...{ vocab_size: V, bos_token_id: V - 1, layer_norm_epsilon: EPSILON },
    ...{ activation_function: "relu", tie_word_embeddings: false },
  });
  const random = keyedRandom(seed);
  const shapes = expectedShapes(parseConfig(config).config, false);
  const tensors = new Map(
    [...shapes].map(([name, shape]) => {
      const data = new Float32Array(shape.reduce((a, b) => a * b, 1));
      if (/ln_.*weight/.test(name)) data.fill(1);
      if (/(attn|mlp).*weight/.test(name))
        data.forEach((_, i) => (data[i] = NOISE * normal(random)));
      return [name, { shape, data }];
    }),
  );
  /** Sets one number of a matrix. */
  const put = (name: string, row: number, column: number, value: number) => {
    const { shape, data } = tensors.get(name)!;
    data[row * shape[1]! + column] = value;
  };
  const clear = (name: string, columns: (column: number) => boolean) => {
    const { shape, data } = tensors.get(name)!;
    data.forEach((_, i) => {
      if (columns(i % shape.at(-1)!)) data[i] = 0;
    });
  };
  /** The head reads and writes nothing but what is set afterwards. */
  const clearHead = (layer: number, head: number) => {
    const own = (column: number) => Math.floor((column % D) / DH) === head;
    for (const part of ["weight", "bias"]) clear(`h.${layer}.attn.c_attn.${part}`, own);
    const { data } = tensors.get(`h.${layer}.attn.c_proj.weight`)!;
    data.fill(0, head * DH * D, (head + 1) * DH * D);
  };
  /** q, k or v (0, 1, 2) of a head: its i-th number reads a coordinate of the stream. */
  const read = (layer: number, head: number, part: number, i: number, from: number, by: number) =>
    put(`h.${layer}.attn.c_attn.weight`, from, part * D + head * DH + i, by);
  const write = (layer: number, head: number, i: number, to: number, by: number) =>
    put(`h.${layer}.attn.c_proj.weight`, head * DH + i, to, by);

  const match = Math.sqrt(MATCH * Math.sqrt(DH)) / UNIT;
  for (let t = 0; t < V; t++) put("wte.weight", t, TOKEN + t, SIZE);
  for (let p = 0; p < P; p++) put("wpe.weight", p, POSITION + p, SIZE);

  clearHead(0, 1);
  for (let p = 0; p + 1 < P; p++) {
    read(0, 1, 0, p, POSITION + p + 1, match);
    read(0, 1, 1, p, POSITION + p, match);
  }
  clearHead(1, 0);
  for (let t = 0; t < V; t++) {
    read(0, 1, 2, t, TOKEN + t, 1);
    write(0, 1, t, BEFORE + t, SIZE / UNIT);
    read(1, 0, 0, t, TOKEN + t, match);
    read(1, 0, 1, t, BEFORE + t, match);
    read(1, 0, 2, t, TOKEN + t, 1);
    write(1, 0, t, COPIED + t, SIZE / UNIT);
  }
  for (const part of ["c_fc.weight", "c_fc.bias", "c_proj.weight", "c_proj.bias"]) {
    clear(`h.1.mlp.${part}`, () => true);
  }
  for (let t = 0; t < V; t++) {
    put("h.1.mlp.c_fc.weight", COPIED + t, t, 1 / UNIT);
    put("h.1.mlp.c_proj.weight", t, ANSWER + t, SIZE);
    put("lm_head.weight", t, ANSWER + t, LOGIT / UNIT);
  }
  const weights = writeSafetensors(
    [...tensors].map(([name, { shape, data }]) => ({ name, shape, dtype: "F32" as const, data })),
  );
  return { config, weights, tied: false };
}

export const plantedGraph = circuitGraph({ n_layer: 3, n_head: H });

export function plantedMask(): EdgeMask {
  const mask = new Uint8Array(plantedGraph.edges);
  for (const name of PLANTED_EDGES) mask[parseEdge(plantedGraph, name)] = 1;
  return mask;
}
