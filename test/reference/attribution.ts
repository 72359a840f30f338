/**
 * Direct logit attribution in float64, written from its definition: a vector y of the residual stream goes through the
 * final LayerNorm with the mean its own and the scale the run's, then to the logits. In TransformerLens's basis give it
 * the model with processed weights.
 */
import type { ReferenceRun } from "./forward.ts";
import type { ReferenceModel } from "./weights.ts";

export interface ReferencePart {
  label: string;
  /** [T, D] */
  y: Float64Array;
}
type Pair = readonly [token: number, against: number | null] | null;

const value = (run: ReferenceRun, name: string) => run.get(name).value;
const range = (n: number) => Array.from({ length: n }, (_, i) => i);

/** w·LN-without-bias(y_t)·(W_U[:, token] − W_U[:, against]); NaN without a target. [T] */
export function written(
  model: ReferenceModel,
  run: ReferenceRun,
  y: Float64Array,
  pairs: readonly Pair[],
): number[] {
  const { n_embd: D, vocab_size: V } = model.config;
  const scale = value(run, "ln_final.hook_scale");
  return pairs.map((pair, t) => {
    if (!pair) return NaN;
    const row = y.slice(t * D, (t + 1) * D);
    const mean = row.reduce((a, b) => a + b, 0) / D;
    const column = (v: number | null, d: number) => (v === null ? 0 : model.unembed.W[d * V + v]!);
    return row.reduce((sum, x, d) => {
      const normalized = ((x - mean) / scale[t]!) * model.lnFinal.w[d]!;
      return sum + normalized * (column(pair[0], d) - column(pair[1], d));
    }, 0);
  });
}

/** What the logit (difference) would be of a stream of nothing. */
export function bias({ config, lnFinal, unembed }: ReferenceModel, pair: Pair): number {
  if (!pair) return NaN;
  const of = (v: number | null) =>
    v === null
      ? 0
      : lnFinal.b.reduce(
          (sum, b, d) => sum + b * unembed.W[d * config.vocab_size + v]!,
          unembed.b[v]!,
        );
  return of(pair[0]) - of(pair[1]);
}

export function logits({ config }: ReferenceModel, run: ReferenceRun, pairs: readonly Pair[]) {
  const at = (t: number, v: number) => value(run, "logits")[t * config.vocab_size + v]!;
  return pairs.map((pair, t) =>
    pair ? at(t, pair[0]) - (pair[1] === null ? 0 : at(t, pair[1])) : NaN,
  );
}

export function components({ config }: ReferenceModel, run: ReferenceRun): ReferencePart[] {
  const part = (label: string, hook: string) => ({ label, y: value(run, hook) });
  return [
    part("embed", "hook_embed"),
    part("pos_embed", "hook_pos_embed"),
    ...range(config.n_layer).flatMap((l) => [
      part(`${l}_attn_out`, `blocks.${l}.hook_attn_out`),
      part(`${l}_mlp_out`, `blocks.${l}.hook_mlp_out`),
    ]),
  ];
}

export function states({ config }: ReferenceModel, run: ReferenceRun): ReferencePart[] {
  const blocks = range(config.n_layer).flatMap((l) => [
    { label: `${l}_pre`, y: value(run, `blocks.${l}.hook_resid_pre`) },
    { label: `${l}_mid`, y: value(run, `blocks.${l}.hook_resid_mid`) },
  ]);
  const last = `blocks.${config.n_layer - 1}.hook_resid_post`;
  return [...blocks, { label: "final_post", y: value(run, last) }];
}

/** z[head]·W_O[head], [T, D] */
export function head(model: ReferenceModel, run: ReferenceRun, l: number, h: number): Float64Array {
  const { n_embd: D, n_head } = model.config;
  const z = value(run, `blocks.${l}.attn.hook_z`); // [T, H, d_head]
  const dHead = D / n_head;
  return z.map((_, i) => {
    const [t, d] = [Math.floor(i / D), i % D];
    return range(dHead).reduce((sum, k) => {
      const input = h * dHead + k;
      return sum + z[t * D + input]! * model.blocks[l]!.out.W[input * D + d]!;
    }, 0);
  });
}

/** post[neuron]·W_out[neuron], [T, D] */
export function neuron(model: ReferenceModel, run: ReferenceRun, l: number, n: number) {
  const { n_embd: D, n_inner } = model.config;
  const post = value(run, `blocks.${l}.mlp.hook_post`);
  return Float64Array.from({ length: (post.length / n_inner) * D }, (_, i) => {
    const [t, d] = [Math.floor(i / D), i % D];
    return post[t * n_inner + n]! * model.blocks[l]!.mlpOut.W[n * D + d]!;
  });
}
