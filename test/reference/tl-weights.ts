/**
 * TransformerLens's default weight processing, really done to the weights: fold_ln, center_writing_weights,
 * center_unembed, fold_value_biases. The processed model is run by the same forward pass; with LayerNorms folded their
 * weight is 1 and their bias 0, which makes them TransformerLens's LayerNormPre.
 */
import type { Affine } from "./token-ops.ts";
import type { NormWeights, ReferenceModel } from "./weights.ts";

export function processed(model: ReferenceModel): ReferenceModel {
  const { config: c } = model;
  const D = c.n_embd;
  return {
    config: c,
    W_E: centredRows(model.W_E, D),
    W_pos: centredRows(model.W_pos, D),
    blocks: model.blocks.map((w) => {
      const qkv = folded(w.qkv, w.ln1);
      const out = centredWriter(w.out);
      return {
        ln1: unit(D),
        qkv: withoutValueBias(qkv, D),
        out: withValueBias(out, qkv.b.subarray(2 * D)),
        ln2: unit(D),
        mlpIn: folded(w.mlpIn, w.ln2),
        mlpOut: centredWriter(w.mlpOut),
      };
    }),
    lnFinal: unit(D),
    unembed: centredOutputs(folded(model.unembed, model.lnFinal)),
  };
}

const unit = (D: number): NormWeights => ({
  w: new Float64Array(D).fill(1),
  b: new Float64Array(D),
});

/** Each row of [rows, D] minus its mean. */
function centredRows(x: Float64Array, D: number): Float64Array {
  const out = x.slice();
  for (let from = 0; from < x.length; from += D) {
    const row = x.subarray(from, from + D);
    const mean = row.reduce((a, b) => a + b) / D;
    row.forEach((v, i) => (out[from + i] = v - mean));
  }
  return out;
}

const centredWriter = ({ W, b }: Affine): Affine => ({
  W: centredRows(W, b.length),
  b: centredRows(b, b.length),
});

/** The unembedding's outputs minus their mean over the vocabulary: its rows are per input, so rows are centred. */
const centredOutputs = centredWriter;

/**
 * LN(x)·W + b with LN's own w and b taken in: W′ = diag(w)·W, b′ = b + b_LN·W. Then each column of W′ is centred, since
 * what comes in has mean 0 and does not see the mean.
 */
function folded({ W, b }: Affine, ln: NormWeights): Affine {
  const [D, O] = [ln.w.length, b.length];
  const outW = W.slice();
  const outB = b.slice();
  for (let o = 0; o < O; o++) {
    let mean = 0;
    for (let i = 0; i < D; i++) {
      const v = W[i * O + o]!;
      outB[o] = outB[o]! + ln.b[i]! * v;
      mean += (ln.w[i]! * v) / D;
    }
    for (let i = 0; i < D; i++) outW[i * O + o] = ln.w[i]! * W[i * O + o]! - mean;
  }
  return { W: outW, b: outB };
}

const withoutValueBias = ({ W, b }: Affine, D: number): Affine => ({
  W,
  b: b.slice().fill(0, 2 * D),
});

/** Attention weights sum to 1, so a bias of the values comes out as b_V·W_O whatever is attended to. */
function withValueBias({ W, b }: Affine, b_V: Float64Array): Affine {
  const D = b.length;
  return { W, b: b.map((v, o) => b_V.reduce((sum, bias, i) => sum + bias * W[i * D + o]!, v)) };
}
