/**
 * The bench's edits as hook functions of TransformerLens: each takes the value at its hook point, changes it in place and gives
 * it back. Formulas: zero x ← 0; scale x ← a·x; mean x ← mean over the corpus; an SAE's feature f set to c:
 * x ← x + (c − f(x))·W_dec[f] (c = 0 ablates it).
 */
import { type BenchEdit, targetHook, targetName } from "../core/bench-edit.ts";
import { indented, pyList, pyNumber, pyString } from "./literal.ts";
import { hookOutOf, rememberLines } from "./load-sae.ts";
import type { SaeFacts } from "./run-facts.ts";

export interface EditCode {
  /** Lines that define the hook functions and `edits`. */
  lines: string[];
  /** Hook points whose mean over the corpus they need, by `corpus_mean`. */
  means: string[];
}

/** @param saeVariable the variable that holds an SAE, and its facts; null for one that there is not */
export function editCode(
  edits: readonly BenchEdit[],
  saeVariable: (id: string) => { name: string; sae: SaeFacts } | null,
): EditCode {
  const names = new Map<string, number>();
  const means: string[] = [];
  const entries: string[] = [];
  const functions = edits.flatMap((edit) => {
    const name = unique(functionName(edit), names);
    const { target, op, amount, pos } = edit;
    if (target.kind === "feature") {
      const found = saeVariable(target.sae);
      if (!found) return [];
      const to = op === "clamp" ? pyNumber(amount) : "0";
      const { sae } = found;
      const keep = sae.hookOut === undefined ? null : `read_for_${name}`;
      if (keep) entries.push(`(${pyString(sae.hook)}, ${keep})`);
      entries.push(`(${pyString(hookOutOf(sae))}, ${name})`);
      const x = keep ? `${keep}.value` : "value";
      const body = featureBody(found, x, target.feature, to, pos);
      return [...(keep ? rememberLines(keep) : []), ...hookFunction(name, body)];
    }
    const hook = targetHook(target);
    if (target.kind === "direction") {
      entries.push(`(${pyString(hook)}, ${name})`);
      const x = place(edit);
      return [
        `direction_of_${name} = torch.tensor(${pyList(target.vector)}, device=model.cfg.device)`,
        ...hookFunction(name, [
          `d = direction_of_${name}`,
          op === "add" ? `${x} += ${pyNumber(amount)} * d` : `${x} -= (${x} @ d)[..., None] * d`,
        ]),
      ];
    }
    entries.push(`(${pyString(hook)}, ${name})`);
    const at = place(edit);
    if (op === "mean") {
      means.push(hook);
      const index =
        target.kind === "head"
          ? `[${target.head}]`
          : target.kind === "neuron"
            ? `[${target.neuron}]`
            : "";
      return [
        `mean_of_${name} = corpus_mean(${pyString(hook)})${index}`,
        ...hookFunction(name, [`${at} = mean_of_${name}`]),
      ];
    }
    return hookFunction(name, [op === "scale" ? `${at} *= ${pyNumber(amount)}` : `${at} = 0`]);
  });
  return { lines: [...functions, `edits = [${entries.join(", ")}]`], means };
}

const hookFunction = (name: string, body: string[]): string[] => [
  `def ${name}(value, hook):`,
  ...indented([...body, "return value"]),
  "",
];

/** The value's part that is edited: [batch, pos, head, d_head] at a head's z, [batch, pos, …] elsewhere. */
function place({ target, pos }: BenchEdit): string {
  const at = pos === null ? ":" : String(pos);
  const head = target.kind === "head" || target.kind === "direction" ? target.head : null;
  if (head !== null) return `value[:, ${at}, ${head}]`;
  return target.kind === "neuron" ? `value[:, ${at}, ${target.neuron}]` : `value[:, ${at}]`;
}

function featureBody(
  { name, sae }: { name: string; sae: SaeFacts },
  x: string,
  feature: number,
  to: string,
  pos: number | null,
): string[] {
  const at = pos === null ? ":" : String(pos);
  // z has its heads on an axis of their own; the SAE's directions lie over all of them.
  const heads = hookOutOf(sae).endsWith("hook_z");
  const direction = `${name}.W_dec[${feature}]${heads ? ".reshape(value.shape[-2:])" : ""}`;
  const spread = heads ? "[..., None, None]" : "[..., None]";
  return [
    `change = ${to} - ${name}.encode(${x})[:, ${at}, ${feature}]`,
    `value[:, ${at}] += change${spread} * ${direction}`,
  ];
}

const VERB = { zero: "zero", mean: "mean", scale: "scale", clamp: "clamp", add: "add" } as const;

function functionName({ target, op, pos }: BenchEdit): string {
  const verb =
    op !== "zero"
      ? VERB[op]
      : target.kind === "feature"
        ? "ablate"
        : target.kind === "direction"
          ? "project_out"
          : VERB[op];
  const place = targetName(target).replace(/\W+/g, "_");
  const at = pos === null ? "" : pos < 0 ? `_at_last_${-pos}` : `_at_${pos}`;
  return `${verb}_${place}${at}`;
}

function unique(name: string, taken: Map<string, number>): string {
  const count = (taken.get(name) ?? 0) + 1;
  taken.set(name, count);
  return count === 1 ? name : `${name}_${count}`;
}
