/** Lines for the mean of a hook's value over the app's corpus, as mean ablation puts it in the value's place. */
import type { Gpt2Config } from "../core/types.ts";

const CONTEXTS = 32;
const LONGEST = 128;

/** Defines `documents`, spread over the corpus, which lies beside the program. */
export const DOCUMENT_LINES: readonly string[] = [
  'with open("lab-corpus.txt", encoding="utf-8") as file:',
  '    documents = [text.strip() for text in file.read().split("<|endoftext|>") if text.strip()]',
  `documents = documents[:: max(1, len(documents) // ${CONTEXTS})][:${CONTEXTS}]`,
];

/** Defines `corpus_mean(hook_name)` → the mean over documents and positions but the first. Needs `model`, `torch`. */
export function corpusMeanLines(
  app: string,
  { n_positions }: Pick<Gpt2Config, "n_positions">,
): string[] {
  const length = Math.min(LONGEST, n_positions);
  return [
    `# Mean ablation: means over the app's corpus, ${app}corpus/lab-corpus.txt (save it beside this file).`,
    `# The app takes ${CONTEXTS} contexts of ${length} tokens spread over it; here they begin with a document each, so digits differ.`,
    ...DOCUMENT_LINES,
    "",
    "def corpus_mean(hook_name):",
    "    values = []",
    "    for document in documents:",
    `        context = model.to_tokens(document, prepend_bos=True)[:, :${length}]`,
    "        _, read = model.run_with_cache(context, names_filter=hook_name)",
    "        values.append(read[hook_name][0, 1:])  # not the first position, whose activation is far larger than any other",
    "    return torch.cat(values).mean(dim=0)",
    "",
  ];
}
