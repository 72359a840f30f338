/**
 * Steering in TransformerLens with SAELens: hook functions by the formulas of `core/steer.ts`, all rows at a hook point read from one
 * x. Generated tokens are run without a cache, so that hook functions see every position by its number.
 */
import {
  sourceHook,
  sourceName,
  type SteerAttention,
  type SteerRow,
  type SteerSource,
} from "../core/steer.ts";
import type { SamplingOptions } from "../core/generation.ts";
import { indented, onOneLine, pyList, pyNumber, pyString } from "./literal.ts";
import { hookOutOf, IMPORT_SAE, loadSaeLines, rememberLines } from "./load-sae.ts";
import { pythonRun, pythonText } from "./run.ts";
import type { RunFacts, SaeFacts } from "./run-facts.ts";

export interface SteerPython {
  /** Those that are on and fit the model. */
  rows: readonly SteerRow[];
  attention: SteerAttention;
  /** Of the rows' features. */
  saes: readonly SaeFacts[];
}
export interface DosePython {
  /** Index into the rows; null: all of them together. */
  row: number | null;
  doses: readonly number[];
  unit: number;
  tokens: readonly number[];
  text: string | null;
}

/** The next token, plain and steered. */
export const steerPython = (facts: RunFacts, steering: SteerPython): string =>
  pythonText([...steeredModel(facts, steering), ...NEXT_TOKEN]);

/** Texts of so many seeds, plain and steered, and the chances of their tokens under both. */
export const steerTextPython = (
  facts: RunFacts,
  steering: SteerPython,
  sampling: SamplingOptions,
  samples: number,
): string => pythonText([...steeredModel(facts, steering), ...textLines(sampling, samples)]);

export const dosePython = (facts: RunFacts, steering: SteerPython, dose: DosePython): string =>
  pythonText([...steeredModel(facts, steering), ...doseLines(steering.rows, dose)]);

/** Defines `plain(ids)` and `steered(ids)`, both ids [1, pos] → logits; `amounts`, which may be changed. */
function steeredModel(facts: RunFacts, { rows, attention, saes }: SteerPython): string[] {
  const plain: RunFacts = { ...facts, edits: [], saes: [], other: null, basis: "raw" };
  const names = new Map(saes.map(({ id }, i) => [id, i === 0 ? "sae" : `sae_${i + 1}`]));
  const hookOf = ({ source }: SteerRow) =>
    source.kind === "feature"
      ? hookOut(saes.find(({ id }) => id === source.sae))
      : sourceHook(source);
  const hooks = [...new Set(rows.map(hookOf))];
  const kept = saes.filter(
    ({ id, hookOut: out }) => out !== undefined && rows.some((row) => reads(row) && isOf(row, id)),
  );
  const phrases = rows.some(({ source: { kind } }) => kind === "head" || kind === "difference");
  const layers = hooks.map((hook) => Number(/^blocks\.(\d+)\./.exec(hook)?.[1] ?? 0));
  return [
    ...pythonRun(plain),
    ...(saes.length > 0 ? [IMPORT_SAE] : []),
    ...saes.flatMap((sae) => loadSaeLines(sae, facts.app, names.get(sae.id))),
    "",
    "prompt_length = tokens.shape[1]",
    ...(phrases ? PHRASES : []),
    "",
    ...(rows.some(({ source }) => source.kind !== "feature") ? UNIT : []),
    "# The direction d of each row, and its amount c",
    `amounts = [${rows.map(({ amount }) => pyNumber(amount)).join(", ")}]`,
    "directions = [",
    ...indented(
      rows.map(
        ({ source }) => `${directionCode(source, names)},  # ${onOneLine(sourceName(source))}`,
      ),
    ),
    "]",
    "",
    ...kept.flatMap(({ id }) => rememberLines(`remember_${names.get(id)!}`)),
    ...hooks.flatMap((hook, i) => hookFunction(`steer_${i}`, hook, rows, { hookOf, names, kept })),
    `edits = [${[
      ...kept.map(({ id, hook }) => `(${pyString(hook)}, remember_${names.get(id)!})`),
      ...hooks.map((hook, i) => `(${pyString(hook)}, steer_${i})`),
    ].join(", ")}]`,
    "plain = model",
    "",
    "def steered(ids):",
    ...indented(
      attention === "frozen" && hooks.length > 0
        ? [
            "# attention frozen: the patterns of the unsteered model on the same tokens",
            `frozen = [f"blocks.{layer}.attn.hook_pattern" for layer in range(${Math.min(...layers)}, model.cfg.n_layers)]`,
            "_, kept = model.run_with_cache(ids, names_filter=lambda name: name in frozen)",
            "keep = [(name, lambda value, hook: kept[hook.name]) for name in frozen]",
            "with model.hooks(fwd_hooks=edits + keep):",
            "    return model(ids)",
          ]
        : ["with model.hooks(fwd_hooks=edits):", "    return model(ids)"],
    ),
    "",
  ];
}

const hookOut = (sae: SaeFacts | undefined): string => (sae ? hookOutOf(sae) : "");
const isOf = ({ source }: SteerRow, sae: string): boolean =>
  source.kind === "feature" && source.sae === sae;
const reads = ({ mode }: SteerRow): boolean => ["clamp", "multiply", "ablate"].includes(mode);

const UNIT = ["def unit(v):", "    return v / v.norm()", ""];

const PHRASES = [
  "",
  "def mean_at_last(phrases, hook):",
  "    rows = []",
  "    for phrase in phrases:",
  "        _, read = model.run_with_cache(model.to_tokens(phrase, prepend_bos=True), names_filter=hook)",
  "        rows.append(read[hook][0, -1])",
  "    return torch.stack(rows).mean(dim=0)",
];

function directionCode(source: SteerSource, names: ReadonlyMap<string, string>): string {
  switch (source.kind) {
    case "feature":
      return `${names.get(source.sae) ?? "sae"}.W_dec[${source.feature}]`;
    case "neuron":
      return `torch.eye(model.cfg.d_mlp, device=model.cfg.device)[${source.neuron}]`;
    case "head": {
      const { layer, head, phrases } = source;
      const hook = pyString(`blocks.${layer}.attn.hook_z`);
      return `unit(mean_at_last(${pyList(phrases)}, ${hook})[${head}] @ model.W_O[${layer}, ${head}])`;
    }
    case "difference": {
      const { plus, minus, hook } = source;
      const mean = (phrases: readonly string[]) =>
        `mean_at_last(${pyList(phrases)}, ${pyString(hook)})`;
      return `unit(${mean(plus)} - ${mean(minus)})`;
    }
    case "vector":
      return `unit(torch.tensor(${pyList(source.vector)}, device=model.cfg.device))`;
  }
}

interface HookContext {
  hookOf: (row: SteerRow) => string;
  /** Variables of SAEs. */
  names: ReadonlyMap<string, string>;
  /** Transcoders, whose input is remembered. */
  kept: readonly SaeFacts[];
}

function hookFunction(
  name: string,
  hook: string,
  rows: readonly SteerRow[],
  { hookOf, names, kept }: HookContext,
): string[] {
  const valueOf = (id: string) =>
    kept.some((sae) => sae.id === id) ? `remember_${names.get(id)!}.value` : "value";
  const own = rows.map((row, i) => ({ row, i })).filter(({ row }) => hookOf(row) === hook);
  const read = own.flatMap(({ row }) =>
    row.source.kind === "feature" && reads(row) ? [row.source.sae] : [],
  );
  return [
    `def ${name}(value, hook):`,
    ...indented([
      "x = value.flatten(start_dim=2)  # heads side by side",
      "delta = torch.zeros_like(x)",
      ...(own.some(({ row }) => row.at !== "all")
        ? ["position = torch.arange(x.shape[1], device=x.device)"]
        : []),
      ...[...new Set(read)].map(
        (id) => `f_${names.get(id) ?? "sae"} = ${names.get(id) ?? "sae"}.encode(${valueOf(id)})`,
      ),
      ...own.flatMap(({ row, i }) => rowLines(row, i, names)),
      "return value + delta.reshape(value.shape)",
    ]),
    "",
  ];
}

function rowLines(row: SteerRow, i: number, names: ReadonlyMap<string, string>): string[] {
  const { source, mode, at } = row;
  const c = `amounts[${i}]`;
  const r =
    source.kind === "feature"
      ? `f_${names.get(source.sae) ?? "sae"}[..., ${source.feature}]`
      : "(x @ d)";
  const amount = {
    add: `${c} * torch.ones_like(x[..., 0])`,
    clamp: `${c} - ${r}`,
    multiply: `(${c} - 1) * ${r}`,
    ablate: `-${r}`,
    replace: `(${c} - along) / d.norm()`,
    most: `(along.clamp(max=${c}) - along) / d.norm()`,
    least: `(along.clamp(min=${c}) - along) / d.norm()`,
  }[mode];
  const along = mode === "replace" || mode === "most" || mode === "least";
  return [
    `d = directions[${i}]`,
    ...(along ? ["along = x @ (d / d.norm())"] : []),
    `a = ${amount}`,
    ...(at === "generated"
      ? ["a = a * (position >= prompt_length)"]
      : at === "all"
        ? []
        : [
            `chosen = [p if p >= 0 else p + prompt_length for p in ${pyList(at)}]`,
            "a = a * torch.isin(position, torch.tensor(chosen, device=x.device))",
          ]),
    "delta += a[..., None] * d",
  ];
}

const NEXT_TOKEN = [
  'for name, run in [("plain", plain), ("steered", steered)]:',
  "    likeliest = run(tokens)[0, -1].softmax(dim=-1).topk(10)",
  "    print(name)",
  "    for probability, token in zip(likeliest.values.tolist(), likeliest.indices.tolist()):",
  '        print(f"{probability:.4f}  {model.tokenizer.decode([token])!r}")',
];

function textLines(sampling: SamplingOptions, samples: number): string[] {
  const { maxNewTokens, temperature, topK, topP, repetitionPenalty, seed } = sampling;
  const how = [
    `temperature=${pyNumber(temperature)}`,
    ...(topK > 0 ? [`top_k=${topK}`] : []),
    ...(topP < 1 ? [`top_p=${pyNumber(topP)}`] : []),
  ].join(", ");
  return [
    "from transformer_lens.utils import sample_logits",
    "",
    "# PyTorch's random numbers are others than the app's: the same distributions, other draws",
    ...(repetitionPenalty === 1
      ? []
      : [
          `# (without the app's repetition penalty of ${repetitionPenalty}, which sample_logits does not have)`,
        ]),
    "def continue_text(run, seed):",
    "    torch.manual_seed(seed)",
    "    ids = tokens",
    `    for _ in range(${maxNewTokens}):`,
    `        drawn = sample_logits(run(ids)[:, -1], ${how})`,
    "        if drawn.item() == model.tokenizer.eos_token_id:",
    "            break",
    "        ids = torch.cat([ids, drawn[:, None]], dim=1)",
    "    return ids",
    "",
    "def log_probabilities(run, ids):",
    "    told = run(ids)[0, prompt_length - 1 : -1].log_softmax(dim=-1)",
    "    return told.gather(1, ids[0, prompt_length:, None])[:, 0]",
    "",
    `for seed in range(${seed}, ${seed + samples}):`,
    '    for name, run in [("plain", plain), ("steered", steered)]:',
    "        ids = continue_text(run, seed)",
    "        print(seed, name, model.to_string(ids[0]))",
    "        print(log_probabilities(steered, ids) - log_probabilities(plain, ids))",
  ];
}

function doseLines(
  rows: readonly SteerRow[],
  { row, doses, unit, tokens, text }: DosePython,
): string[] {
  const set =
    row !== null
      ? [`amounts[${row}] = dose * ${pyNumber(unit)}`]
      : rows.flatMap(({ mode, amount }, i) =>
          mode === "ablate"
            ? []
            : mode === "multiply"
              ? [`amounts[${i}] = 1 + ${pyNumber(amount - 1)} * dose`]
              : [`amounts[${i}] = ${pyNumber(amount)} * dose`],
        );
  return [
    `asked = ${pyList(tokens)}`,
    text === null ? "text = tokens" : `text = model.to_tokens(${pyString(text)}, prepend_bos=True)`,
    "reference = plain(tokens)[0, -1].log_softmax(dim=-1)",
    `for dose in ${pyList(doses)}:`,
    ...indented([
      ...set,
      "end = steered(tokens)[0, -1].log_softmax(dim=-1)",
      "kl = (reference.exp() * (reference - end)).sum()",
      ...(text === null ? [] : ["prompt_length = text.shape[1]"]),
      "told = steered(text)[0, :-1].log_softmax(dim=-1)",
      ...(text === null ? [] : ["prompt_length = tokens.shape[1]"]),
      "perplexity = (-told.gather(1, text[0, 1:, None]).mean()).exp()",
      "print(dose, end[asked].tolist(), kl.item(), perplexity.item())",
    ]),
  ];
}
