/**
 * A model's parameters under TransformerLens's names and shapes, in either basis, out of the checkpoint's tensors.
 * `raw` is TransformerLens without weight processing, `tl` its default: LayerNorm's weight and bias folded into what reads
 * (whose columns are then centred over d_model), what writes centred over d_model, the unembedding centred over the
 * vocabulary, b_V folded into b_O. Axis letters: V vocabulary, P positions, H heads, D d_model, h d_head, m d_mlp.
 */
import type { Basis } from "../core/basis.ts";
import { LabError } from "../core/lab-error.ts";
import type { Gpt2Config, TensorData } from "../core/types.ts";
import { foldedValueBias } from "./basis.ts";
import { centred, plusRow, vectorTimes } from "./rows.ts";

/** Stands for the output head, [V, D]: `lm_head.weight`, or `wte.weight` where the two are tied. */
export const OUTPUT_HEAD = "output head";
type Tensors = (name: string) => Float32Array;
type Config = Pick<
  Gpt2Config,
  "n_layer" | "n_head" | "n_embd" | "n_inner" | "vocab_size" | "n_positions"
>;

interface Recipe {
  /** The checkpoint's tensors that it takes. */
  sources: string[];
  make: (tensors: Tensors) => TensorData;
}

const NAMES =
  "embed.W_E, pos_embed.W_pos, blocks.{l}.attn.W_Q|W_K|W_V|W_O|b_Q|b_K|b_V|b_O, blocks.{l}.mlp.W_in|b_in|W_out|b_out, " +
  "unembed.W_U|b_U, and in the raw basis blocks.{l}.ln1|ln2.w|b, ln_final.w|b";

/**
 * What a parameter is made of, and how.
 * @throws LabError "bad-input" for a name that there is not, or not in that basis
 */
export function parameterRecipe(name: string, basis: Basis, config: Config): Recipe {
  const [, digits, own] = /^blocks\.(\d+)\.(.+)$/.exec(name) ?? [];
  const layer = Number(digits);
  const recipe =
    own === undefined
      ? outerRecipe(name, basis, config)
      : layer < config.n_layer
        ? blockRecipe(`h.${layer}`, own, basis, config)
        : null;
  if (recipe) return recipe;
  const folded = basis === "tl" && /(ln\d|ln_final)\.[wb]$/.test(name);
  throw new LabError(
    "bad-input",
    folded
      ? `"${name}" is folded into other weights in TransformerLens's basis; ask for it in the raw one`
      : `"${name}" is no parameter of this model (${config.n_layer} layers); there are ${NAMES}`,
  );
}

const plain = (source: string, dims: number[]): Recipe => ({
  sources: [source],
  make: (get) => ({ data: get(source), dims }),
});

function outerRecipe(name: string, basis: Basis, c: Config): Recipe | null {
  const { n_embd: D, vocab_size: V } = c;
  const raw = basis === "raw";
  const writer = (source: string, dims: number[]): Recipe => ({
    sources: [source],
    make: (get) => ({ data: raw ? get(source) : centred(get(source), D), dims }),
  });
  switch (name) {
    case "embed.W_E":
      return writer("wte.weight", [V, D]);
    case "pos_embed.W_pos":
      return writer("wpe.weight", [c.n_positions, D]);
    case "unembed.W_U":
      return {
        sources: raw ? [OUTPUT_HEAD] : [OUTPUT_HEAD, "ln_f.weight"],
        make: (get) => {
          const head_VD = get(OUTPUT_HEAD);
          if (raw) return { data: transposed(head_VD, V), dims: [D, V] };
          // Each token's direction: LayerNorm's weight folded in, centred over D; then each row centred over V.
          const w = get("ln_f.weight");
          const folded = centred(
            head_VD.map((x, i) => x * w[i % D]!),
            D,
          );
          return { data: centred(transposed(folded, V), V), dims: [D, V] };
        },
      };
    case "unembed.b_U":
      return {
        sources: raw ? [] : [OUTPUT_HEAD, "ln_f.bias"],
        make: (get) => {
          if (raw) return { data: new Float32Array(V), dims: [V] };
          const bias_V = vectorTimes(get("ln_f.bias"), transposed(get(OUTPUT_HEAD), V));
          return { data: centred(bias_V, V), dims: [V] };
        },
      };
    case "ln_final.w":
      return raw ? plain("ln_f.weight", [D]) : null;
    case "ln_final.b":
      return raw ? plain("ln_f.bias", [D]) : null;
    default:
      return null;
  }
}

function blockRecipe(h: string, own: string, basis: Basis, c: Config): Recipe | null {
  const { n_embd: D, n_head: H, n_inner: m } = c;
  const raw = basis === "raw";
  const [ln, attnW, attnB] = [`${h}.ln_1`, `${h}.attn.c_attn.weight`, `${h}.attn.c_attn.bias`];
  const [projW, projB] = [`${h}.attn.c_proj.weight`, `${h}.attn.c_proj.bias`];
  const of = (sources: string[], dims: number[], make: (get: Tensors) => Float32Array): Recipe => ({
    sources,
    make: (get) => ({ data: make(get), dims }),
  });
  const norm = /^ln([12])\.([wb])$/.exec(own);
  if (norm) {
    const part = norm[2] === "w" ? "weight" : "bias";
    return raw ? plain(`${h}.ln_${norm[1]}.${part}`, [D]) : null;
  }
  const head = /^attn\.([Wb])_([QKV])$/.exec(own);
  if (head) {
    const part = "QKV".indexOf(head[2]!);
    if (head[1] === "W") {
      const sources = raw ? [attnW] : [attnW, `${ln}.weight`];
      return of(sources, [H, D, D / H], (get) => {
        const W_DD = columns(get(attnW), 3 * D, part * D, D);
        return byHead(raw ? W_DD : foldedWeight(W_DD, get(`${ln}.weight`)), H);
      });
    }
    if (!raw && part === 2) return of([], [H, D / H], () => new Float32Array(D));
    return of(raw ? [attnB] : [attnB, attnW, `${ln}.bias`], [H, D / H], (get) => {
      const bias = get(attnB).slice(part * D, (part + 1) * D);
      return raw
        ? bias
        : foldedBias(bias, columns(get(attnW), 3 * D, part * D, D), get(`${ln}.bias`));
    });
  }
  const writer = (source: string, dims: number[]): Recipe =>
    of([source], dims, (get) => (raw ? get(source) : centred(get(source), D)));
  const [inW, inB, ln2] = [`${h}.mlp.c_fc.weight`, `${h}.mlp.c_fc.bias`, `${h}.ln_2`];
  switch (own) {
    case "attn.W_O":
      return writer(projW, [H, D / H, D]);
    case "attn.b_O":
      if (raw) return plain(projB, [D]);
      return of([projB, projW, attnW, attnB, `${ln}.bias`], [D], (get) => {
        const bias = foldedValueBias(get(attnW), get(attnB), get(`${ln}.bias`));
        return centred(plusRow(get(projB), vectorTimes(bias, get(projW))), D);
      });
    case "mlp.W_in":
      if (raw) return plain(inW, [D, m]);
      return of([inW, `${ln2}.weight`], [D, m], (get) =>
        foldedWeight(get(inW), get(`${ln2}.weight`)),
      );
    case "mlp.b_in":
      if (raw) return plain(inB, [m]);
      return of([inB, inW, `${ln2}.bias`], [m], (get) =>
        foldedBias(get(inB), get(inW), get(`${ln2}.bias`)),
      );
    case "mlp.W_out":
      return writer(`${h}.mlp.c_proj.weight`, [m, D]);
    case "mlp.b_out":
      return writer(`${h}.mlp.c_proj.bias`, [D]);
    default:
      return null;
  }
}

/** diag(w)·W, each column minus its mean over D. @param W_DO [D, O] */
function foldedWeight(W_DO: Float32Array, w_D: Float32Array): Float32Array {
  const [D, O] = [w_D.length, W_DO.length / w_D.length];
  const scaled = W_DO.map((x, i) => x * w_D[Math.floor(i / O)]!);
  return transposed(centred(transposed(scaled, D), D), O);
}

/** b + b_ln·W */
const foldedBias = (b_O: Float32Array, W_DO: Float32Array, lnBias_D: Float32Array): Float32Array =>
  plusRow(b_O, vectorTimes(lnBias_D, W_DO));

/** Columns from … from + count − 1 of a matrix that is `width` wide. */
function columns(x: Float32Array, width: number, from: number, count: number): Float32Array {
  return Float32Array.from(
    { length: (x.length / width) * count },
    (_, i) => x[Math.floor(i / count) * width + from + (i % count)]!,
  );
}

/** [D, H·h] → [H, D, h] */
function byHead(x_DD: Float32Array, H: number): Float32Array {
  const D = Math.sqrt(x_DD.length);
  const out = new Float32Array(x_DD.length);
  const h = D / H;
  for (let head = 0; head < H; head++) {
    out.set(columns(x_DD, D, head * h, h), head * D * h);
  }
  return out;
}

/** [rows, columns] → [columns, rows] */
function transposed(x: Float32Array, rows: number): Float32Array {
  const out = new Float32Array(x.length);
  const width = x.length / rows;
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < width; c++) out[c * rows + r] = x[r * width + c]!;
  }
  return out;
}
