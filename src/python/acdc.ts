/** Python for ACDC, with TransformerLens's hooks at what heads, MLPs and the logits read. One edge at a time. */
import { type AcdcQuestion, isLoss } from "../core/acdc.ts";
import { edgeGraphLines, edgeRunLines, SPLIT } from "./edge-runs.ts";
import { loadModelLines } from "./load-model.ts";
import { metricLines, pairLines, RUNS } from "./patching.ts";
import { pythonText } from "./run.ts";
import type { RunFacts } from "./run-facts.ts";

type Facts = Pick<RunFacts, "model" | "basis" | "app">;

export function acdcPython(facts: Facts, question: Omit<AcdcQuestion, "state">): string {
  const { pairs, metric, corruption, threshold, order, seed, absolute } = question;
  const resample = corruption === "resample";
  const senders = {
    normal: "reversed(receivers[receiver])",
    reverse: "receivers[receiver]",
    random: "random.sample(receivers[receiver], len(receivers[receiver]))",
  }[order];
  return pythonText([
    ...loadModelLines(facts.model, facts.basis, facts.app),
    ...(order === "random" ? ["import random", "", `random.seed(${seed})`] : []),
    "torch.set_grad_enabled(False)",
    ...SPLIT,
    "",
    ...pairLines(pairs),
    "",
    ...metricLines(metric, pairs),
    "",
    ...edgeGraphLines(),
    "cut = set()",
    "",
    ...edgeRunLines(facts.model.config.n_layer, resample),
    "",
    "runs = []",
    "for clean, corrupted, answers, wrong in pairs:",
    ...RUNS,
    "    _, instead = run(corrupted, {}, set())",
    "    runs.append((clean, model(clean), instead, answers, wrong))",
    "",
    "def loss():",
    "    total = 0",
    "    for clean, clean_logits, instead, answers, wrong in runs:",
    "        logits, _ = run(clean, instead, cut)",
    `        total ${isLoss(metric) ? "+" : "-"}= metric(logits, clean_logits, answers, wrong).item()`,
    "    return total / len(runs)",
    "",
    "now = loss()",
    "for receiver in reversed(list(receivers)):",
    `    for sender in ${senders}:`,
    "        cut.add((sender, receiver))",
    "        after = loss()",
    `        if ${absolute ? "abs(after - now)" : "after - now"} < ${threshold}:`,
    "            now = after",
    "        else:",
    "            cut.remove((sender, receiver))",
    `            print(f"{sender}->{receiver}: {after - now:.4g}")`,
  ]);
}
