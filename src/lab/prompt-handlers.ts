/** Worker method of the bench's prompt: everything it shows, from one forward pass. */
import { blockHook } from "../core/hooks.ts";
import type { PromptFeatures } from "../core/prompt-view.ts";
import type { TensorData } from "../core/types.ts";
import type { LoadedModel } from "../model/loaded-model.ts";
import type { Handlers } from "../rpc/serve.ts";
import { rawEdits } from "./basis-parameters.ts";
import { bench } from "./bench.ts";
import { predictTop, rowOf } from "./predict.ts";
import { viewLimit } from "../core/view-limit.ts";
import { readPrompt } from "./read-prompt.ts";
import { openSae } from "./sae-shelf.ts";
import { encodeOnce } from "./encode-once.ts";
import { resolveEdits } from "./resolve-edits.ts";
import { checkFits } from "./sae-edit.ts";
import { actualNext } from "./token-chances.ts";

export const promptHandlers: Pick<Handlers, "prompt.view"> = {
  "prompt.view": async ({ prompt, edits, basis, saeId, topK }, { signal }) => {
    const start = performance.now();
    const model = bench.require();
    const tokens = readPrompt(model, prompt, viewLimit(model.info.config));
    const sae = saeId === null ? null : await openSae(saeId);
    if (sae) checkFits(sae.config, model.info.config);
    const patterns = patternHooks(model);
    const names = sae ? [...new Set([...patterns, sae.config.hook])] : patterns;
    const ids = [tokens.ids];
    const direct = await resolveEdits(model, ids, edits, { basis, signal });
    const { logits, cache } = await model.run({
      ...{ ids, names, signal, logits: "all" },
      edits: (await rawEdits(model, direct, basis)).edits,
    });
    const predictions = tokens.ids.map((_, position) =>
      predictTop(rowOf(logits!, position), model.tokenizer, topK),
    );
    const actual = actualNext(logits!.data, tokens.ids);
    const pattern = stack(patterns.map((name) => cache.get(name)!));
    const features: PromptFeatures | null = sae && {
      saeId: sae.summary.id,
      active: activeFeatures(encodeOnce(cache.get(sae.config.hook)!.data, sae), sae.config.dSae),
    };
    const milliseconds = performance.now() - start;
    return {
      value: { tokens, pattern, predictions, actual, features, milliseconds },
      transfer: [pattern.data.buffer],
    };
  },
};

const patternHooks = ({ info }: LoadedModel): string[] =>
  Array.from({ length: info.config.n_layer }, (_, layer) => blockHook(layer, "attn.hook_pattern"));

/** Layers of [1, H, T, T] → [L, H, T, T]. */
function stack(layers: readonly TensorData[]): TensorData {
  const { dims, data } = layers[0]!;
  const out = new Float32Array(layers.length * data.length);
  layers.forEach((layer, i) => out.set(layer.data, i * data.length));
  return { data: out, dims: [layers.length, ...dims.slice(1)] };
}

/** Active latents of each row of [T, F], strongest first. */
function activeFeatures(f_TF: Float32Array, dSae: number): PromptFeatures["active"] {
  return Array.from({ length: f_TF.length / dSae }, (_, t) => {
    const row: { feature: number; activation: number }[] = [];
    for (let feature = 0; feature < dSae; feature++) {
      const activation = f_TF[t * dSae + feature]!;
      if (activation > 0) row.push({ feature, activation });
    }
    return row.sort((a, b) => b.activation - a.activation);
  });
}
