/** Worker method of the attention figures: patterns, raw scores, and the lengths of what attention moves. */
import type { AttentionFacts } from "../core/attention.ts";
import type { Basis } from "../core/basis.ts";
import { breathe } from "../core/breathe.ts";
import { blockHook } from "../core/hooks.ts";
import { LabError } from "../core/lab-error.ts";
import type { TensorData } from "../core/types.ts";
import { outputGrams, outputNorms, valueNorms } from "../math/attention-norms.ts";
import type { LoadedModel } from "../model/loaded-model.ts";
import type { Handlers } from "../rpc/serve.ts";
import { readParameter } from "./basis-parameters.ts";
import { bench } from "./bench.ts";
import { runForFigure } from "./figure-run.ts";

export const attentionHandlers: Pick<Handlers, "figure.attention"> = {
  "figure.attention": async (input, { signal }) => {
    const model = bench.require();
    const { n_layer, n_head: H, n_embd } = model.info.config;
    const { layer, basis } = input;
    const h = n_embd / H;
    if (layer !== null && !(layer >= 0 && layer < n_layer)) {
      throw new LabError("bad-input", `there is no layer ${layer}; this model has ${n_layer}`);
    }
    const layers = layer === null ? Array.from({ length: n_layer }, (_, index) => index) : [layer];
    const hooks = (site: "attn.hook_pattern" | "attn.hook_attn_scores" | "attn.hook_v") =>
      layers.map((index) => blockHook(index, site));
    const [patterns, scores, values] = [
      hooks("attn.hook_pattern"),
      hooks("attn.hook_attn_scores"),
      hooks("attn.hook_v"),
    ];
    const run = await runForFigure(input, [...patterns, ...scores, ...values], "none", signal);
    const T = run.tokens.ids.length;
    const tensors = (names: readonly string[]) => names.map((name) => run.at(name).data);
    const written: Float32Array[] = [];
    for (const [i, v_THh] of tensors(values).entries()) {
      const gram = await gramsOf(model, layers[i]!, basis);
      signal.throwIfAborted();
      written.push(outputNorms(v_THh, gram, H, h));
    }
    const value: AttentionFacts = {
      tokens: run.tokens,
      layer: layers[0]!,
      pattern: stacked(tensors(patterns), [H, T, T]),
      scores: stacked(tensors(scores), [H, T, T]),
      valueNorms: stacked(
        tensors(values).map((v_THh) => valueNorms(v_THh, H, h)),
        [H, T],
      ),
      outputNorms: stacked(written, [H, T]),
    };
    return { value, transfer: [value.pattern.data.buffer, value.scores.data.buffer] };
  },
};

function stacked(parts: readonly Float32Array[], dims: readonly number[]): TensorData {
  const size = dims.reduce((a, b) => a * b, 1);
  const data = new Float32Array(parts.length * size);
  parts.forEach((part, i) => data.set(part, i * size));
  return { data, dims: [parts.length, ...dims] };
}

/** By "layer basis", for the models they belong to. */
const grams = new WeakMap<LoadedModel, Map<string, Float64Array>>();

async function gramsOf(model: LoadedModel, layer: number, basis: Basis): Promise<Float64Array> {
  const known = grams.get(model) ?? new Map<string, Float64Array>();
  grams.set(model, known);
  const key = `${layer} ${basis}`;
  const found = known.get(key);
  if (found) return found;
  const { n_head, n_embd } = model.info.config;
  const { data } = await readParameter(model, `blocks.${layer}.attn.W_O`, basis);
  const made = outputGrams(data, n_head, n_embd / n_head);
  known.set(key, made);
  await breathe();
  return made;
}
