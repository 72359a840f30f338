/** Python for edge attribution patching, with TransformerLens's hooks at what heads and MLPs read. */
import type { EapQuestion } from "../core/edge-attribution.ts";
import { loadModelLines } from "./load-model.ts";
import { metricLines, pairLines, RUNS } from "./patching.ts";
import { pythonText } from "./run.ts";
import type { RunFacts } from "./run-facts.ts";

type Facts = Pick<RunFacts, "model" | "basis" | "app">;

export function eapPython(facts: Facts, { pairs, metric, method, steps }: EapQuestion): string {
  const passes = method === "eap" ? 1 : steps;
  const last = facts.model.config.n_layer - 1;
  return pythonText([
    ...loadModelLines(facts.model, facts.basis, facts.app),
    "torch.set_grad_enabled(True)",
    "model.set_use_split_qkv_input(True)",
    "model.set_use_attn_result(True)",
    "model.set_use_hook_mlp_in(True)",
    "",
    ...pairLines(pairs),
    "",
    ...metricLines(metric, pairs),
    "",
    `reads = ["blocks.${last}.hook_resid_post"]  # what receivers read, before their LayerNorm`,
    "for layer in range(model.cfg.n_layers):",
    `    reads += [f"blocks.{layer}.hook_q_input", f"blocks.{layer}.hook_k_input"]`,
    `    reads += [f"blocks.{layer}.hook_v_input", f"blocks.{layer}.hook_mlp_in"]`,
    "",
    "scores = {}  # by edge: the mean over the pairs",
    "for clean, corrupted, answers, wrong in pairs:",
    ...RUNS,
    "    with torch.no_grad():",
    "        clean_logits, clean_cache = model.run_with_cache(clean)",
    "        _, corrupted_cache = model.run_with_cache(corrupted)",
    "    grads = {}",
    "",
    "    def keep(grad, hook, grads=grads):",
    `        grads[hook.name] = grads.get(hook.name, 0) + grad[0] / ${passes}`,
    "",
    "    def change(name, clean_cache=clean_cache, corrupted_cache=corrupted_cache):",
    "        return corrupted_cache[name][0] - clean_cache[name][0]",
    "",
    ...(method === "eap"
      ? [
          "    with model.hooks(bwd_hooks=[(name, keep) for name in reads]):",
          "        metric(model(clean), clean_logits, answers, wrong).backward()",
        ]
      : [
          `    for step in range(${steps}):  # midpoints of equal steps between both prompts' embeddings`,
          `        share = (step + 0.5) / ${steps}`,
          `        embed = corrupted_cache["hook_embed"] * (1 - share) + clean_cache["hook_embed"] * share`,
          "",
          "        def between(value, hook, embed=embed):",
          "            return embed.clone()",
          "",
          `        with model.hooks(fwd_hooks=[("hook_embed", between)], bwd_hooks=[(name, keep) for name in reads]):`,
          "            metric(model(clean), clean_logits, answers, wrong).backward()",
        ]),
    `    sent = {"input": change("hook_embed")}`,
    "",
    "    def receive(name, grad, sent=sent):",
    "        for sender, value in sent.items():",
    `            edge = sender + "->" + name`,
    "            scores[edge] = scores.get(edge, 0) + (value * grad).sum().item() / len(pairs)",
    "",
    "    for layer in range(model.cfg.n_layers):",
    `        q = grads[f"blocks.{layer}.hook_q_input"]`,
    `        k = grads[f"blocks.{layer}.hook_k_input"]`,
    `        v = grads[f"blocks.{layer}.hook_v_input"]`,
    "        for head in range(model.cfg.n_heads):",
    `            receive(f"a{layer}.h{head}<q>", q[:, head])`,
    `            receive(f"a{layer}.h{head}<k>", k[:, head])`,
    `            receive(f"a{layer}.h{head}<v>", v[:, head])`,
    `        results = change(f"blocks.{layer}.attn.hook_result")`,
    "        for head in range(model.cfg.n_heads):",
    `            sent[f"a{layer}.h{head}"] = results[:, head]`,
    `        receive(f"m{layer}", grads[f"blocks.{layer}.hook_mlp_in"])`,
    `        sent[f"m{layer}"] = change(f"blocks.{layer}.hook_mlp_out")`,
    `    receive("logits", grads["blocks.${last}.hook_resid_post"])`,
    "",
    "for edge, score in sorted(scores.items(), key=lambda item: -abs(item[1]))[:40]:",
    `    print(f"{edge}: {score:.4g}")`,
  ]);
}
