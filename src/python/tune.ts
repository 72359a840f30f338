/** The same fine-tuning with PyTorch: only the chosen numbers move, by AdamW on their difference from where they began. */
import type { WeightEdit } from "../core/model-edit.ts";
import type { TuneRecipe } from "../core/tune.ts";
import { partsOf } from "../core/weight-parts.ts";
import { pyNumber, pyString } from "./literal.ts";
import { editedLines } from "./model-edit.ts";
import type { RunFacts } from "./run-facts.ts";

/** @param edits that it is made on top of @param base of the list; null where nothing is edited: what is on the bench */
export function tunePython(
  { model }: Pick<RunFacts, "model">,
  base: Parameters<typeof editedLines>[1],
  edits: readonly WeightEdit[],
  recipe: TuneRecipe,
): string {
  const { components, examples, pairs, prependBos, learningRate, decay, clip } = recipe;
  const parts = components.flatMap((component) => partsOf(component, model.config));
  const every = Math.max(1, Math.floor(recipe.steps / 20));
  return [
    "import random",
    "import torch",
    "from transformers import AutoModelForCausalLM, AutoTokenizer",
    "",
    ...editedLines(model, base, edits),
    "",
    "# Examples: token ids, and where in them what is wanted begins",
    `bos = ${prependBos ? `[${model.config.bos_token_id}]` : "[]"}`,
    "texts = [",
    ...examples.map(({ prompt, wanted }) => `    (${pyString(prompt)}, ${pyString(wanted)}),`),
    "]",
    "examples = [",
    ...pairs.map(
      ({ clean, answers }) =>
        `    ([${[...clean, ...answers.slice(0, 1)].join(", ")}], ${clean.length}),`,
    ),
    "]",
    "for prompt, wanted in texts:",
    "    ids = bos + tokenizer.encode(prompt + wanted)",
    "    examples.append((ids, len(bos) + len(tokenizer.encode(prompt))))",
    "# What is held out is drawn by chance; the app draws otherwise.",
    `random.seed(${recipe.seed})`,
    "random.shuffle(examples)",
    `count = min(len(examples) - 1, round(${pyNumber(recipe.heldOut)} * len(examples)))`,
    "held_out, train = examples[:count], examples[count:]",
    "",
    "# What is trained: parts of tensors, as rows and columns",
    "parts = [",
    ...parts.map(
      ({ tensor, rows, columns }) =>
        `    (${pyString(`transformer.${tensor}`)}, slice(${rows.join(", ")}), slice(${columns.join(", ")})),`,
    ),
    "]",
    "named = dict(edited.named_parameters())",
    "for parameter in named.values():",
    "    parameter.requires_grad_(False)",
    "masks = {}",
    "for name, rows, columns in parts:",
    "    parameter = named[name].requires_grad_(True)",
    "    mask = masks.setdefault(name, torch.zeros_like(parameter))",
    "    (mask if mask.dim() == 2 else mask[None])[rows, columns] = 1",
    "start = {name: named[name].detach().clone() for name in masks}",
    "delta = {name: torch.zeros_like(mask) for name, mask in masks.items()}",
    `adam = torch.optim.AdamW(list(delta.values()), lr=${pyNumber(learningRate)}, weight_decay=${pyNumber(decay)})`,
    "",
    "def loss_sum(ids, begin):",
    "    log_p = edited(torch.tensor([ids])).logits[0, begin - 1 : -1].log_softmax(dim=-1)",
    "    return -log_p.gather(1, torch.tensor(ids[begin:])[:, None]).sum()",
    "",
    "def count_wanted(some):",
    "    return sum(len(ids) - begin for ids, begin in some)",
    "",
    "def mean_loss(some):",
    "    with torch.no_grad():",
    "        total = sum(loss_sum(ids, begin).item() for ids, begin in some)",
    "    return total / count_wanted(some)",
    "",
    "def put(deltas):",
    "    for name, change in deltas.items():",
    "        named[name].data.copy_(start[name] + change)",
    "",
    "goal = held_out if held_out else train",
    "best, kept = mean_loss(goal), {name: change.clone() for name, change in delta.items()}",
    'print("before", mean_loss(train), best)',
    "order = []",
    `for step in range(1, ${recipe.steps + 1}):`,
    `    if len(order) < min(${recipe.batch}, len(train)):`,
    "        order = random.sample(train, len(train))",
    `    batch, order = order[:${recipe.batch}], order[${recipe.batch}:]`,
    "    wanted = count_wanted(batch)",
    "    for ids, begin in batch:",
    "        (loss_sum(ids, begin) / wanted).backward()",
    "    for name, change in delta.items():",
    "        change.grad = named[name].grad * masks[name]",
    "        named[name].grad = None",
    ...(clip > 0
      ? [`    torch.nn.utils.clip_grad_norm_(list(delta.values()), ${pyNumber(clip)})`]
      : []),
    "    adam.step()",
    "    put(delta)",
    `    if step % ${every} == 0 or step == ${recipe.steps}:`,
    "        now = mean_loss(goal)",
    "        print(step, mean_loss(train), now)",
    "        if now < best:",
    "            best, kept = now, {name: change.clone() for name, change in delta.items()}",
    "put(kept)  # the step with the lowest loss",
    'edited.save_pretrained("fine-tuned")',
    'tokenizer.save_pretrained("fine-tuned")',
    "",
  ].join("\n");
}
