/**
 * Python for tasks and patching, with TransformerLens's `patching` module where it has the sweep, else with hooks of its own.
 * Prompts are given as token ids, so that the rows are the same.
 */
import type { PatchPair, PatchQuestion, PatchUnit } from "../core/patching.ts";
import type { RunPair, TaskMetric } from "../core/task.ts";
import { loadModelLines } from "./load-model.ts";
import {
  type FormulaName,
  formulaAsPython,
  namesIn,
  parseFormula,
} from "../core/metric-formula.ts";
import { indented, pyList } from "./literal.ts";
import { pythonText } from "./run.ts";
import type { RunFacts } from "./run-facts.ts";

const METRIC: Record<FormulaName, readonly string[]> = {
  logitDiff: ["return z[answers].mean() - z[wrong].mean()"],
  logProb: ["return z.log_softmax(dim=-1)[answers].logsumexp(dim=-1)  # nats"],
  prob: ["return z.softmax(dim=-1)[answers].sum()"],
  probDiff: ["p = z.softmax(dim=-1)", "return p[answers].sum() - p[wrong].sum()"],
  rank: ["return (1 + (z > z[answers].max()).sum()).float()"],
  kl: [
    "q = clean_logits[0, -1].log_softmax(dim=-1)",
    "return (q.exp() * (q - z.log_softmax(dim=-1))).sum()  # nats, of the clean run",
  ],
};

const UTILITY: Partial<
  Record<PatchUnit, readonly [all: string | null, byPosition: string | null]>
> = {
  resid_pre: [null, "get_act_patch_resid_pre"],
  resid_mid: [null, "get_act_patch_resid_mid"],
  attn_out: [null, "get_act_patch_attn_out"],
  mlp_out: [null, "get_act_patch_mlp_out"],
  z: ["get_act_patch_attn_head_out_all_pos", "get_act_patch_attn_head_out_by_pos"],
  q: ["get_act_patch_attn_head_q_all_pos", "get_act_patch_attn_head_q_by_pos"],
  k: ["get_act_patch_attn_head_k_all_pos", "get_act_patch_attn_head_k_by_pos"],
  v: ["get_act_patch_attn_head_v_all_pos", "get_act_patch_attn_head_v_by_pos"],
  pattern: ["get_act_patch_attn_head_pattern_all_pos", "get_act_patch_attn_head_pattern_by_pos"],
};

type Facts = Pick<RunFacts, "model" | "basis" | "app">;

export function pairLines(
  pairs: readonly (RunPair & Partial<Pick<PatchPair, "places">>)[],
  withPlaces = false,
): string[] {
  return [
    `# Clean and corrupted token ids, answers, wrong answers${withPlaces ? ", positions of each place" : ""}.`,
    "pairs = [",
    ...pairs.map(
      ({ clean, corrupted, answers, wrong, places = [] }) =>
        `    (${[clean, corrupted, answers, wrong].map((ids) => pyList(ids)).join(", ")}${withPlaces ? `, [${places.map((at) => pyList(at)).join(", ")}]` : ""}),`,
    ),
    "]",
  ];
}
/** @param pairs the first of them tells the formula, where that is the metric */
export function metricLines(
  metric: TaskMetric,
  pairs: readonly Pick<RunPair, "formula">[],
): string[] {
  const head = ["def metric(logits, clean_logits, answers, wrong):", "    z = logits[0, -1]"];
  if (metric !== "formula") return [...head, ...indented([...METRIC[metric]])];
  const text = pairs.find((pair) => pair.formula !== undefined)?.formula;
  if (text === undefined) return [...head, '    assert False, "no formula is written"'];
  const formula = parseFormula(text);
  const named = namesIn(formula).flatMap((name) =>
    METRIC[name].map((line) => line.replace(/^return /, `${name} = `)),
  );
  return [...head, ...indented([...named, `return ${formulaAsPython(formula)}`])];
}
export const RUNS = [
  "    clean = torch.tensor([clean], device=model.cfg.device)",
  "    corrupted = torch.tensor([corrupted], device=model.cfg.device)",
];

/** The metric of both prompts of each pair. */
export const baselinePython = (
  facts: Facts,
  pairs: readonly RunPair[],
  metric: TaskMetric,
): string =>
  pythonText([
    ...loadModelLines(facts.model, facts.basis, facts.app),
    "",
    ...pairLines(pairs),
    "",
    ...metricLines(metric, pairs),
    "",
    "for clean, corrupted, answers, wrong in pairs:",
    ...RUNS,
    "    clean_logits = model(clean)",
    "    corrupted_logits = model(corrupted)",
    "    print(metric(clean_logits, clean_logits, answers, wrong).item(), metric(corrupted_logits, clean_logits, answers, wrong).item())",
  ]);

export function patchingPython(
  facts: Facts,
  { pairs, metric, direction, sweep }: Omit<PatchQuestion, "cells">,
): string {
  const { unit, byPlace } = sweep;
  const byPosition = byPlace || !["z", "q", "k", "v", "pattern"].includes(unit);
  const [all, by] = UTILITY[unit] ?? [null, null];
  const allPositions = pairs.every(
    ({ places, clean }) =>
      places.length === clean.length && places.every((at, i) => at.length === 1 && at[0] === i),
  );
  const utility = byPosition ? (allPositions ? by : null) : all;
  const [into, from] = direction === "denoise" ? ["corrupted", "clean"] : ["clean", "corrupted"];
  const head = [
    ...loadModelLines(facts.model, facts.basis, facts.app),
    utility === null
      ? "from transformer_lens.utils import get_act_name"
      : "from transformer_lens import patching",
    "",
    ...pairLines(pairs, utility === null && byPosition),
    "",
    ...metricLines(metric, pairs),
    "",
    ...(utility === null ? hookLines(sweep) : []),
  ];
  return pythonText([
    ...head,
    "found, lows, highs = [], [], []",
    `for clean, corrupted, answers, wrong${utility === null && byPosition ? ", places" : ""} in pairs:`,
    ...RUNS,
    "    clean_logits, clean_cache = model.run_with_cache(clean)",
    "    corrupted_logits, corrupted_cache = model.run_with_cache(corrupted)",
    "",
    "    def score(logits, clean_logits=clean_logits, answers=answers, wrong=wrong):",
    "        return metric(logits, clean_logits, answers, wrong)",
    "",
    ...(utility === null
      ? [
          "    rows = []",
          `    for row in cells(${byPosition ? "places" : ""}):`,
          "        scores = []",
          "        for name, index in row:",
          "            if index is None:  # the pair has no such place",
          `                scores.append(torch.tensor(float("nan"), device=model.cfg.device))`,
          "                continue",
          `            hooks = [(name, put_in(${from}_cache, index))]`,
          `            scores.append(score(model.run_with_hooks(${into}, fwd_hooks=hooks)))`,
          "        rows.append(torch.stack(scores))",
          "    patched = torch.stack(rows)",
        ]
      : [`    patched = patching.${utility}(model, ${into}, ${from}_cache, score)`]),
    "    low = score(corrupted_logits)",
    "    found.append(patched - low)",
    "    lows.append(low)",
    "    highs.append(score(clean_logits))",
    "",
    "# Of each cell over the pairs that have it: what is NaN stays so.",
    "spans = [0 * f + high - low for f, low, high in zip(found, lows, highs)]",
    `print(torch.stack(found).nanmean(dim=0) / torch.stack(spans).nanmean(dim=0))  # ${shapeOf(unit, byPlace, utility !== null)}`,
  ]);
}

/** Defines put_in, a hook that takes over a part of another run's value, and cells, hook names and parts by row. */
function hookLines({ unit, byPlace, layer }: PatchQuestion["sweep"]): string[] {
  const isHead = ["z", "q", "k", "v", "pattern"].includes(unit);
  const cells: string[] =
    unit === "neuron"
      ? [
          "def cells():",
          `    name = get_act_name("post", ${layer!})`,
          "    return [[(name, (slice(None), slice(None), n))] for n in range(model.cfg.d_mlp)]",
        ]
      : !isHead
        ? [
            "def cells(places):",
            "    rows = []",
            "    for layer in range(model.cfg.n_layers):",
            `        name = get_act_name("${unit}", layer)`,
            "        rows.append([(name, (slice(None), at) if at else None) for at in places])",
            "    return rows",
          ]
        : byPlace
          ? [
              "def cells(places):",
              "    rows = []",
              "    for layer in range(model.cfg.n_layers):",
              "        for head in range(model.cfg.n_heads):",
              `            name = get_act_name("${unit}", layer)`,
              `            rows.append([(name, ${unit === "pattern" ? "(slice(None), head, at)" : "(slice(None), at, head)"} if at else None) for at in places])`,
              "    return rows",
            ]
          : [];
  return [
    "def put_in(cache, index):",
    "    def take_over(value, hook):",
    "        value[index] = cache[hook.name][index]",
    "        return value",
    "    return take_over",
    "",
    ...cells,
    "",
  ];
}

function shapeOf(unit: PatchUnit, byPlace: boolean, isUtility: boolean): string {
  if (unit === "neuron") return "[neuron, 1]";
  if (!["z", "q", "k", "v", "pattern"].includes(unit)) return "[layer, place]";
  if (!byPlace) return "[layer, head]";
  if (!isUtility) return "[layer and head, place]";
  return unit === "pattern" ? "[layer, head, query]" : "[layer, pos, head]";
}
