/**
 * `runWithCache`: one forward pass over one or several prompts, every wanted activation in the wanted basis. Beyond a
 * prompt's own length there is NaN.
 */
import type { Basis } from "../core/basis.ts";
import { parseHook } from "../core/hooks.ts";
import { LabError } from "../core/lab-error.ts";
import type { Edit } from "../core/edits.ts";
import type { TensorData, Tokens } from "../core/types.ts";
import { markPadding } from "../math/padding.ts";
import type { LoadedModel } from "../model/loaded-model.ts";
import type { PromptInput } from "../rpc/procedure.ts";
import type { EditSources } from "./prepare-edits.ts";
import { readPrompt } from "./read-prompt.ts";
import { resolveEdits } from "./resolve-edits.ts";
import { runInBasis } from "./run-in-basis.ts";

type Model = Pick<LoadedModel, "run" | "weight" | "info" | "tokenizer">;
interface CacheRequest {
  prompts: readonly PromptInput[];
  names: readonly string[];
  edits: readonly Edit[];
  basis: Basis;
  /** Without them the run ends at the last hook point. @default "all" */
  logits?: "all" | "last" | "none";
}
interface CacheAnswer {
  tokens: Tokens[];
  /** [B, T, V], T of the longest prompt; of the last positions [B, 1, V], of none [B, 0, V] */
  logits: TensorData;
  cache: [string, TensorData][];
}

/** @throws LabError "bad-input" for names, edits or prompts that cannot be */
export async function runWithCache(
  model: Model,
  { prompts, names, edits, basis, logits: which = "all" }: CacheRequest,
  signal: AbortSignal,
  sources?: EditSources,
): Promise<CacheAnswer> {
  if (prompts.length === 0) throw new LabError("bad-input", "there is no prompt to run");
  const points = [...new Set(names)].map((name) => parseHook(name, model.info.config));
  const tokens = prompts.map((prompt) => readPrompt(model, prompt));
  const ids = tokens.map((each) => each.ids);
  const result = await runInBasis(model, basis, {
    ids,
    names: points.map(({ name }) => name),
    edits: await resolveEdits(model, ids, edits, { basis, signal, sources }),
    logits: which,
    signal,
  });
  const lengths = ids.map((row) => row.length);
  for (const { name, axes } of points) {
    markPadding(result.cache.get(name)!, axes[0] === "T" ? 1 : 2, lengths);
  }
  const none = () => ({
    data: new Float32Array(0),
    dims: [ids.length, 0, model.info.config.vocab_size],
  });
  const logits = result.logits ?? none();
  if (which === "all") markPadding(logits, 1, lengths);
  return { tokens, logits, cache: [...result.cache] };
}
