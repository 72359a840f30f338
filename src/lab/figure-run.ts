/** The run under a figure: one prompt, with its edits, in one basis; activations without the batch axis. */
import type { TensorData, Tokens } from "../core/types.ts";
import type { RunInput } from "../rpc/figure-contract.ts";
import { bench } from "./bench.ts";
import { viewLimit } from "../core/view-limit.ts";
import { readPrompt } from "./read-prompt.ts";
import { resolveEdits } from "./resolve-edits.ts";
import { runInBasis } from "./run-in-basis.ts";

export interface FigureRun {
  tokens: Tokens;
  /** A hook point's value without the batch axis: [T, …], or [H, T, T]. */
  at: (hook: string) => TensorData;
  /** [T, V], [1, V] or null */
  logits: TensorData | null;
}

/**
 * @param names full hook names
 * @param logits of all positions, of the last, or none: then the run ends at the last hook point
 */
export async function runForFigure(
  { prompt, edits, basis }: RunInput,
  names: readonly string[],
  logits: "all" | "last" | "none",
  signal: AbortSignal,
): Promise<FigureRun> {
  const model = bench.require();
  const tokens = readPrompt(model, prompt, viewLimit(model.info.config));
  const ids = [tokens.ids];
  const result = await runInBasis(model, basis, {
    ids,
    names: [...new Set(names)],
    edits: await resolveEdits(model, ids, edits, { basis, signal }),
    logits,
    signal,
  });
  const unbatched = ({ data, dims }: TensorData) => ({ data, dims: dims.slice(1) });
  return {
    tokens,
    at: (hook) => unbatched(result.cache.get(hook)!),
    logits: result.logits && unbatched(result.logits),
  };
}
