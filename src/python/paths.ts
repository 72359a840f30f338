/** Python for path patching: two runs of TransformerLens with hooks for each sender. */
import { circuitGraph } from "../core/circuit.ts";
import {
  cellSender,
  LOGITS,
  type PathQuestion,
  reaches,
  readReceivers,
  receiverHook,
} from "../core/paths.ts";
import type { Gpt2Config } from "../core/types.ts";
import { loadModelLines } from "./load-model.ts";
import { metricLines, pairLines, RUNS } from "./patching.ts";
import { pythonText } from "./run.ts";
import type { RunFacts } from "./run-facts.ts";

type Facts = Pick<RunFacts, "model" | "basis" | "app">;

/** Senders one by one, at all positions or by place. */
export function pathPython(facts: Facts, question: Omit<PathQuestion, "sets">): string {
  const { pairs, metric, direction, receivers, mlps, byPlace } = question;
  const { config } = facts.model;
  const [into, from] = direction === "denoise" ? ["corrupted", "clean"] : ["clean", "corrupted"];
  const read = readReceivers(config, receivers);
  const isLogits = receivers[0] === LOGITS;
  const names = read.map((receiver) => [receiverHook(receiver), receiver.node.head] as const);
  return pythonText([
    ...loadModelLines(facts.model, facts.basis, facts.app),
    "from transformer_lens.utils import get_act_name",
    "",
    ...pairLines(pairs, byPlace),
    "",
    ...metricLines(metric, pairs),
    "",
    ...(isLogits
      ? []
      : [
          "# What the receivers read: hook, and head of heads.",
          `receivers = [${names.map(([hook, head]) => `("${hook}", ${head ?? "None"})`).join(", ")}]`,
          "",
        ]),
    "def put(cache, head=None, at=slice(None)):",
    "    def hook_fn(value, hook):",
    "        if head is None:",
    "            value[:, at] = cache[hook.name][:, at]",
    "        else:",
    "            value[:, at, head] = cache[hook.name][:, at, head]",
    "        return value",
    "    return hook_fn",
    "",
    "def held(cache):  # every head, and where they are held the MLPs, as in the receiving run",
    '    names = [get_act_name("z", layer) for layer in range(model.cfg.n_layers)]',
    ...(mlps === "freeze"
      ? ['    names += [get_act_name("mlp_out", layer) for layer in range(model.cfg.n_layers)]']
      : []),
    "    return [(name, put(cache)) for name in names]",
    "",
    "# Layer and head of each sender; no head: the MLP. Those after all receivers change nothing.",
    `senders = [${senderList(config, read)}]`,
    "changes = []",
    `for clean, corrupted, answers, wrong${byPlace ? ", places" : ""} in pairs:`,
    ...RUNS,
    "    clean_logits, clean_cache = model.run_with_cache(clean)",
    "    corrupted_logits, corrupted_cache = model.run_with_cache(corrupted)",
    `    base = metric(${into}_logits, clean_logits, answers, wrong)`,
    "    rows = []",
    "    for layer, head in senders:",
    '        name = get_act_name("mlp_out", layer) if head is None else get_act_name("z", layer)',
    `        for at in ${byPlace ? "places" : "[slice(None)]"}:`,
    `            first = held(${into}_cache) + [(name, put(${from}_cache, head, at))]`,
    ...(isLogits
      ? [`            logits = model.run_with_hooks(${into}, fwd_hooks=first)`]
      : [
          "            recorded = {}",
          "            def record(value, hook):",
          "                recorded[hook.name] = value.clone()",
          "            first += [(hook, record) for hook in {hook for hook, _ in receivers}]",
          `            model.run_with_hooks(${into}, fwd_hooks=first)`,
          "            second = [(hook, put(recorded, index)) for hook, index in receivers]",
          `            logits = model.run_with_hooks(${into}, fwd_hooks=second)`,
        ]),
    "            rows.append(metric(logits, clean_logits, answers, wrong) - base)",
    "    changes.append(torch.stack(rows))",
    "",
    `print(torch.stack(changes).mean(dim=0))  # [sender${byPlace ? " and place" : ""}]`,
  ]);
}

function senderList(config: Gpt2Config, receivers: ReturnType<typeof readReceivers>): string {
  const graph = circuitGraph(config);
  return Array.from({ length: config.n_layer * (config.n_head + 1) }, (_, cell) =>
    cellSender(config, null, cell),
  )
    .filter((sender) => reaches(graph, receivers, sender))
    .map(({ layer, head }) => `(${layer}, ${head ?? "None"})`)
    .join(", ");
}
