/** The same edits of weights on a Hugging Face GPT2LMHeadModel, and how far they move it on text. */
import { type EditedBase, weightEditName, type WeightEdit } from "../core/model-edit.ts";
import { biasPlace, writesBy } from "../core/weight-parts.ts";
import { onOneLine, pyNumber, pyString } from "./literal.ts";
import type { RunFacts } from "./run-facts.ts";

const LONGEST = 128;

type Base = Pick<EditedBase, "id" | "source" | "revision" | "commit"> | null;
type Facts = Pick<RunFacts, "app" | "model">;

/** @param base of the list; null where nothing is edited: what is on the bench */
export function driftPython(
  { app, model }: Facts,
  base: Base,
  edits: readonly WeightEdit[],
  contexts: number,
): string {
  const length = Math.min(LONGEST, model.config.n_positions);
  return [
    "import torch",
    "from transformers import AutoModelForCausalLM, AutoTokenizer",
    "",
    "torch.set_grad_enabled(False)",
    ...folderLine(base ?? model),
    `base = AutoModelForCausalLM.from_pretrained(${fromOf(base ?? model)}).float()`,
    ...editedLines(model, base, edits),
    "",
    `# Text: the app's corpus, ${app}corpus/lab-corpus.txt (save it beside this file).`,
    `# The app takes ${contexts} contexts of ${length} tokens of its held-out part; here they begin with a document each, so digits differ.`,
    'with open("lab-corpus.txt", encoding="utf-8") as file:',
    '    documents = [text.strip() for text in file.read().split("<|endoftext|>") if text.strip()]',
    `documents = documents[-${contexts}:]`,
    "",
    "loss, kl, count = 0.0, 0.0, 0",
    "for document in documents:",
    `    ids = torch.tensor([[${model.config.bos_token_id}] + tokenizer.encode(document)[: ${length - 1}]])`,
    "    q = base(ids).logits[0, :-1].double().log_softmax(dim=-1)",
    "    p = edited(ids).logits[0, :-1].double().log_softmax(dim=-1)",
    "    loss -= p.gather(1, ids[0, 1:, None]).sum().item()",
    "    kl += (q.exp() * (q - p)).sum().item()",
    "    count += ids.shape[1] - 1",
    'print("perplexity", torch.tensor(loss / count).exp().item(), "KL from the base", kl / count)',
    "",
  ].join("\n");
}

/** What from_pretrained is given. */
function fromOf({ id, source, revision, commit }: NonNullable<Base>): string {
  if (source !== "hub") return pyString(id.split("/").at(-1)!);
  const at = commit ?? (revision === "main" ? null : revision);
  return `${pyString(id)}${at === null ? "" : `, revision=${pyString(at)}`}`;
}
const folderLine = ({ source }: NonNullable<Base>): string[] =>
  source === "hub"
    ? []
    : ["# The folder with the base's config.json, model.safetensors and tokenizer.json:"];

/** Defines `tokenizer`, and `edited` with the edits that are switched on. */
export function editedLines(
  model: Facts["model"],
  base: Base,
  edits: readonly WeightEdit[],
): string[] {
  const from = fromOf(base ?? model);
  const active = edits.filter(({ on }) => on);
  const tokenizer = `tokenizer = AutoTokenizer.from_pretrained(${from})`;
  if (active.some(({ kind }) => kind === "tuned")) {
    return [
      tokenizer,
      "# What was fine-tuned is in the checkpoint that the app exports; so are the other edits:",
      ...active.map((edit) => `#   ${onOneLine(weightEditName(edit))}`),
      'edited = AutoModelForCausalLM.from_pretrained("the-exported-folder").float()',
    ];
  }
  return [
    tokenizer,
    `edited = AutoModelForCausalLM.from_pretrained(${from}).float()`,
    ...(active.length === 0 ? [] : ["blocks = edited.transformer.h"]),
    ...active.flatMap((edit) => ["", ...editLines(edit, model.config)]),
  ];
}

type Sizes = Parameters<typeof biasPlace>[1];

/** One edit in place. */
function editLines(edit: WeightEdit, config: Sizes): string[] {
  const name = `# ${onOneLine(weightEditName(edit))}`;
  if (edit.kind === "tuned") return [];
  if (edit.kind === "bias") {
    const { tensor, columns, through } = biasPlace(edit, config);
    const [, layer, part] = /^h\.(\d+)\.([\w.]+)\.bias$/.exec(tensor)!;
    const changed = part === "attn.c_attn" ? `[${columns.join(":")}]` : "";
    const rows = through && edit.head !== undefined ? `[${through.rows.join(":")}]` : "";
    return [
      name,
      `out = blocks[${layer}].${part}`,
      `vector = ${vector(edit.vector)}`,
      `out.bias.data${changed} += ${pyNumber(edit.amount)} * ${through ? `(vector @ out.weight.data${rows})` : "vector"}`,
    ];
  }
  const { target } = edit;
  const { rows, whole } = writesBy(target, config);
  const isMlp = target.kind === "mlp" || target.kind === "neuron";
  const out = `out = blocks[${target.layer}].${isMlp ? "mlp" : "attn"}.c_proj`;
  const at = `out.weight.data[${rows[0]}:${rows[1]}]`;
  if (edit.kind === "scale") {
    const factor = pyNumber(edit.factor);
    return [name, out, `${at} *= ${factor}`, ...(whole ? [`out.bias.data *= ${factor}`] : [])];
  }
  const mean = vector(edit.mean);
  const bias = whole ? `out.bias.data[:] = ${mean}` : `out.bias.data += ${mean} @ ${at}`;
  return [name, out, bias, `${at} *= 0`];
}

const vector = (values: readonly number[]) => `torch.tensor([${values.map(pyNumber).join(", ")}])`;
