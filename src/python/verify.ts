/**
 * Python for a circuit's tests, with TransformerLens: the circuit alone, the model without a part of it, random circuits. Prompts
 * are given as token ids, so that the numbers are the same.
 */
import type { RANDOM_BY, VerifyQuestion } from "../core/verify.ts";
import { pyList, pyString } from "./literal.ts";
import { loadModelLines } from "./load-model.ts";
import { metricLines } from "./patching.ts";
import { pythonText } from "./run.ts";
import type { RunFacts } from "./run-facts.ts";

type Facts = Pick<RunFacts, "model" | "basis" | "app">;
/** What the code goes on with after the circuit itself. */
export type VerifyTest = "faithfulness" | "completeness" | "minimality";

const SOURCE: Record<VerifyQuestion["ablation"], readonly string[]> = {
  mean: [
    "    alike = [ids for ids, own in references if len(ids) == clean.shape[1] and own == places]",
    "    _, cache = model.run_with_cache(torch.tensor(alike, device=model.cfg.device))",
    "    return {name: cache[name].mean(dim=0, keepdim=True) for name in names}",
  ],
  resample: [
    "    _, cache = model.run_with_cache(corrupted)",
    "    return {name: cache[name] for name in names}",
  ],
  zero: [
    "    _, cache = model.run_with_cache(clean)",
    "    return {name: torch.zeros_like(cache[name]) for name in names}",
  ],
};

/** Of a circuit of nodes; one of edges has its own (`verify-edges.ts`). */
export function verifyPython(facts: Facts, question: VerifyQuestion, test: VerifyTest): string {
  const { metric, ablation, units, classes, withMlps, random } = question;
  return pythonText([
    ...loadModelLines(facts.model, facts.basis, facts.app),
    "from transformer_lens.utils import get_act_name",
    "",
    ...promptLines(question),
    ...(ablation === "mean" ? referenceLines(question) : []),
    "# Layer, head (None: the MLP), indices of places (None: every position).",
    "units = [",
    ...units.map(
      ({ layer, head, places }) =>
        `    (${layer}, ${head ?? "None"}, ${places ? pyList(places) : "None"}),`,
    ),
    "]",
    "classes = {",
    ...classes.map(({ name, units: of }) => `    ${pyString(name)}: ${pyList(of)},`),
    "}",
    "",
    ...metricLines(metric, question.pairs),
    "",
    "heads = [(layer, head) for layer in range(model.cfg.n_layers) for head in range(model.cfg.n_heads)]",
    withMlps
      ? "nodes = heads + [(layer, None) for layer in range(model.cfg.n_layers)]"
      : "nodes = heads  # MLPs stay as they are",
    "",
    "def hook_of(layer, head):",
    '    return get_act_name("z", layer) if head is not None else get_act_name("mlp_out", layer)',
    "",
    "names = list({hook_of(layer, head): None for layer, head in nodes})",
    "",
    "def values_for(clean, corrupted, places):",
    ...SOURCE[ablation],
    "",
    "def stays(chosen, keep, layer, head, pos, places):",
    "    for unit_layer, unit_head, at in chosen:",
    "        if unit_layer == layer and unit_head == head:",
    "            if at is None or any([pos in places[place] for place in at]):",
    "                return keep",
    "    return not keep",
    "",
    "def replaced(chosen, keep, places, values):",
    "    def replace(value, hook):",
    "        for layer, head in nodes:",
    "            if hook_of(layer, head) != hook.name:",
    "                continue",
    "            for pos in range(value.shape[1]):",
    "                if stays(chosen, keep, layer, head, pos, places):",
    "                    continue",
    "                at = (0, pos) if head is None else (0, pos, head)",
    "                value[at] = values[hook.name][at]",
    "        return value",
    "    return replace",
    "",
    "# F: the mean of the metric. keep=True: the chosen units alone; keep=False: all but them.",
    "def mean_metric(chosen, keep=True):",
    "    scores = []",
    "    for clean, corrupted, answers, wrong, places in pairs:",
    "        clean = torch.tensor([clean], device=model.cfg.device)",
    "        corrupted = torch.tensor([corrupted], device=model.cfg.device)",
    "        values = values_for(clean, corrupted, places)",
    "        hooks = [(name, replaced(chosen, keep, places, values)) for name in names]",
    "        logits = model.run_with_hooks(clean, fwd_hooks=hooks)",
    "        scores.append(metric(logits, model(clean), answers, wrong).item())",
    "    return sum(scores) / len(scores)",
    "",
    "full, circuit, empty = mean_metric([], keep=False), mean_metric(units), mean_metric([])",
    ...TEST[test](random.count, random.by === "layer" ? "layer" : "any"),
  ]);
}

const TEST: Record<
  VerifyTest,
  (circuits: number, by: (typeof RANDOM_BY)[number]) => readonly string[]
> = {
  faithfulness: (circuits, by) => [
    "print(full, circuit, empty, (circuit - empty) / (full - empty))",
    ...(circuits === 0
      ? []
      : [
          "",
          "# Random circuits: heads are permuted by chance, so they are others than the page's.",
          "def shuffled(n):",
          "    return torch.multinomial(torch.ones(n), n).tolist()",
          "",
          "found = []",
          `for _ in range(${circuits}):`,
          ...(by === "layer"
            ? [
                "    to = {}",
                "    for layer in range(model.cfg.n_layers):",
                "        order = shuffled(model.cfg.n_heads)",
                "        for head in range(model.cfg.n_heads):",
                "            to[(layer, head)] = (layer, order[head])",
              ]
            : ["    to = {head: heads[i] for head, i in zip(heads, shuffled(len(heads)))}"]),
          "    for layer, other in enumerate(shuffled(model.cfg.n_layers)):",
          "        to[(layer, None)] = (other, None)",
          "    moved = [(*to[(layer, head)], at) for layer, head, at in units]",
          "    found.append((mean_metric(moved) - empty) / (full - empty))",
          "own = (circuit - empty) / (full - empty)",
          "print((1 + sum([share >= own for share in found])) / (1 + len(found)))  # p",
        ]),
  ],
  completeness: () => [
    "for name, K in classes.items():",
    "    rest = [unit for i, unit in enumerate(units) if i not in K]",
    "    print(name, mean_metric([units[i] for i in K], keep=False), mean_metric(rest))  # F(M \\\\ K), F(C \\\\ K)",
  ],
  minimality: () => [
    "for v, unit in enumerate(units):",
    "    effects = []",
    "    for K in [[]] + list(classes.values()):",
    "        before = [other for i, other in enumerate(units) if i == v or i not in K]",
    "        after = [other for i, other in enumerate(units) if i != v and i not in K]",
    "        effects.append(abs(mean_metric(after) - mean_metric(before)))",
    "    print(unit, max(effects) / abs(full - empty), max(effects) / abs(full))  # of the way, of F(M)",
  ],
};

const placeList = (places: readonly (readonly number[])[]) =>
  `[${places.map((at) => pyList(at)).join(", ")}]`;

export const promptLines = ({ pairs }: VerifyQuestion): string[] => [
  "# Clean and corrupted token ids, answers, wrong answers, positions of each place.",
  "pairs = [",
  ...pairs.map(
    ({ clean, corrupted, answers, wrong, places }) =>
      `    (${[clean, corrupted, answers, wrong].map((ids) => pyList(ids)).join(", ")}, ${placeList(places)}),`,
  ),
  "]",
];

/** Prompts that means are taken over, each once. */
export function referenceLines({ pairs, references }: VerifyQuestion): string[] {
  const all = [
    ...pairs.map(({ corrupted, places }) => ({ ids: corrupted, places })),
    ...references,
  ].map(({ ids, places }) => `    (${pyList(ids)}, ${placeList(places)}),`);
  return [
    "# Prompts that means are taken over, with their places: those with equal ones are of one template.",
    "references = [",
    ...new Set(all),
    "]",
  ];
}
