/** What reads a token's logit off the residual stream: before the final LayerNorm's weight and bias, or after them. */
import type { Basis } from "../core/basis.ts";
import type { Unembedding } from "../math/unembedding.ts";
import type { LoadedModel } from "../model/loaded-model.ts";
import { readUnembeddingOf } from "./basis-parameters.ts";
import { readUnembedding } from "./direct-effects.ts";

/**
 * `bare`: logit_t = y · W_U[:, t], y what the raw final LayerNorm gives, so the bias is 0 and nothing is centred (y has a
 * mean). Otherwise `math/unembedding.ts`; in the tl basis LayerNorm has neither weight nor bias, so both are one.
 * @throws LabError "bad-input" for an id that is none of the model's
 */
export async function tokenDirections(
  model: LoadedModel,
  { tokens, basis, bare }: { tokens: readonly number[]; basis: Basis; bare: boolean },
): Promise<Unembedding> {
  const folded = await readUnembeddingOf(model, tokens, basis);
  if (!bare || basis === "tl") return folded;
  const { data: head_VD } = await readUnembedding(model);
  const D = model.info.config.n_embd;
  const directions = new Float32Array(tokens.length * D);
  tokens.forEach((token, n) => {
    directions.set(head_VD.subarray(token * D, (token + 1) * D), n * D);
  });
  return { directions, bias: new Float32Array(tokens.length) };
}
