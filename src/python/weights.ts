/** Python for the figures of the weights: they need the model alone, no run. */
import { BASIS_NAME } from "../core/basis.ts";
import type { CompositionKind } from "../core/weights.ts";
import { loadModelLines } from "./load-model.ts";
import type { RunFacts } from "./run-facts.ts";
import { pythonText } from "./run.ts";

type Facts = Pick<RunFacts, "app" | "model" | "basis">;
interface Head {
  layer: number;
  head: number;
}

const program = ({ app, model, basis }: Facts, lines: readonly string[]): string =>
  pythonText([
    `# Weights in the basis of ${BASIS_NAME[basis]}.`,
    ...loadModelLines(model, basis, app),
    "",
    ...lines,
  ]);

/** Singular values, and the first pairs of directions as tokens. */
export function circuitPython(
  facts: Facts,
  { layer, head }: Head,
  circuit: "ov" | "qk",
  counts: { pairs: number; tokens: number },
): string {
  const ov = circuit === "ov";
  return program(facts, [
    `layer, head = ${layer}, ${head}`,
    ov
      ? "W = model.W_V[layer, head] @ model.W_O[layer, head]  # what it moves, [d_model, d_model]"
      : "W = model.W_Q[layer, head] @ model.W_K[layer, head].T  # what it looks for, [d_model, d_model]",
    "U, S, Vh = torch.linalg.svd(W.double())",
    "S = S[: model.cfg.d_head]  # the rest is 0",
    "print(S)",
    "W_E, W_U = model.W_E.double(), model.W_U.double()",
    "",
    "def tokens_of(products):",
    `    best = torch.topk(products, ${counts.tokens}).indices`,
    "    return [model.to_single_str_token(int(i)) for i in best]",
    "",
    `for i in range(${counts.pairs}):`,
    `    ${ov ? "read, written = W_E @ U[:, i], Vh[i] @ W_U" : "query, key = W_E @ U[:, i], W_E @ Vh[i]"}`,
    // The app's sign: the right direction's largest product is positive.
    `    right = ${ov ? "written" : "key"}`,
    "    sign = 1 if right.max() == right.abs().max() else -1",
    "    for end in (1, -1):",
    `        print(i, S[i].item(), end, tokens_of(sign * end * ${ov ? "read" : "query"}), tokens_of(sign * end * right))`,
  ]);
}

/** Copying and matching scores of all heads, with the eigenvalues of one. */
export function spectraPython(facts: Facts, { layer, head }: Head, circuit: "ov" | "qk"): string {
  const ov = circuit === "ov";
  return program(facts, [
    ov
      ? "M = (model.W_U @ model.W_E).double()  # [d_model, d_model], summed over the vocabulary"
      : "M = (model.W_E.T @ model.W_E).double()  # [d_model, d_model], summed over the vocabulary",
    "",
    "def eigenvalues(layer, head):",
    ov
      ? "    # The nonzero ones of W_E W_V W_O W_U, [d_vocab, d_vocab]"
      : "    # The nonzero ones of W_E W_Q W_K^T W_E^T, [d_vocab, d_vocab]",
    `    left = ${ov ? "model.W_O[layer, head]" : "model.W_K[layer, head].T"}.double()`,
    `    right = ${ov ? "model.W_V[layer, head]" : "model.W_Q[layer, head]"}.double()`,
    "    return torch.linalg.eigvals(left @ M @ right)",
    "",
    "for layer in range(model.cfg.n_layers):",
    "    for head in range(model.cfg.n_heads):",
    "        values = eigenvalues(layer, head)",
    '        print(f"L{layer}H{head}", (values.real.sum() / values.abs().sum()).item())',
    `print(eigenvalues(${layer}, ${head}))`,
  ]);
}

/** The scores of all pairs, of one kind. */
export function compositionPython(facts: Facts, kind: CompositionKind): string {
  const reads = { Q: "QK", K: "QK.transpose(-1, -2)", V: "OV" }[kind];
  return program(facts, [
    "OV = model.W_V @ model.W_O  # [layer, head, d_model, d_model]",
    ...(kind === "V" ? [] : ["QK = model.W_Q @ model.W_K.transpose(-1, -2)"]),
    `reads = ${reads}  # ${kind}-composition`,
    "",
    "for layer in range(model.cfg.n_layers):",
    "    for head in range(model.cfg.n_heads):",
    "        writes = OV[layer, head]",
    "        for later in range(layer + 1, model.cfg.n_layers):",
    "            both = torch.linalg.matrix_norm(writes @ reads[later])",
    "            lengths = torch.linalg.matrix_norm(writes) * torch.linalg.matrix_norm(reads[later])",
    '            print(f"L{layer}H{head} -> layer {later}:", (both / lengths).tolist())',
  ]);
}
