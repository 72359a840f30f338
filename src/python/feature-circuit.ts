/**
 * Python of feature circuits: TransformerLens's model with patterns and LayerNorms' scales held, SAELens's SAEs in their places, and a
 * gradient for each target. Definitions as in `core/feature-circuit.ts`; scores and pruning as circuit-tracer's `graph.py` has them.
 */
import type { HeadWay, LogitTarget } from "../core/feature-circuit.ts";
import { pyList, pyNumber, pyString } from "./literal.ts";
import { loadModelLines } from "./load-model.ts";
import { hookOutOf, IMPORT_SAE, loadSaeLines } from "./load-sae.ts";
import { pythonText } from "./run.ts";
import type { RunFacts, SaeFacts } from "./run-facts.ts";

/** What was asked, as far as Python asks it, too. */
export interface CircuitFacts {
  ids: readonly number[];
  target: LogitTarget;
  heads: HeadWay;
  skipFirst: boolean;
  nodeShare: number;
  edgeShare: number;
}

export function featureCircuitPython(
  { app, model }: Pick<RunFacts, "app" | "model">,
  saes: readonly SaeFacts[],
  question: CircuitFacts,
): string {
  const names = saes.map((_, i) => (i === 0 ? "sae" : `sae_${i + 1}`));
  const { n_layer } = model.config;
  const transcoded = saes.flatMap(({ hook, hookOut }) =>
    hookOut === undefined ? [] : [Number(hook.split(".")[1])],
  );
  const mlps = Array.from({ length: n_layer }, (_, l) => l).filter((l) => !transcoded.includes(l));
  return pythonText([
    "from functools import partial",
    ...loadModelLines(model, "raw", app),
    ...(saes.length > 0 ? [IMPORT_SAE] : []),
    ...saes.flatMap((sae, i) => loadSaeLines(sae, app, names[i])),
    "# Each with what it reads and what it rebuilds",
    "saes = [",
    ...saes.map(
      (sae, i) => `    (${names[i]}, ${pyString(sae.hook)}, ${pyString(hookOutOf(sae))}),`,
    ),
    "]",
    "",
    `tokens = torch.tensor([${pyList([...question.ids])}], device=model.cfg.device)`,
    `first = ${Number(question.skipFirst)}  # the first position that has nodes`,
    `layers = range(${n_layer})`,
    "_, plain = model.run_with_cache(tokens)",
    "torch.set_grad_enabled(True)",
    "for parameter in model.parameters():",
    "    parameter.requires_grad_(False)",
    "",
    "def forward(cut):",
    "    # cut: a path ends at the first node that it meets; else everything answers",
    "    writes, reads, active = {}, {}, {}",
    "",
    "    def node(name, value):",
    "        reads[name] = value",
    "        writes[name] = value.detach().requires_grad_() if cut else value",
    "        return writes[name]",
    "",
    "    def held(value, hook):",
    "        return plain[hook.name]",
    "",
    "    def embedded(value, hook):",
    '        writes["token"] = value.detach().requires_grad_()',
    '        return writes["token"]',
    "",
    "    def part(value, hook):",
    "        return node(hook.name, value)",
    "",
    "    def read(value, hook, i):",
    "        sae_a, _, _ = saes[i]",
    "        active[i] = sae_a.encode(value)",
    "",
    "    def rebuild(value, hook, i):",
    "        sae_a, _, _ = saes[i]",
    '        features = node(f"feature {i}", active[i])',
    "        # What it does not explain is a number (a transcoder's skip connection with it)",
    '        writes[f"error {i}"] = (value - sae_a.decode(active[i])).detach().requires_grad_()',
    '        return sae_a.decode(features) + writes[f"error {i}"]',
    "",
    '    hooks = [(f"blocks.{l}.attn.hook_pattern", held) for l in layers]',
    '    hooks += [(f"blocks.{l}.ln1.hook_scale", held) for l in layers]',
    '    hooks += [(f"blocks.{l}.ln2.hook_scale", held) for l in layers]',
    '    hooks += [("ln_final.hook_scale", held), ("blocks.0.hook_resid_pre", embedded)]',
    ...(question.heads === "nodes"
      ? ['    hooks += [(f"blocks.{l}.attn.hook_z", part) for l in layers]']
      : []),
    `    hooks += [(f"blocks.{l}.mlp.hook_post", part) for l in ${pyList(mlps)}]`,
    "    for i, (_, reads_at, rebuilds) in enumerate(saes):",
    "        hooks += [(reads_at, partial(read, i=i)), (rebuilds, partial(rebuild, i=i))]",
    "    logits = model.run_with_hooks(tokens, fwd_hooks=hooks)[0, -1]",
    ...targetLines(question.target),
    "    return writes, reads, wanted, weights",
    "",
    "# The gradient of the metric at every node: heads and MLPs are seen along it",
    "writes, _, wanted, weights = forward(cut=False)",
    "metric = (weights * wanted).sum()",
    "gradients = torch.autograd.grad(metric, list(writes.values()), allow_unused=True)",
    "along = {",
    "    name: torch.zeros_like(write) if gradient is None else gradient",
    "    for (name, write), gradient in zip(writes.items(), gradients)",
    "}",
    "",
    "writes, reads, wanted, weights = forward(cut=True)",
    "",
    "def by_node(name, value):",
    "    # features one by one, a head or a position as a whole: [pos, index]",
    '    if name.startswith("feature"):',
    "        return value[0]",
    "    return value[0].sum(dim=-1).reshape(value.shape[1], -1)",
    "",
    "nodes = []",
    "for name, write in writes.items():",
    '    present = by_node(name, write) > 0 if name.startswith("feature") else by_node(name, write) == by_node(name, write)',
    "    nodes += [(name, pos, index) for pos, index in present.nonzero().tolist() if pos >= first]",
    "",
    "def row(target):",
    "    gradients = torch.autograd.grad(target, list(writes.values()), retain_graph=True, allow_unused=True)",
    "    given = {",
    "        name: by_node(name, write * gradient).detach()",
    "        for (name, write), gradient in zip(writes.items(), gradients)",
    "        if gradient is not None",
    "    }",
    "    return torch.tensor([given[name][pos, index].item() if name in given else 0.0 for name, pos, index in nodes])",
    "",
    "# A[target, source]; of many active features the app computes the most influential rows, this all of them",
    "N = len(nodes)",
    "A = torch.zeros(N + len(wanted), N + len(wanted), dtype=torch.float64)",
    "for n, (name, pos, index) in enumerate(nodes):",
    "    if name in reads:",
    '        value = reads[name] if name.startswith("feature") else reads[name] * along[name]',
    "        A[n, :N] = row(by_node(name, value)[pos, index])",
    "for k in range(len(wanted)):",
    "    A[N + k, :N] = row(wanted[k])",
    'print(N + len(wanted), "nodes,", (A != 0).sum().item(), "links")',
    "",
    "def shares(matrix):",
    "    return matrix.abs() / matrix.abs().sum(dim=1, keepdim=True).clamp(min=1e-10)",
    "",
    "w = torch.zeros(len(A), dtype=torch.float64)",
    "w[N:] = weights.detach().double()",
    "",
    "def influence(share):",
    "    total, power = torch.zeros_like(w), w",
    "    while power.max().item() > 1e-15:",
    "        power = power @ share",
    "        total = total + power",
    "    return total",
    "",
    "share = shares(A)",
    "whole = influence(share)",
    'is_token = torch.tensor([name == "token" for name, _, _ in nodes] + [False] * len(wanted))',
    'is_error = torch.tensor([name.startswith("error") for name, _, _ in nodes] + [False] * len(wanted))',
    "is_logit = torch.arange(len(A)) >= N",
    "replaced, left = whole[is_token].sum().item(), whole[is_error].sum().item()",
    'print("replacement", replaced / (replaced + left))',
    "explained = 1 - share[:, is_error].sum(dim=1)",
    'print("completeness", ((explained * (whole + w)).sum() / (whole + w).sum()).item())',
    "",
    "def cut_at(values, keep):",
    "    ordered = values.flatten().sort(descending=True).values",
    "    below = (ordered.cumsum(dim=0) < keep * ordered.sum()).sum().item()",
    "    return ordered[min(below, len(ordered) - 1)]",
    "",
    `kept = (whole >= cut_at(whole, ${pyNumber(question.nodeShare)})) | is_token | is_logit`,
    "pruned = shares(A * kept[:, None] * kept[None])",
    "scores = pruned * (influence(pruned) + w)[:, None]",
    `links = (scores > 0) & (scores >= cut_at(scores, ${pyNumber(question.edgeShare)}))`,
    "while True:  # what gives to nothing, or that nothing comes into, goes",
    "    has_in = links.sum(dim=1) > 0",
    "    has_out = links.sum(dim=0) > 0",
    "    good = kept & (is_token | is_logit | (has_out & (has_in | is_error)))",
    "    links = links & good[:, None] & good[None]",
    "    if (good == kept).sum().item() == len(kept):",
    "        break",
    "    kept = good",
    'print(kept.sum().item(), "nodes and", links.sum().item(), "links are kept")',
    "for n in (whole * kept).argsort(descending=True)[:40].tolist():",
    '    print(nodes[n] if n < N else ("logit", n - N), whole[n].item())',
  ]);
}

/** `wanted` and `weights` of `logits`. */
function targetLines(target: LogitTarget): string[] {
  if (target.kind === "difference") {
    return [
      `    wanted = (logits[${target.token}] - logits[${target.against}])[None]`,
      "    weights = torch.ones_like(wanted)",
    ];
  }
  return [
    "    chances, order = logits.detach().softmax(dim=-1).sort(descending=True)",
    `    count = min(${target.most}, (chances.cumsum(dim=0) < ${pyNumber(target.mass)}).sum().item() + 1)`,
    "    wanted = (logits - logits.mean())[order[:count]]",
    "    weights = chances[:count]",
  ];
}
