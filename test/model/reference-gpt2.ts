/**
 * GPT-2 written out in plain loops and float64, from the papers and Hugging Face's description of the config: the
 * engine is compared with it on configs that the embedded model does not have. Nothing is shared with the engine.
 * Returns every activation by hook name, without the batch axis.
 */
import type { Gpt2Config } from "../../src/core/types.ts";

type Matrix = number[][];
type Weights = (name: string) => Float32Array;

const matrix = (data: Float32Array, columns: number): Matrix =>
  Array.from({ length: data.length / columns }, (_, r) => [
    ...data.subarray(r * columns, (r + 1) * columns),
  ]);
const plus = (a: Matrix, b: Matrix): Matrix => a.map((row, t) => row.map((v, i) => v + b[t]![i]!));

function affine(x: Matrix, w: Float32Array, b: Float32Array): Matrix {
  const W = matrix(w, b.length);
  return x.map((row) =>
    [...b].map((bias, o) => row.reduce((sum, v, i) => sum + v * W[i]![o]!, bias)),
  );
}

function norm(x: Matrix, w: Float32Array, b: Float32Array, epsilon: number): Matrix {
  return x.map((row) => {
    const mean = row.reduce((a, v) => a + v, 0) / row.length;
    const variance = row.reduce((a, v) => a + (v - mean) ** 2, 0) / row.length;
    return row.map((v, i) => ((v - mean) / Math.sqrt(variance + epsilon)) * w[i]! + b[i]!);
  });
}

/** erf by its Maclaurin series; good to 1e-12 for |x| < 4, which is all that these tests reach. */
function erf(x: number): number {
  let term = x;
  let sum = x;
  for (let n = 1; n < 80; n++) {
    term *= -(x * x) / n;
    sum += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}

const ACTIVATIONS: Record<Gpt2Config["activation_function"], (x: number) => number> = {
  relu: (x) => Math.max(0, x),
  gelu: (x) => (x / 2) * (1 + erf(x / Math.SQRT2)),
  gelu_new: (x) => (x / 2) * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3))),
};

export function referenceForward(
  ids: readonly number[],
  weight: Weights,
  c: Gpt2Config,
  tiedHead: boolean,
): { hooks: Map<string, number[]>; logits: Matrix } {
  const hooks = new Map<string, number[]>();
  const keep = (name: string, x: Matrix) => {
    hooks.set(name, x.flat());
    return x;
  };
  const h = c.n_embd / c.n_head;
  const wte = matrix(weight("wte.weight"), c.n_embd);
  const wpe = matrix(weight("wpe.weight"), c.n_embd);
  let x = plus(
    keep(
      "hook_embed",
      ids.map((id) => wte[id]!),
    ),
    keep(
      "hook_pos_embed",
      ids.map((_, t) => wpe[t]!),
    ),
  );
  for (let l = 0; l < c.n_layer; l++) {
    const w = (name: string) => weight(`h.${l}.${name}`);
    const at = (name: string) => `blocks.${l}.${name}`;
    const linear = (v: Matrix, name: string) => affine(v, w(`${name}.weight`), w(`${name}.bias`));
    keep(at("hook_resid_pre"), x);
    const n1 = keep(
      at("ln1.hook_normalized"),
      norm(x, w("ln_1.weight"), w("ln_1.bias"), c.layer_norm_epsilon),
    );
    const qkv = linear(n1, "attn.c_attn");
    const [q, k, v] = [0, 1, 2].map((p) =>
      qkv.map((row) => row.slice(p * c.n_embd, (p + 1) * c.n_embd)),
    );
    keep(at("attn.hook_q"), q!);
    keep(at("attn.hook_k"), k!);
    keep(at("attn.hook_v"), v!);
    const scale =
      (c.scale_attn_weights ? Math.sqrt(h) : 1) * (c.scale_attn_by_inverse_layer_idx ? l + 1 : 1);
    const scores: Matrix = [];
    const pattern: Matrix = [];
    const z: Matrix = ids.map(() => []);
    for (let head = 0; head < c.n_head; head++) {
      const part = (row: number[]) => row.slice(head * h, (head + 1) * h);
      for (let t = 0; t < ids.length; t++) {
        const line = ids.map((_, s) =>
          s > t
            ? -Infinity
            : part(q![t]!).reduce((sum, a, i) => sum + a * part(k![s]!)[i]!, 0) / scale,
        );
        const largest = Math.max(...line);
        const exps = line.map((a) => Math.exp(a - largest));
        const total = exps.reduce((a, b) => a + b);
        const weights = exps.map((e) => e / total);
        scores.push(line);
        pattern.push(weights);
        for (let i = 0; i < h; i++) {
          z[t]!.push(weights.reduce((sum, a, s) => sum + a * part(v![s]!)[i]!, 0));
        }
      }
    }
    keep(at("attn.hook_attn_scores"), scores);
    keep(at("attn.hook_pattern"), pattern);
    keep(at("attn.hook_z"), z);
    x = keep(at("hook_resid_mid"), plus(x, keep(at("hook_attn_out"), linear(z, "attn.c_proj"))));
    const n2 = keep(
      at("ln2.hook_normalized"),
      norm(x, w("ln_2.weight"), w("ln_2.bias"), c.layer_norm_epsilon),
    );
    const pre = keep(at("mlp.hook_pre"), linear(n2, "mlp.c_fc"));
    const act = ACTIVATIONS[c.activation_function];
    const post = keep(
      at("mlp.hook_post"),
      pre.map((row) => row.map(act)),
    );
    x = keep(at("hook_resid_post"), plus(x, keep(at("hook_mlp_out"), linear(post, "mlp.c_proj"))));
  }
  const f = keep(
    "ln_final.hook_normalized",
    norm(x, weight("ln_f.weight"), weight("ln_f.bias"), c.layer_norm_epsilon),
  );
  const head = tiedHead ? wte : matrix(weight("lm_head.weight"), c.n_embd);
  return {
    hooks,
    logits: f.map((row) => head.map((w) => w.reduce((sum, a, i) => sum + a * row[i]!, 0))),
  };
}
