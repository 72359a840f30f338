/** A prompt as the page sends it → token ids that the model can run. */
import { LabError } from "../core/lab-error.ts";
import type { Gpt2Config, Tokens } from "../core/types.ts";
import type { PromptInput } from "../rpc/procedure.ts";
import type { Tokenizer } from "../text/tokenizer.ts";

/** What is needed of a model to read a prompt for it. */
interface Reader {
  tokenizer: Pick<Tokenizer, "encode" | "strings">;
  info: { config: Pick<Gpt2Config, "n_positions" | "vocab_size"> };
}

/**
 * Tokenises, checks, and cuts what is over the limit off the end, which `truncatedFrom` tells.
 * @param limit tokens to keep; @default the model's context
 * @throws LabError "bad-input" for an id that is none of the model's
 */
export function tokenize(
  model: Reader,
  prompt: PromptInput,
  limit = model.info.config.n_positions,
): Tokens {
  const { vocab_size } = model.info.config;
  const { ids: all, warnings } =
    "ids" in prompt
      ? { ids: prompt.ids, warnings: [] }
      : model.tokenizer.encode(prompt.text, prompt.prependBos);
  const wrong = all.find((id) => !Number.isInteger(id) || id < 0 || id >= vocab_size);
  if (wrong !== undefined) {
    throw new LabError(
      "bad-input",
      `${wrong} is no token id; this model has 0 … ${vocab_size - 1}`,
    );
  }
  const ids = all.slice(0, limit);
  return {
    ids,
    strings: model.tokenizer.strings(ids),
    truncatedFrom: all.length > ids.length ? all.length : null,
    warnings,
  };
}

/** `tokenize` for a run. @throws LabError "bad-input" if there is nothing to run */
export function readPrompt(model: Reader, prompt: PromptInput, limit?: number): Tokens {
  const tokens = tokenize(model, prompt, limit);
  if (tokens.ids.length === 0) {
    throw new LabError(
      "bad-input",
      "the prompt is empty; type some text, or let it begin with <|endoftext|>",
    );
  }
  return tokens;
}

/** `readPrompt` where a prompt cut short would be answered as if it were whole. @throws LabError "bad-input" */
export function readWhole(model: Reader, prompt: PromptInput): Tokens {
  const tokens = readPrompt(model, prompt);
  if (tokens.truncatedFrom === null) return tokens;
  throw new LabError(
    "bad-input",
    `the prompt has ${tokens.truncatedFrom} tokens, this model reads ${tokens.ids.length}; make it shorter`,
  );
}
