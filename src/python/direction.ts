/** Python of a search for examples: one number a token over text, and where it is largest and smallest. */
import type { Basis } from "../core/basis.ts";
import { type Direction, sourceName, type TextSource } from "../core/direction.ts";
import { onOneLine, pyList, pyString } from "./literal.ts";
import { IMPORT_SAE, loadSaeLines } from "./load-sae.ts";
import { pythonRun, pythonText } from "./run.ts";
import type { RunFacts, SaeFacts } from "./run-facts.ts";

export interface SearchFacts {
  direction: Direction;
  source: TextSource;
  /** Of a feature. */
  sae: SaeFacts | null;
}

/** Defines `hook`, and `value(x)`: the hook's value at some positions → one number each. */
function valueLines({ direction, sae }: SearchFacts, basis: Basis, app: string): string[] {
  switch (direction.kind) {
    case "neuron":
      return [
        `hook = "blocks.${direction.layer}.mlp.hook_post"`,
        `value = lambda x: x[:, ${direction.neuron}]`,
      ];
    case "head": {
      const { layer, head, token } = direction;
      const result = `x[:, ${head}] @ model.W_O[${layer}, ${head}]`;
      if (token === null) {
        return [
          `hook = "blocks.${layer}.attn.hook_z"`,
          `value = lambda x: (${result}).norm(dim=-1)`,
        ];
      }
      const id =
        typeof token === "number" ? String(token) : `model.to_single_token(${pyString(token)})`;
      return [
        `hook = "blocks.${layer}.attn.hook_z"`,
        `u = model.W_U[:, ${id}]`,
        ...(basis === "raw"
          ? ["u = u * model.ln_final.w  # the last LayerNorm's weight; its scale is left out"]
          : []),
        "u = u - u.mean()",
        `value = lambda x: (${result}) @ u`,
      ];
    }
    case "feature":
      return [
        IMPORT_SAE,
        ...(sae ? loadSaeLines(sae, app) : []),
        `hook = ${pyString(sae?.hook ?? "")}`,
        `value = lambda x: sae.encode(x)[:, ${direction.feature}]`,
      ];
    case "vector":
      return [
        `hook = ${pyString(direction.hook)}`,
        `v = torch.tensor(${pyList([...direction.vector])}, device=model.cfg.device)`,
        "value = lambda x: x @ (v / v.norm())",
      ];
    case "difference":
      return [
        `hook = ${pyString(direction.hook)}`,
        "def at_last(phrase):",
        "    _, read = model.run_with_cache(model.to_tokens(phrase, prepend_bos=True), names_filter=hook)",
        "    return read[hook][0, -1]",
        "",
        `plus = torch.stack([at_last(phrase) for phrase in ${pyList(direction.plus)}])`,
        `minus = torch.stack([at_last(phrase) for phrase in ${pyList(direction.minus)}])`,
        "v = plus.mean(dim=0) - minus.mean(dim=0)",
        "value = lambda x: x @ (v / v.norm())",
      ];
  }
}

export function searchPython(facts: RunFacts, search: SearchFacts): string {
  const { direction, source } = search;
  const own = sourceName(source);
  const file = own ?? "lab-corpus.txt";
  const { n_positions } = facts.model.config;
  const length = Math.min(128, n_positions) - 1;
  // A feature reads the checkpoint's own activations.
  const basis = direction.kind === "feature" ? "raw" : facts.basis;
  const where =
    own !== null
      ? `# ${onOneLine(file)}: the text that was searched.`
      : `# ${facts.app}corpus/lab-corpus.txt, saved beside this file.`;
  return pythonText([
    ...pythonRun({ ...facts, basis, edits: [], saes: [], other: null }),
    ...valueLines(search, basis, facts.app),
    "",
    where,
    `with open(${pyString(file)}, encoding="utf-8") as file:`,
    "    text = file.read()",
    "ids = model.to_tokens(text, prepend_bos=False, truncate=False)[0]",
    "bos = model.tokenizer.bos_token_id",
    "found = []  # (value, context, position), one of each context",
    `for start in range(0, len(ids), ${length}):`,
    `    context = torch.cat([torch.tensor([bos], device=ids.device), ids[start : start + ${length}]])`,
    "    _, read = model.run_with_cache(context.unsqueeze(0), names_filter=hook)",
    "    values = value(read[hook][0])",
    "    values[context == bos] = -torch.inf  # not measured",
    "    peak = values.argmax().item()",
    "    found.append((values[peak].item(), start, peak))",
    "found.sort(reverse=True)",
    "for number, start, peak in found[:20]:",
    "    print(number, model.to_string(ids[start : start + peak]))",
  ]);
}
