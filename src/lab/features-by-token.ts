/** Features by what they do to one output token: a column of W_dec · W_U, computed in slices. */
import type { Basis } from "../core/basis.ts";
import type { FeaturesByToken } from "../core/feature-studies.ts";
import { outputOf } from "../core/sae.ts";
import type { LoadedModel } from "../model/loaded-model.ts";
import { effectReader, largest } from "./direct-effects.ts";
import { checkIndex, singleToken } from "./direction-reader.ts";
import type { OpenedSae } from "./feature-reader.ts";
import { inSlices } from "./in-slices.ts";

const ROWS = 256;

/** @throws LabError "bad-input" for a text that is not one token; "not-found" for an id that is none */
export async function featuresByToken(
  model: LoadedModel,
  { config, weights }: OpenedSae,
  { sae, token, basis, n }: { sae: string; token: number | string; basis: Basis; n: number },
  signal: AbortSignal,
): Promise<FeaturesByToken> {
  const id = typeof token === "string" ? singleToken(model, token) : token;
  checkIndex("token", id, model.info.config.vocab_size);
  const reader = await effectReader(model, outputOf(config).hook, { token: id, basis });
  const effects = await inSlices(products(weights.W_dec, reader), signal);
  const told = (order: number[]) =>
    order.map((feature) => ({ feature, effect: effects[feature]! }));
  return {
    ...{ sae, token: { id, string: model.tokenizer.strings([id])[0]! } },
    promote: told(largest(effects, n)),
    suppress: told(
      largest(
        effects.map((v) => -v),
        n,
      ),
    ),
  };
}

/** W_FD · u_D, [F]; sums in float64. */
function* products(W_FD: Float32Array, u_D: Float32Array): Generator<number, Float32Array> {
  const D = u_D.length;
  const out = new Float32Array(W_FD.length / D);
  for (let f = 0; f < out.length; f++) {
    let sum = 0;
    for (let d = 0; d < D; d++) sum += W_FD[f * D + d]! * u_D[d]!;
    out[f] = sum;
    if (f % ROWS === 0) yield f;
  }
  return out;
}
