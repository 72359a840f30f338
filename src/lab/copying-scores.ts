/**
 * The copying score of the IOI paper: a name's state after the first block goes through a head's OV circuit alone, and the model's
 * end reads what comes out; the share of names that are then among the five likeliest tokens. With −OV for the negative score.
 * In full: o = (LN1(x) W_V + b_V) W_O of the head, logits = LN_f(o) W_U, without the layer's b_O.
 * Source: Wang et al. 2022, section 3.1 and appendix; x there is the state after the first MLP too.
 */
import { breathe } from "../core/breathe.ts";
import { blockHook } from "../core/hooks.ts";
import { affineRows, divideByScale, normScale } from "../math/layer-norm.ts";
import { topIndices } from "../math/softmax.ts";
import type { LoadedModel } from "../model/loaded-model.ts";
import { normParameters } from "./basis-parameters.ts";
import { unembedded } from "./lens.ts";

const TOP = 5;
const ROWS = 32;

export interface NamedState {
  token: number;
  /** blocks.0.hook_resid_post at the token, [D] */
  state: Float32Array;
}
/** By head, in reading order. */
export interface CopyingScores {
  copying: number[];
  negative: number[];
}

/** What each head makes of a state, [H][D]. */
export async function ovOutputs(model: LoadedModel, layer: number, state: Float32Array) {
  const { n_embd: D, n_head: H, layer_norm_epsilon } = model.info.config;
  const h = D / H;
  const { w, b } = await normParameters(model, blockHook(layer, "ln1.hook_normalized"));
  const x = affineRows(divideByScale(state, normScale(state, D, layer_norm_epsilon), D), w, b);
  const weight = async (name: string) => (await model.weight(`h.${layer}.attn.${name}`)).data;
  const [W, bias, W_O] = [
    await weight("c_attn.weight"),
    await weight("c_attn.bias"),
    await weight("c_proj.weight"),
  ];
  return Array.from({ length: H }, (_, head) => {
    const out = new Float64Array(D);
    for (let i = head * h; i < (head + 1) * h; i++) {
      let v = bias[2 * D + i]!;
      for (let d = 0; d < D; d++) v += x[d]! * W[d * 3 * D + 2 * D + i]!;
      for (let d = 0; d < D; d++) out[d]! += v * W_O[i * D + d]!;
    }
    return Float32Array.from(out);
  });
}

export async function copyingScores(
  model: LoadedModel,
  names: readonly NamedState[],
  { signal, progress }: { signal: AbortSignal; progress: (done: number, total: number) => void },
): Promise<CopyingScores> {
  const { n_layer, n_head, vocab_size: V } = model.info.config;
  const hits = { copying: new Array<number>(n_layer * n_head).fill(0) };
  const found: CopyingScores = { ...hits, negative: hits.copying.slice() };
  const total = n_layer * names.length;
  let done = 0;
  for (let layer = 0; layer < n_layer; layer++) {
    for (const { token, state } of names) {
      const outputs = await ovOutputs(model, layer, state);
      const vectors = [...outputs, ...outputs.map((out) => out.map((v) => -v))];
      for (let from = 0; from < vectors.length; from += ROWS) {
        const chunk = vectors.slice(from, from + ROWS);
        const logits = await unembedded(model, "raw", chunk, signal);
        chunk.forEach((_, i) => {
          const head = (from + i) % n_head;
          const list = from + i < n_head ? found.copying : found.negative;
          const best = topIndices(logits.subarray(i * V, (i + 1) * V), TOP);
          if (best.includes(token)) list[layer * n_head + head]! += 1 / names.length;
        });
      }
      progress(++done, total);
      await breathe();
      signal.throwIfAborted();
    }
  }
  return found;
}
