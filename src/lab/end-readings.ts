/**
 * What each head writes at the last token of a run along the logits that a task compares, and where it looks from there.
 * Direct effect: z W_O · u / scale, u the answers' mean direction less the wrong ones', the scale that of the run's own final
 * LayerNorm (direct logit attribution). Lists are by head, in reading order.
 */
import { blockHook } from "../core/hooks.ts";
import type { PatchPair } from "../core/patching.ts";
import type { TensorData } from "../core/types.ts";
import type { LoadedModel } from "../model/loaded-model.ts";
import { readUnembeddingOf } from "./basis-parameters.ts";

export type Cache = ReadonlyMap<string, TensorData>;
/** What one pair's clean run says. */
export interface PairReading {
  direct: number[];
  toAnswer: number[];
  toWrong: number[];
  /** Attention to a name, and what is written along its logit; NaN where the prompt lacks it. */
  points: { attention: number[]; written: number[] }[];
}

const layersOf = (L: number) => Array.from({ length: L }, (_, l) => l);

/** W_O · u of every layer, [D] each, for each token whose logit is read; and their weights in the logit difference. */
export interface Along {
  tokens: readonly { token: number; share: number; layers: readonly Float64Array[] }[];
}
export async function alongOf(model: LoadedModel, { answers, wrong }: PatchPair): Promise<Along> {
  const { n_layer, n_embd: D } = model.info.config;
  const tokens = [
    ...answers.map((token) => ({ token, share: 1 / answers.length })),
    ...wrong.map((token) => ({ token, share: -1 / wrong.length })),
  ];
  const ids = tokens.map(({ token }) => token);
  const { directions } = await readUnembeddingOf(model, ids, "raw");
  const layers = tokens.map((): Float64Array[] => []);
  for (const l of layersOf(n_layer)) {
    const { data: W_O } = await model.weight(`h.${l}.attn.c_proj.weight`);
    tokens.forEach((_, n) => {
      layers[n]!.push(
        Float64Array.from({ length: D }, (__, i) => {
          let sum = 0;
          for (let d = 0; d < D; d++) sum += W_O[i * D + d]! * directions[n * D + d]!;
          return sum;
        }),
      );
    });
  }
  return { tokens: tokens.map((token, n) => ({ ...token, layers: layers[n]! })) };
}

/** What each head writes at the last token along a token's logit. */
function writtenBy(cache: Cache, layers: readonly Float64Array[], H: number): number[] {
  const scale = cache.get("ln_final.hook_scale")!.data.at(-1)!;
  return layers.flatMap((along, l) => {
    const D = along.length;
    const { data } = cache.get(blockHook(l, "attn.hook_z"))!;
    const end = data.length - D;
    return Array.from({ length: H }, (_, head) => {
      let sum = 0;
      for (let i = (head * D) / H; i < ((head + 1) * D) / H; i++) sum += data[end + i]! * along[i]!;
      return sum / scale;
    });
  });
}
export function directOf(cache: Cache, { tokens }: Along, H: number): number[] {
  const each = tokens.map(({ layers }) => writtenBy(cache, layers, H));
  return each[0]!.map((_, i) =>
    tokens.reduce((sum, { share }, n) => sum + share * each[n]![i]!, 0),
  );
}

export function readPair(
  cache: Cache,
  { clean, answers, wrong }: PatchPair,
  along: Along,
  H: number,
): PairReading {
  const T = clean.length;
  const L = along.tokens[0]!.layers.length;
  const attention = (places: readonly number[]) =>
    layersOf(L).flatMap((l) => {
      const { data } = cache.get(blockHook(l, "attn.hook_pattern"))!;
      return Array.from({ length: H }, (_, head) => {
        if (places.length === 0) return NaN;
        return places.reduce((sum, k) => sum + data[(head * T + T - 1) * T + k]!, 0);
      });
    });
  const placesOf = (tokens: readonly number[]) =>
    clean.flatMap((id, t) => (tokens.includes(id) ? [t] : []));
  return {
    direct: directOf(cache, along, H),
    toAnswer: attention(placesOf(answers)),
    toWrong: attention(placesOf(wrong).slice(-1)),
    points: along.tokens.map(({ token, layers }) => ({
      attention: attention(placesOf([token])),
      written: writtenBy(cache, layers, H),
    })),
  };
}
