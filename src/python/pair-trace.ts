/** Python of a traced pair of tokens: one run of TransformerLens, taken apart by hand (`math/pair-trace.ts`). */
import type { PairQuestion } from "../core/pair-trace.ts";
import { pyList, pyString } from "./literal.ts";
import { loadModelLines } from "./load-model.ts";
import { pythonText } from "./run.ts";
import type { RunFacts } from "./run-facts.ts";

type Facts = Pick<RunFacts, "model" | "app">;

/** [part at the query, part at the key], whose sum is the score. */
export const scorePython = (facts: Facts, question: PairQuestion): string =>
  pythonText([
    ...runLines(facts, question),
    "q = read(query, model.W_Q[layer, head], model.b_Q[layer, head])",
    "k = read(key, model.W_K[layer, head], model.b_K[layer, head])",
    `scores = q @ k.T${divisors(facts.model)}  # [part at the query, part at the key]`,
    "print(labels)",
    "print(scores)",
    'print(scores.sum().item(), cache[f"blocks.{layer}.attn.hook_attn_scores"][0, head, query, key].item())',
  ]);

/** By part at the key, in logits; the sum is what the head writes of it. */
export const valuePython = (facts: Facts, question: PairQuestion): string =>
  pythonText([
    ...runLines(facts, question),
    ...directionLines(question),
    "toward = toward * model.ln_final.w",
    'toward = (toward - toward.mean()) / cache["ln_final.hook_scale"][0, query]  # LayerNorm at its scale',
    "",
    "v = read(key, model.W_V[layer, head], model.b_V[layer, head])",
    'weight = cache[f"blocks.{layer}.attn.hook_pattern"][0, head, query, key]',
    "values = weight * (v @ model.W_O[layer, head] @ toward)  # [part], logits",
    "for label, value in sorted(zip(labels, values.tolist()), key=lambda part: -abs(part[1])):",
    "    print(label, value)",
    "print(values.sum().item())",
  ]);

const divisors = ({ config }: Facts["model"]): string =>
  (config.scale_attn_weights ? " / model.cfg.d_head**0.5" : "") +
  (config.scale_attn_by_inverse_layer_idx ? " / (layer + 1)" : "");

/** Defines what both take: the run, `labels`, and `read`, which takes a query, key or value apart. */
const runLines = ({ model, app }: Facts, question: PairQuestion): string[] => [
  "# In the checkpoint's own basis: TransformerLens's processing moves biases between the parts.",
  ...loadModelLines(model, "raw", app),
  "",
  `ids = torch.tensor([${pyList(question.ids)}], device=model.cfg.device)`,
  `layer, head, query, key = ${question.layer}, ${question.head}, ${question.query}, ${question.key}`,
  "logits, cache = model.run_with_cache(ids)",
  "",
  'labels = ["embed", "pos_embed"]',
  "for l in range(layer):",
  '    labels += [f"{l}.{h}" for h in range(model.cfg.n_heads)] + [f"MLP {l}"]',
  'labels.append("bias")  # b_O of the layers before, and what the LayerNorm and the head add',
  "",
  "def parts(at):  # what wrote into the stream before the layer, [part, d_model]",
  '    rows = [cache["hook_embed"][0, at], cache["hook_pos_embed"][0, at]]',
  "    for l in range(layer):",
  '        z = cache[f"blocks.{l}.attn.hook_z"][0, at]  # [head, d_head]',
  '        rows += list(torch.einsum("hi,hid->hd", z, model.W_O[l]))',
  '        rows.append(cache[f"blocks.{l}.hook_mlp_out"][0, at])',
  "    rows.append(model.b_O[:layer].sum(dim=0))",
  "    return torch.stack(rows)",
  "",
  "def read(at, W, b):  # the LayerNorm is held at its scale",
  "    x = parts(at)",
  '    scale = cache[f"blocks.{layer}.ln1.hook_scale"][0, at]',
  "    x = (x - x.mean(dim=-1, keepdim=True)) / scale * model.blocks[layer].ln1.w",
  "    x[-1] += model.blocks[layer].ln1.b",
  "    out = x @ W",
  "    out[-1] += b",
  "    return out",
  "",
];

function directionLines({ along }: PairQuestion): string[] {
  if (along === null) {
    return ["toward = model.W_U[:, logits[0, query].argmax()]  # of the likeliest token"];
  }
  if ("token" in along) {
    return [`toward = model.W_U[:, model.to_single_token(${pyString(along.token)})]`];
  }
  const { answers, wrong } = along;
  return [
    `toward = model.W_U[:, ${pyList(answers)}].mean(dim=1)`,
    ...(wrong.length === 0 ? [] : [`toward = toward - model.W_U[:, ${pyList(wrong)}].mean(dim=1)`]),
  ];
}
