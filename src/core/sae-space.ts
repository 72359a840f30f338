/** Which SAEs write into one space, so that their directions can be compared. */
import { STREAM_SITES } from "./direction.ts";
import { outputOf, type SaeConfig } from "./sae.ts";
import type { Gpt2Config } from "./types.ts";

/**
 * Whether two SAEs write into one space: the same hook point, or both the residual stream, which is one through all layers. An
 * import may name a hook point that the model does not have.
 */
export function shareSpace(
  a: SaeConfig,
  b: SaeConfig,
  model: Pick<Gpt2Config, "n_layer">,
): boolean {
  const [x, y] = [outputOf(a), outputOf(b)];
  if (x.width !== y.width || bareName(a.modelId) !== bareName(b.modelId)) return false;
  const inStream = (hook: string) => {
    const [, layer, site] = /^blocks\.(\d+)\.(.+)$/.exec(hook) ?? [];
    return Number(layer) < model.n_layer && STREAM_SITES.some((name) => name === site);
  };
  return x.hook === y.hook || (inStream(x.hook) && inStream(y.hook));
}

/** Without the Hub's owner: the same files may have come by hand. */
const bareName = (modelId: string) => modelId.split("/").at(-1);
