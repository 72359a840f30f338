/** Python for runs of which edges are cut, with TransformerLens's hooks at what heads, MLPs and the logits read. */

/** The hooks that each head's q, k and v and each MLP read by. */
export const SPLIT = [
  "model.set_use_split_qkv_input(True)",
  "model.set_use_attn_result(True)",
  "model.set_use_hook_mlp_in(True)",
  "heads = range(model.cfg.n_heads)",
] as const;

/** `receivers`: what reads the stream, each with its senders, in forward order. */
export function edgeGraphLines(): string[] {
  return [
    `senders = ["input"]`,
    "receivers = {}  # the senders that each reads",
    "for layer in range(model.cfg.n_layers):",
    "    before = list(senders)",
    "    for head in heads:",
    `        for channel in "qkv":`,
    `            receivers[f"a{layer}.h{head}<{channel}>"] = before`,
    `    senders += [f"a{layer}.h{head}" for head in heads]`,
    `    receivers[f"m{layer}"] = list(senders)`,
    `    senders.append(f"m{layer}")`,
    `receivers["logits"] = list(senders)`,
  ];
}

/**
 * `run(tokens, instead, edges)`: the logits where the edges (sender, receiver) are cut, and what each sender wrote.
 * @param brings whether a cut edge brings `instead`; else nothing
 */
export function edgeRunLines(layers: number, brings: boolean): string[] {
  return [
    "def run(tokens, instead, edges):",
    "    sent = {}",
    "",
    "    def take(value, hook):",
    "        layer = hook.layer()",
    `        if hook.name.endswith("resid_pre"):`,
    `            sent["input"] = value`,
    `        elif hook.name.endswith("mlp_out"):`,
    `            sent[f"m{layer}"] = value`,
    "        else:",
    "            for head in heads:",
    `                sent[f"a{layer}.h{head}"] = value[:, :, head]`,
    "",
    "    def without(value, receiver):",
    "        for sender in receivers[receiver]:",
    "            if (sender, receiver) in edges:",
    `                value = value - sent[sender]${brings ? " + instead[sender]" : ""}`,
    "        return value",
    "",
    "    def read(value, hook):",
    "        layer = hook.layer()",
    `        if hook.name.endswith("resid_post"):`,
    `            return without(value, "logits")`,
    `        if hook.name.endswith("mlp_in"):`,
    `            return without(value, f"m{layer}")`,
    `        channel = hook.name[-len("q_input")]`,
    `        return torch.stack([without(value[:, :, head], f"a{layer}.h{head}<{channel}>") for head in heads], dim=2)`,
    "",
    `    hooks = [("blocks.0.hook_resid_pre", take), ("blocks.${layers - 1}.hook_resid_post", read)]`,
    "    for layer in range(model.cfg.n_layers):",
    `        hooks += [(f"blocks.{layer}.hook_q_input", read), (f"blocks.{layer}.hook_k_input", read)]`,
    `        hooks += [(f"blocks.{layer}.hook_v_input", read), (f"blocks.{layer}.hook_mlp_in", read)]`,
    `        hooks += [(f"blocks.{layer}.attn.hook_result", take), (f"blocks.{layer}.hook_mlp_out", take)]`,
    "    return model.run_with_hooks(tokens, fwd_hooks=hooks), sent",
  ];
}
