/** Python of an SAE's report card: reconstruction, and what the model loses with x̂, 0 or the mean in the activation's place. */
import { pyString } from "./literal.ts";
import { loadModelLines } from "./load-model.ts";
import { IMPORT_SAE, loadSaeLines } from "./load-sae.ts";
import { pythonText } from "./run.ts";
import type { RunFacts, SaeFacts } from "./run-facts.ts";

/** Of the corpus as the app cuts it; see `lab/corpus.ts`. */
export interface ReportFacts {
  contexts: number;
  contextSize: number;
}

/**
 * The figures by their definitions: SAELens's own evals take explained variance and mse otherwise (its issues 659 and 711).
 * The contexts are those that the app measures on.
 */
export function reportPython(
  { app, model }: Pick<RunFacts, "app" | "model">,
  sae: SaeFacts,
  { contexts, contextSize }: ReportFacts,
): string {
  return pythonText([
    ...loadModelLines(model, "raw", app),
    IMPORT_SAE,
    ...loadSaeLines(sae, app),
    `hook = ${pyString(sae.hook)}`,
    "",
    `# Held-out text: the end of the app's corpus, ${app}corpus/lab-corpus.txt (save it beside this file), cut as the app cuts it.`,
    'with open("lab-corpus.txt", encoding="utf-8") as file:',
    '    documents = [text.strip() for text in file.read().split("<|endoftext|>") if text.strip()]',
    "shards, characters = [], 16000",
    "for document in documents:",
    "    if characters >= 16000:",
    "        shards.append([])",
    "        characters = 0",
    "    shards[-1].append(document)",
    "    characters += len(document)",
    "held_out = shards[min(len(shards) - 1, int(0.95 * len(shards) + 0.5)) :]",
    `each = -(-${contexts} // len(held_out))  # contexts of a shard, rounded up`,
    "bos = torch.tensor([model.tokenizer.bos_token_id], device=model.cfg.device)",
    "contexts = []",
    "for shard in held_out:",
    "    stream = torch.cat([torch.cat([bos, model.to_tokens(text, prepend_bos=False, truncate=False)[0]]) for text in shard])[1:]",
    `    for i in range(min(each, len(stream) // ${contextSize - 1})):`,
    `        contexts.append(torch.cat([bos, stream[i * ${contextSize - 1} : (i + 1) * ${contextSize - 1}]]).unsqueeze(0))`,
    `contexts = contexts[:${contexts}]`,
    "",
    "# The first position, BOS, is left as it is and counted nowhere.",
    "read = []",
    "for context in contexts:",
    "    _, cache = model.run_with_cache(context, names_filter=hook)",
    "    read.append(cache[hook][0, 1:])",
    "features = [sae.encode(x) for x in read]",
    "rebuilt = [sae.decode(f) for f in features]",
    "mean = torch.cat(read).mean(dim=0)",
    "x, x_hat = torch.cat(read).flatten(1).double(), torch.cat(rebuilt).flatten(1).double()  # [token, d_in]",
    "f = torch.cat(features)",
    "error, total = (x - x_hat).square().sum(dim=-1), (x - x.mean(dim=0)).square().sum(dim=-1)",
    'print("explained variance", (1 - error.sum() / total.sum()).item(), "as a mean over tokens", (1 - error / total).mean().item())',
    'print("cosine", torch.cosine_similarity(x, x_hat, dim=-1).mean().item())',
    'print("norm ratio", (x_hat.norm(dim=-1) / x.norm(dim=-1)).mean().item())',
    'print("reconstruction bias", (x_hat.square().sum() / (x * x_hat).sum()).item())',
    'print("L0", (f != 0).float().sum(dim=-1).mean().item(), "L1", f.abs().sum(dim=-1).mean().item())',
    "",
    "def losses(logits, clean, context):  # mean CE of the next token and KL(clean || these), nats",
    "    log_probs, plain = logits[0, 1:-1].log_softmax(dim=-1), clean[0, 1:-1].log_softmax(dim=-1)",
    "    ce = torch.nn.functional.cross_entropy(logits[0, 1:-1], context[0, 2:])",
    "    return torch.stack([ce, (plain.exp() * (plain - log_probs)).sum(dim=-1).mean()])",
    "",
    'sums = {name: torch.zeros(2, device=model.cfg.device) for name in ["clean", "sae", "zero", "mean"]}',
    "for context, instead in zip(contexts, rebuilt):",
    "    clean = model(context)",
    '    sums["clean"] += losses(clean, clean, context)',
    '    for name, to in [("sae", instead), ("zero", torch.zeros_like(instead)), ("mean", mean.expand_as(instead))]:',
    "        def replace(value, hook, to=to):",
    "            value[0, 1:] = to",
    "            return value",
    "",
    "        logits = model.run_with_hooks(context, fwd_hooks=[(hook, replace)])",
    "        sums[name] += losses(logits, clean, context)",
    "of = {name: (both / len(contexts)).tolist() for name, both in sums.items()}  # CE, KL",
    "print(of)",
    'for name in ["zero", "mean"]:',
    '    lost = of[name][0] - of["clean"][0]',
    '    print("against", name, "CE score", (of[name][0] - of["sae"][0]) / lost, "KL score", 1 - of["sae"][1] / of[name][1])',
  ]);
}
