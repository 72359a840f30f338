/** Python for the tests of a circuit of edges, with TransformerLens. Prompts are given as token ids. */
import { circuitGraph, edgeEnds } from "../core/circuit.ts";
import type { VerifyQuestion } from "../core/verify.ts";
import { edgeGraphLines, edgeRunLines, SPLIT } from "./edge-runs.ts";
import { pyList, pyString } from "./literal.ts";
import { loadModelLines } from "./load-model.ts";
import { metricLines } from "./patching.ts";
import { pythonText } from "./run.ts";
import type { RunFacts } from "./run-facts.ts";
import { promptLines, referenceLines, type VerifyTest } from "./verify.ts";

type Facts = Pick<RunFacts, "model" | "basis" | "app">;

/** What a cut edge brings, by pair: `instead`, what each sender wrote. */
const INSTEAD: Record<VerifyQuestion["ablation"], readonly string[]> = {
  mean: [
    "    alike = [ids for ids, own in references if len(ids) == len(clean) and own == places]",
    "    _, sent = run(torch.tensor(alike, device=model.cfg.device), {}, set())",
    "    instead = {sender: value.mean(dim=0, keepdim=True) for sender, value in sent.items()}",
  ],
  resample: ["    _, instead = run(torch.tensor([corrupted], device=model.cfg.device), {}, set())"],
  zero: ["    instead = {}"],
};

export function verifyEdgesPython(
  facts: Facts,
  question: VerifyQuestion,
  test: VerifyTest,
): string {
  const { metric, ablation, classes, random } = question;
  const { config } = facts.model;
  const graph = circuitGraph(config);
  const edges = (question.edges ?? []).map((edge) => {
    const { sender, receiver } = edgeEnds(graph, edge);
    const { node, channel } = graph.receivers[receiver]!;
    return `    (${pyString(graph.senders[sender]!.name)}, ${pyString(node.name + (channel ? `<${channel}>` : ""))}),`;
  });
  return pythonText([
    ...loadModelLines(facts.model, facts.basis, facts.app),
    ...(test === "faithfulness" && random.count > 0 ? ["import random", ""] : []),
    "torch.set_grad_enabled(False)",
    ...SPLIT,
    "",
    ...promptLines(question),
    ...(ablation === "mean" ? referenceLines(question) : []),
    "circuit = [",
    ...edges,
    "]",
    "classes = {",
    ...classes.map(({ name, units }) => `    ${pyString(name)}: ${pyList(units)},`),
    "}",
    "",
    ...metricLines(metric, question.pairs),
    "",
    ...edgeGraphLines(),
    "every = {(sender, receiver) for receiver in receivers for sender in receivers[receiver]}",
    "",
    ...edgeRunLines(config.n_layer, ablation !== "zero"),
    "",
    "runs = []",
    "for clean, corrupted, answers, wrong, places in pairs:",
    ...INSTEAD[ablation],
    "    clean = torch.tensor([clean], device=model.cfg.device)",
    "    runs.append((clean, model(clean), instead, answers, wrong))",
    "",
    "# F: the mean of the metric with these edges cut.",
    "def mean_metric(cut):",
    "    scores = []",
    "    for clean, clean_logits, instead, answers, wrong in runs:",
    "        logits, _ = run(clean, instead, cut)",
    "        scores.append(metric(logits, clean_logits, answers, wrong).item())",
    "    return sum(scores) / len(scores)",
    "",
    "own = set(circuit)",
    "full, alone, empty = mean_metric(set()), mean_metric(every - own), mean_metric(every)",
    ...TEST[test](random.count, random.by === "paths"),
  ]);
}

const TEST: Record<VerifyTest, (circuits: number, onPaths: boolean) => readonly string[]> = {
  faithfulness: (circuits, onPaths) => [
    "print(full, alone, empty, (alone - empty) / (full - empty))",
    ...(circuits === 0
      ? []
      : [
          "",
          "# Random circuits: others than the page's.",
          ...(onPaths
            ? [
                "def path():",
                `    edges, reader = [], "logits"`,
                "    while True:",
                "        sender = random.choice(receivers[reader])",
                "        edges.append((sender, reader))",
                `        if sender == "input":`,
                "            return edges",
                `        reader = random.choice([name for name in receivers if name.split("<")[0] == sender])`,
              ]
            : ["def layers(edge):", `    return [name.split(".")[0] for name in edge]`]),
          "",
          "def another():",
          ...(onPaths
            ? [
                "    found = set()",
                "    while len(found) < len(own):",
                "        more = found | set(path())",
                "        if len(more) <= len(own) or len(own) - len(found) < 2:",
                "            found = more",
                "    return set(list(found)[:len(own)])",
              ]
            : [
                "    found = set()",
                "    for edge in circuit:",
                "        alike = [one for one in every - found if layers(one) == layers(edge)]",
                "        found = found | {random.choice(alike)}",
                "    return found",
              ]),
          "",
          `found = [(mean_metric(every - another()) - empty) / (full - empty) for _ in range(${circuits})]`,
          "share = (alone - empty) / (full - empty)",
          "print((1 + sum([one >= share for one in found])) / (1 + len(found)))  # p",
        ]),
  ],
  completeness: () => [
    "for name, K in classes.items():",
    "    gone = {circuit[i] for i in K}",
    "    print(name, mean_metric(gone), mean_metric(every - own | gone))  # F(M \\\\ K), F(C \\\\ K)",
  ],
  minimality: () => [
    "for edge in circuit:",
    "    effects = []",
    "    for K in [[]] + list(classes.values()):",
    "        gone = every - own | {circuit[i] for i in K if circuit[i] != edge}",
    "        effects.append(abs(mean_metric(gone | {edge}) - mean_metric(gone)))",
    "    print(edge, max(effects) / abs(full - empty), max(effects) / abs(full))  # of the way, of F(M)",
  ],
};
