/** The tokens that are text: those to draw random ones from. */
import type { TokenizerFiles } from "../core/types.ts";
import { LabError } from "../core/lab-error.ts";

interface Parts {
  added_tokens?: readonly { id: number }[];
  model: { vocab: Record<string, number> };
}

/**
 * Ids of the vocabulary without added tokens (`<|endoftext|>` and others that no text is made of), ascending.
 * @throws LabError "unsupported" where there is none
 */
export function ordinaryIds({ json }: Pick<TokenizerFiles, "json">): number[] {
  const { added_tokens = [], model } = JSON.parse(json) as Parts;
  const added = new Set(added_tokens.map(({ id }) => id));
  const ids = Object.values(model.vocab).filter((id) => !added.has(id));
  if (ids.length === 0) throw new LabError("unsupported", "the vocabulary has no ordinary token");
  return ids.sort((a, b) => a - b);
}
