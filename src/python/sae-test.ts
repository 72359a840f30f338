/** A hypothesis test of a feature in SAELens: each text by itself, its largest activation, and the shares. */
import { pyList, pyNumber, pyString } from "./literal.ts";
import { IMPORT_SAE, loadSaeLines } from "./load-sae.ts";
import { loadModelLines } from "./load-model.ts";
import { pythonText } from "./run.ts";
import type { RunFacts, SaeFacts } from "./run-facts.ts";

export interface TestFacts {
  feature: number;
  should: readonly string[];
  shouldNot: readonly string[];
  /** An activation. */
  threshold: number;
}

export function testPython(
  { app, model }: RunFacts,
  sae: SaeFacts,
  { feature, should, shouldNot, threshold }: TestFacts,
): string {
  return pythonText([
    ...loadModelLines(model, "raw", app),
    "",
    IMPORT_SAE,
    ...loadSaeLines(sae, app),
    "",
    `should = ${pyList(should)}`,
    `should_not = ${pyList(shouldNot)}`,
    "",
    "def largest(text):",
    "    tokens = model.to_tokens(text, prepend_bos=True)",
    `    _, cache = model.run_with_cache(tokens, names_filter=${pyString(sae.hook)})`,
    "    # The first token, BOS, is left out",
    `    return sae.encode(cache[${pyString(sae.hook)}])[0, 1:, ${feature}].max().item()`,
    "",
    `threshold = ${pyNumber(threshold)}`,
    "a = [largest(text) for text in should]",
    "b = [largest(text) for text in should_not]",
    "hits = len([value for value in a if value > threshold])",
    "false_alarms = len([value for value in b if value > threshold])",
    'print("hits", hits, "of", len(a), "false alarms", false_alarms, "of", len(b))',
    "if hits + false_alarms > 0:",
    '    print("precision", hits / (hits + false_alarms))',
    "if a:",
    '    print("recall", hits / len(a))',
    "if a and b:",
    '    print("margin", min(a) - max(b))',
  ]);
}
