/** Through which heads an SAE that writes at attention's z does so. */
import { parseHook } from "../core/hooks.ts";
import { outputOf, type SaeConfig, type SaeWeights } from "../core/sae.ts";
import type { Gpt2Config } from "../core/types.ts";
import { rowNorms } from "../math/norms.ts";

/**
 * ‖W_dec[f]‖₂ of each head's part, [H], of an SAE on attn.hook_z, whose directions are the heads' outputs one after the other; null
 * at any other hook point. SAEDashboard's head attribution is each part's share of their sum.
 */
export function headNorms(
  { W_dec }: Pick<SaeWeights, "W_dec">,
  config: Pick<SaeConfig, "hook" | "dIn" | "out">,
  model: Gpt2Config,
  feature: number,
): number[] | null {
  const { hook, width } = outputOf(config);
  if (parseHook(hook, model).site !== "attn.hook_z") return null;
  const row = W_dec.subarray(feature * width, (feature + 1) * width);
  return Array.from(rowNorms(row, width / model.n_head));
}
