/**
 * The lines that every figure's Python begins with: load the model, tokenise the prompt, run it and keep all activations; with
 * edits on the bench once more under them, with two prompts once for each. What a figure computes from a run comes after.
 */
import { BASIS_NAME, type Basis } from "../core/basis.ts";
import { type BenchEdit, targetName } from "../core/bench-edit.ts";
import { corpusMeanLines } from "./corpus-mean.ts";
import { editCode } from "./edit-hooks.ts";
import { indented, pyBool, pyList, pyString } from "./literal.ts";
import { loadModelLines } from "./load-model.ts";
import { IMPORT_SAE, loadSaeLines } from "./load-sae.ts";
import type { RunFacts } from "./run-facts.ts";

/** The variables of one run: `tokens` [1, T], `logits` [1, T, d_vocab], `cache`. */
export interface RunVariables {
  side: "a" | "b";
  /** What to say of it: "unedited", "prompt B". */
  name: string;
  /** "" or "_b": for variables of a figure's own. */
  suffix: string;
  tokens: string;
  logits: string;
  cache: string;
}

const variables = (side: "a" | "b", name: string, ownTokens: boolean): RunVariables => {
  const suffix = side === "a" ? "" : "_b";
  return {
    ...{ side, name, suffix },
    tokens: `tokens${ownTokens ? suffix : ""}`,
    logits: `logits${suffix}`,
    cache: `cache${suffix}`,
  };
};

/** The runs that `pythonRun` makes, in their order: the same two sides that the figures compare. */
export function pythonRuns({ edits, other }: Pick<RunFacts, "edits" | "other">): RunVariables[] {
  if (other !== null) {
    return [variables("a", "prompt A", true), variables("b", "prompt B", true)];
  }
  const plain = variables("a", "unedited", true);
  return edits.length === 0 ? [plain] : [plain, variables("b", "edited", false)];
}

/**
 * In which basis the Python runs. An SAE reads the checkpoint's own activations, so edits of features are made there,
 * whichever basis the figure is told in.
 */
export const pythonBasis = ({ basis, edits }: Pick<RunFacts, "basis" | "edits">): Basis =>
  edits.some(({ target }) => target.kind === "feature") ? "raw" : basis;

/** Defines `torch`, `model`, and what `pythonRuns` names; with edits also `edits`, for `model.hooks(fwd_hooks=edits)`. */
export function pythonRun(facts: RunFacts): string[] {
  const { app, model, edits } = facts;
  const basis = pythonBasis(facts);
  const saeNames = new Map(facts.saes.map((sae, i) => [sae.id, i === 0 ? "sae" : `sae_${i + 1}`]));
  const code = editCode(edits, (id) => {
    const sae = facts.saes.find((found) => found.id === id);
    return sae ? { name: saeNames.get(id)!, sae } : null;
  });
  return [
    `# Values are told in the basis of ${BASIS_NAME[basis]}.${basis === facts.basis ? "" : ` (The figure's is ${BASIS_NAME[facts.basis]}; an SAE's edits need the checkpoint's own activations.)`}`,
    ...loadModelLines(model, basis, app),
    ...(facts.saes.length > 0 ? ["", IMPORT_SAE] : []),
    ...facts.saes.flatMap((sae) => loadSaeLines(sae, app, saeNames.get(sae.id))),
    "",
    ...promptLines(facts),
    ...(edits.length > 0
      ? [
          "",
          `# Edits: ${edits.map(editWords).join("; ")}`,
          ...(code.means.length > 0 ? corpusMeanLines(app, model.config) : []),
          ...code.lines,
        ]
      : []),
    "",
    ...runLines(facts),
    "",
  ];
}

function promptLines({ prompt, other, prependBos, cutTo }: RunFacts): string[] {
  const cut = cutTo === null ? "" : `[:, :${cutTo}]`;
  const read = (text: string) =>
    // Half of a surrogate pair is no text; it is read as U+FFFD here as in the app.
    `model.to_tokens(${pyString(text.replace(/\p{Surrogate}/gu, "\ufffd"))}, prepend_bos=${pyBool(prependBos)})${cut}`;
  const first =
    typeof prompt === "string"
      ? read(prompt)
      : `torch.tensor([${pyList(prompt)}], device=model.cfg.device)${cut}`;
  return [
    `tokens = ${first}  # [batch, pos]`,
    ...(other === null ? [] : [`tokens_b = ${read(other)}`]),
  ];
}

function runLines(facts: RunFacts): string[] {
  const edited = facts.edits.length > 0;
  return pythonRuns(facts).flatMap(({ side, name, tokens, logits, cache }) => [
    ...(facts.other !== null || edited ? [`# ${name}`] : []),
    ...underEdits(facts, side, [`${logits}, ${cache} = model.run_with_cache(${tokens})`]),
  ]);
}

/** Whether a side's run has the bench's edits. With two prompts they hold for both. */
export const isEdited = ({ edits, other }: Pick<RunFacts, "edits" | "other">, side: "a" | "b") =>
  edits.length > 0 && (other !== null || side === "b");

/** Lines that run the model, with the edits of a side. */
export const underEdits = (
  facts: Pick<RunFacts, "edits" | "other">,
  side: "a" | "b",
  lines: readonly string[],
): string[] =>
  isEdited(facts, side) ? ["with model.hooks(fwd_hooks=edits):", ...indented(lines)] : [...lines];

function editWords({ target, op, amount, pos }: BenchEdit): string {
  const what = {
    zero:
      target.kind === "feature"
        ? "ablated"
        : target.kind === "direction"
          ? "projected out"
          : "set to 0",
    mean: "set to its mean over the corpus",
    scale: `times ${amount}`,
    clamp: `set to ${amount}`,
    add: `added ${amount} times`,
  }[op];
  return `${targetName(target)} ${what}${pos === null ? "" : ` at position ${pos}`}`;
}

/** A figure's own lines for each run, and for both together where there are two. */
export function perRun(
  facts: Pick<RunFacts, "edits" | "other">,
  lines: (run: RunVariables) => readonly string[],
  both: (a: RunVariables, b: RunVariables) => readonly string[] = () => [],
): string[] {
  const runs = pythonRuns(facts);
  const [a, b] = runs;
  return [...runs.flatMap(lines), ...(a && b ? both(a, b) : [])];
}

/** The whole text of a snippet. */
export const pythonText = (lines: readonly string[]): string =>
  `${lines
    .join("\n")
    .replace(/\n{3,}/g, "\n\n")
    .trimEnd()}\n`;
